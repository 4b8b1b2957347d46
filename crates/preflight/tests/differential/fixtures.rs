//! The probe against `image` and `imagesize`, over everything that is at hand, with the written list
//! of their mistakes.

use std::collections::BTreeSet;
use std::io::Cursor;

use image::ImageReader;
use preflight::{Content, probe_bytes};
use testkit::manifest;

/// Sound fixtures for which `imagesize` 0.15 has no size or a wrong one, with the reason.
const IMAGESIZE: &[(&str, &str)] = &[
    (
        "gallery/chloe-topdown.bmp",
        "reads a negative height as 4,294,966,888",
    ),
    (
        "headers/bmp-core.bmp",
        "reads the 16-bit sides of a CORE header as 32-bit ones",
    ),
    (
        "headers/bmp-rle8-top-down.bmp",
        "reads a negative height as 4,294,967,276",
    ),
    (
        "headers/bmp-top-down.bmp",
        "reads a negative height as 4,294,967,276",
    ),
    (
        "headers/jpeg-app1-length-0.jpg",
        "steps back over a segment of length 0",
    ),
    (
        "headers/jpeg-com-length-0.jpg",
        "steps back over a segment of length 0",
    ),
    (
        "headers/jpeg-com-length-1.jpg",
        "steps back over a segment of length 1",
    ),
    (
        "headers/jpeg-fill-bytes.jpg",
        "takes a fill byte for a marker",
    ),
    (
        "headers/jpeg-junk-before-fill.jpg",
        "knows no bytes outside of segments",
    ),
    (
        "headers/jpeg-junk-ff00.jpg",
        "knows no bytes outside of segments",
    ),
    (
        "headers/jpeg-junk-one-byte.jpg",
        "knows no bytes outside of segments",
    ),
    (
        "headers/jpeg-standalone-markers.jpg",
        "reads a length behind RSTn and TEM",
    ),
    ("headers/png-cgbi.png", "reads Apple's chunk as IHDR"),
    (
        "headers/webp-vp8-scaled.webp",
        "takes the scale for a part of the sides",
    ),
];

/// Sound fixtures for which `image` 0.25 has a wrong size, with the reason.
const IMAGE: &[(&str, &str)] = &[(
    "headers/webp-vp8l-16384x16384.webp",
    "masks the side after adding one, and has 0 x 0",
)];

fn by_imagesize(bytes: &[u8]) -> Option<(u64, u64)> {
    let size = imagesize::blob_size(bytes).ok()?;
    Some((size.width as u64, size.height as u64))
}

fn by_image(bytes: &[u8]) -> Option<(u64, u64)> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    reader
        .into_dimensions()
        .ok()
        .map(|(width, height)| (width.into(), height.into()))
}

fn by_us(bytes: &[u8]) -> Option<(u64, u64)> {
    match probe_bytes(bytes).content {
        Content::Image(header) => Some((header.width.into(), header.height.into())),
        _ => None,
    }
}

#[test]
fn imagesize_is_wrong_where_it_is_listed_and_nowhere_else() {
    let mut compared = 0;
    let mut differing = BTreeSet::new();
    for row in &manifest::load().files {
        let bytes = row.read();
        if let Some(size) = by_us(&bytes) {
            compared += 1;
            if by_imagesize(&bytes) != Some(size) {
                differing.insert(row.path.clone());
            }
        }
    }
    assert!(compared > 60, "{compared}");
    let listed: BTreeSet<_> = IMAGESIZE
        .iter()
        .map(|(path, _)| (*path).to_owned())
        .collect();
    assert_eq!(differing, listed);
}

/// It reads on to the pixels, which the fixtures that are headers only do not have: there it may
/// have no size, but not another one.
#[test]
fn image_is_wrong_where_it_is_listed_and_nowhere_else() {
    let mut compared = 0;
    let mut differing = BTreeSet::new();
    for row in &manifest::load().files {
        let bytes = row.read();
        if let Some(size) = by_us(&bytes) {
            let theirs = by_image(&bytes);
            if theirs.is_none() && row.path.starts_with("headers") {
                continue;
            }
            compared += 1;
            if theirs != Some(size) {
                differing.insert(row.path.clone());
            }
        }
    }
    assert!(compared > 40, "{compared}");
    let listed: BTreeSet<_> = IMAGE.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(differing, listed);
}
