//! See [`properties::formats`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::formats(data));
