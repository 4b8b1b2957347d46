//! Each fault of a header is told at the byte where it stands, and each bound is met on both sides.
//!
//! The offsets are counted here from the formats' own layouts, not taken from the probe.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bmp;
mod far;
mod jpeg;
mod png;
mod webp;

use preflight::{Content, Defect, Header, probe_bytes};

#[track_caller]
fn broken(file: &[u8]) -> (Defect, u64) {
    match probe_bytes(file).content {
        Content::Broken(error) => (error.defect, error.offset),
        other => panic!("expected a broken header, but found {other:?}"),
    }
}

#[track_caller]
fn header(file: &[u8]) -> Header {
    match probe_bytes(file).content {
        Content::Image(header) => header,
        other => panic!("expected an image, but found {other:?}"),
    }
}

fn set<const N: usize>(mut file: Vec<u8>, at: usize, bytes: [u8; N]) -> Vec<u8> {
    file[at..at + N].copy_from_slice(&bytes);
    file
}
