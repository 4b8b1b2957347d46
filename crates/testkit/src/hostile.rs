//! Files that keep readers busy: legal or nearly so, and as long as somebody cares to send.
//!
//! Each has brought a published reader to seconds of work or gigabytes of reading for ten megabytes
//! of file.

use crate::{Jpeg, Vp8x, Webp};

/// A file that goes on and on, by name.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// What it is made of.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// All of them, each of `len` bytes or a little more.
#[must_use]
pub fn all(len: usize) -> Vec<Hostile> {
    let file = |name, bytes| Hostile { name, bytes };
    vec![
        file(
            "empty comments",
            repeat(Jpeg::new().build(), b"\xFF\xFE\0\x02", len),
        ),
        file(
            "short comments",
            repeat(Jpeg::new().build(), b"\xFF\xFE\0\0", len),
        ),
        file(
            "restart markers",
            repeat(Jpeg::new().build(), b"\xFF\xD0", len),
        ),
        file(
            "zeros behind a comment",
            repeat(Jpeg::new().com(b"").build(), &[0], len),
        ),
        file("stuffed bytes", repeat(Jpeg::new().build(), b"\xFF\0", len)),
        file("fill bytes", repeat(Jpeg::new().build(), &[0xFF], len)),
        file(
            "full segments",
            repeat(Jpeg::new().build(), &full_segment(), len),
        ),
        file("chunks of no bytes", tiny_chunks(len)),
        file("text", repeat(b"BM".to_vec(), b"W makes cars. ", len)),
        file("zeros", vec![0; len]),
    ]
}

fn full_segment() -> Vec<u8> {
    Jpeg::headless().app(1, b"", 65_533).build()
}

fn tiny_chunks(len: usize) -> Vec<u8> {
    let chunks = Webp::new().vp8x(Vp8x {
        flags: Vp8x::EXIF,
        ..Vp8x::new(640, 480)
    });
    let size = len as u32 - 8;
    repeat(chunks.riff_size(size).build(), b"XYZW\0\0\0\0", len)
}

fn repeat(mut head: Vec<u8>, unit: &[u8], len: usize) -> Vec<u8> {
    while head.len() < len {
        head.extend(unit);
    }
    head
}
