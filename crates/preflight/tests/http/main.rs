//! The fetcher against servers that lie, stall and break: what it answers, and what that costs.
//!
//! Most of it runs over in-memory connections in virtual time, so that a five-second timeout takes
//! no time and means exactly five seconds. What only a kernel can do (resets, what is acknowledged,
//! which address was dialled) runs over TCP on loopback.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod anything;
mod bodies;
mod connections;
mod counts;
mod crowd;
mod doubt;
mod download;
mod frugality;
mod guard;
mod heads;
mod jumps;
mod keeping;
mod kernel;
mod namespace;
mod ranges;
mod redirects;
mod retries;
mod sharing;
mod shortages;
mod statuses;
mod support;
mod tls;
