//! Tests of the command, run as a process.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod bounds;
mod cmd;
#[cfg(unix)]
mod hostile;
mod html;
mod inputs;
mod packaging;
mod paid;
mod reports;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod words;
