//! Objects of stores: `s3://bucket/key`, and all below a prefix, from the list to the hand-off.
//!
//! A store in memory answers as S3 does, and as S3 does when something is wrong. What a real one
//! thinks of our signatures is asked of moto, by a test that needs Python and is ignored unless asked
//! for.
#![cfg(feature = "stores")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod moto;
mod paid;
mod prefixes;
mod refusals;
mod setup;
