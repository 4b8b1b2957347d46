//! See [`properties::transfers`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::transfers(data));
