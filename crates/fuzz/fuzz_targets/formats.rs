//! See [`properties::formats`]. It says how often it has probed a file.

#![no_main]
#![allow(clippy::print_stderr, reason = "libFuzzer writes there as well")]

/// Probes between two lines.
const A_LINE: u64 = 50_000_000;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let before = properties::probed() / A_LINE;
    properties::formats(data);
    let after = properties::probed() / A_LINE;
    if after > before {
        eprintln!("{} probes", after * A_LINE);
    }
});
