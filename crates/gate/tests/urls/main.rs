//! What a server does, and what is said of the image: outcome, stage and code, one row each.
//!
//! The servers are in memory and the time is virtual. What the fetcher makes of a server is tested
//! where the fetcher is; here it is what a person reads of it.
#![cfg(feature = "http")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[cfg(feature = "decode")]
mod decode;
mod remarks;
mod stores;
mod support;
mod table;
#[cfg(feature = "decode")]
mod whole;
