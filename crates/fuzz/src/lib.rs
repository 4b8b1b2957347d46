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

use std::fs;
use std::path::Path;

mod addresses;
mod answers;
mod content;
mod cuts;
mod draw;
mod formats;
mod ledger_file;
mod naming;
mod net;
mod replies;
mod rows;
mod urls;

#[path = "../../preflight/tests/shared/mod.rs"]
mod shared;

pub use addresses::addresses;
pub use answers::answers;
pub use content::{content, endings};
pub use cuts::{cuts, probed};
pub use formats::formats;
pub use ledger_file::ledger;
pub use naming::naming;
pub use replies::{replies, transfers};
pub use rows::rows;
pub use urls::urls;

/// A property: it takes any bytes, and panics where it does not hold.
pub type Property = fn(&[u8]);

/// Every property, by the name of its target.
pub const ALL: [(&str, Property); 13] = [
    ("probe", probe),
    ("cuts", cuts),
    ("formats", formats),
    ("naming", naming),
    ("content", content),
    ("endings", endings),
    ("urls", urls),
    ("addresses", addresses),
    ("replies", replies),
    ("transfers", transfers),
    ("answers", answers),
    ("ledger", ledger),
    ("rows", rows),
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

/// What fuzzers found that a property runs otherwise on: the files of a target's corpus, by name.
///
/// # Panics
///
/// The target has no corpus.
#[must_use]
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let files = fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read(path).expect("a readable file"))
        .collect()
}
