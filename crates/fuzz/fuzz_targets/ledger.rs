//! See [`properties::ledger`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::ledger(data));
