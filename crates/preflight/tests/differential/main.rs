//! The probe against `image` and `imagesize`: over all fixtures, and over generated headers. Where
//! they differ, `fixtures/disagreements.toml` says why.
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test shows its counts, and its helpers may"
)]

mod fixtures;
mod generated;
mod peers;
