//! The probe against `image` and `imagesize`: over all fixtures, and over generated headers. Where
//! they differ, `fixtures/disagreements.toml` says why.
#![allow(clippy::print_stdout, reason = "a test shows its counts")]

mod fixtures;
mod generated;
mod peers;
