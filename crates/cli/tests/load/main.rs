//! The command under load: many URLs on many hosts, hostile servers at once, and many files. Every
//! input must come to exactly one line of the report, and what the process takes must not follow from
//! how many there are.
//!
//! `cargo test -p preflight-emo-cli --test load -- --ignored --nocapture --test-threads 1`. The size is in the
//! environment: `LOAD_URLS` (2,000) on `LOAD_HOSTS` (100) hosts; as many hosts, nine of ten hostile, for
//! `LOAD_SECONDS` (4); and `LOAD_FILES` (5,000) files. The files are hard links: `TMPDIR` must be on a file system that has them.
#![cfg(target_os = "linux")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod files;
mod measured;
#[path = "../support/mod.rs"]
mod support;
mod urls;
