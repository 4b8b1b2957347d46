//! The answer does not depend on how the bytes arrive, errors included; and nothing panics.
//!
//! The property is the one of `tests/chunking.rs`. The first byte of the input says how many of the
//! next ones are lengths of windows; the rest is the file:
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run any_way_the_same --fuzz-dir crates/preflight/fuzz`

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/shared/mod.rs"]
mod shared;

fuzz_target!(|input: &[u8]| {
    let Some((count, rest)) = input.split_first() else {
        return;
    };
    let (sizes, file) = rest.split_at(rest.len().min(usize::from(count % 5) + 1));
    shared::any_way_the_same(file, sizes);
});
