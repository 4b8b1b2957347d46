//! The documents: what they show is what the command prints, and what is generated is up to date.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod console;
mod pages;
mod python;
mod readme;
#[cfg(unix)]
mod recipes;
#[path = "../support/mod.rs"]
mod support;
