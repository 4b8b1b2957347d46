//! The paid stage against the stand-in, whose own bill is the truth about what was spent.
#![cfg(feature = "remote")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may"
)]

mod halts;
mod handoff;
mod handshakes;
mod line;
mod money;
mod run;
mod service;
mod sources;
mod support;
mod verdicts;
