//! Properties that hold for any bytes. A fuzzer runs each as a target of its name; the tests run all
//! of them over every fixture, whole, cut and damaged. See the README.
//!
//! A property fails by a panic.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a property fails by a panic"
)]

mod answers;
mod content;
mod formats;
mod ledger_file;
mod replies;
mod urls;

#[path = "../../preflight/tests/shared/mod.rs"]
mod shared;

pub use answers::answers;
pub use content::content;
pub use formats::formats;
pub use ledger_file::ledger;
pub use replies::replies;
pub use urls::urls;

/// A property: it takes any bytes, and panics where it does not hold.
pub type Property = fn(&[u8]);

/// Every property, by the name of its target.
pub const ALL: [(&str, Property); 7] = [
    ("probe", probe),
    ("formats", formats),
    ("content", content),
    ("urls", urls),
    ("replies", replies),
    ("answers", answers),
    ("ledger", ledger),
];

/// What a file is does not depend on how its bytes arrive, and no bytes make the probe panic. The
/// first byte says how many of the next ones are lengths of windows; the rest is the file.
pub fn probe(data: &[u8]) {
    let Some((count, rest)) = data.split_first() else {
        return;
    };
    let (sizes, file) = rest.split_at(rest.len().min(usize::from(count % 5) + 1));
    shared::any_way_the_same(file, sizes);
}
