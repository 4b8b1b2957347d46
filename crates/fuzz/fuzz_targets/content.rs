//! See [`properties::content`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::content(data));
