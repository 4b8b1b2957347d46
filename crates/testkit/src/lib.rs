//! What this project's tests and benches are made of: byte builders for every header, sound or
//! broken, drawn portraits, photographs' metadata, and the loader of `fixtures/manifest.toml`.
//!
//! It shares no code with what it tests: it depends on none of the other crates, and writes every
//! format from its specification. The builders write what they are told, lies included; a file is
//! only as sound as the calls that built it.
//!
//! A test helper that fails panics, which fails the test that called it.
#![expect(
    clippy::expect_used,
    reason = "a test helper fails its test by panicking"
)]

pub mod bmp;
pub mod counts;
pub mod crowd;
pub mod disagreements;
pub mod fixtures;
pub mod footprint;
pub mod headers;
pub mod hostile;
pub mod jpeg;
pub mod manifest;
pub mod photos;
pub mod png;
pub mod portrait;
pub mod random;
pub mod s3;
pub mod server;
pub mod webp;
pub mod world;

pub use crate::bmp::Bmp;
pub use crate::crowd::Crowd;
pub use crate::footprint::Footprint;
pub use crate::jpeg::{Frame, Jpeg, Sof};
pub use crate::png::{Ihdr, Png};
pub use crate::portrait::Portrait;
pub use crate::server::Server;
pub use crate::webp::{Vp8, Vp8l, Vp8x, Webp};
