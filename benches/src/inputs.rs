//! Whole images that every reader gets right, of each format, without and with large metadata.

use testkit::manifest;
use testkit::photos::EXIF;
use testkit::{Jpeg, Vp8x, Webp};

/// An image to read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Input {
    /// What it is.
    pub name: &'static str,
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Width and height in px.
    pub size: (u32, u32),
}

/// Every input.
///
/// # Panics
///
/// If a fixture is missing.
#[must_use]
pub fn inputs() -> Vec<Input> {
    let jpeg = gallery("anna.jpg");
    let webp = gallery("ivan.webp");
    vec![
        input("jpeg", &jpeg),
        input("jpeg, 30 KB of metadata", &behind_soi(&jpeg, one_segment())),
        input(
            "jpeg, 300 KB of metadata",
            &behind_soi(&jpeg, full_segments()),
        ),
        input("png", &gallery("elif.png")),
        input("bmp", &gallery("bruno.bmp")),
        input("webp, lossy", &gallery("hana.webp")),
        input("webp, lossless", &webp),
        input("webp, extended, 300 KB of metadata", &extended(&webp)),
    ]
}

fn gallery(name: &str) -> Vec<u8> {
    let path = manifest::folder().join("gallery").join(name);
    #[expect(clippy::expect_used, reason = "benches run in a checkout")]
    std::fs::read(path).expect("the gallery is there")
}

fn input(name: &'static str, bytes: &[u8]) -> Input {
    // The decoder's word, not a header reader's.
    #[expect(clippy::expect_used, reason = "the gallery decodes, its tests say so")]
    let decoded = image::load_from_memory(bytes).expect("a decodable image");
    Input {
        name,
        bytes: bytes.to_vec(),
        size: (decoded.width(), decoded.height()),
    }
}

/// What half of all cameras write: EXIF with a thumbnail.
fn one_segment() -> Jpeg {
    Jpeg::headless().app1(EXIF, 30_000)
}

/// What makers of depth maps and thermal cameras write: a run of full segments.
fn full_segments() -> Jpeg {
    (0..5).fold(Jpeg::headless(), |jpeg, _| jpeg.app(4, b"maker\0", 60_000))
}

fn behind_soi(jpeg: &[u8], segments: Jpeg) -> Vec<u8> {
    let (soi, rest) = jpeg.split_at(2);
    [soi, &segments.build(), rest].concat()
}

/// A lossless image in an extended container, behind a large ICC profile.
fn extended(webp: &[u8]) -> Vec<u8> {
    let image = webp.get(20..).unwrap_or_default();
    Webp::new()
        .vp8x(Vp8x {
            flags: Vp8x::ICC,
            ..Vp8x::new(480, 640)
        })
        .chunk(*b"ICCP", &[0; 300_000])
        .chunk(*b"VP8L", image)
        .build()
}
