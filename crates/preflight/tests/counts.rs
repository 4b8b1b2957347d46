//! What each kind of file costs: bytes and reads, exactly. `frugality` shows that they are counted
//! rightly, and `http/counts` has the same of URLs.

use std::fs;

use preflight::probe_file;
use testkit::{Bmp, Jpeg, Png, Sof, Vp8l, Vp8x, Webp, photos};

/// A kind of file, its start, and the bytes and reads that it takes to say what it is.
type Row = (&'static str, Vec<u8>, u64, u32);

fn rows() -> Vec<Row> {
    let jpeg = |metadata: &[usize]| {
        let first = Jpeg::new();
        let segments = metadata
            .iter()
            .fold(first, |jpeg, &len| jpeg.app1(photos::EXIF, len));
        segments.dqt().sof(Sof::Baseline, 800, 600).build()
    };
    let vp8x = Webp::new().vp8x(Vp8x {
        flags: Vp8x::ICC,
        ..Vp8x::new(400, 500)
    });
    vec![
        (
            "PNG",
            Png::new().ihdr(testkit::Ihdr::new(400, 500)).build(),
            4096,
            1,
        ),
        ("BMP", Bmp::new(400, 500).build(), 4096, 1),
        (
            "WebP",
            Webp::new().vp8l(Vp8l::new(400, 500), &[0; 90_000]).build(),
            4096,
            1,
        ),
        (
            "WebP, behind a profile",
            vp8x.chunk(*b"ICCP", &[0; 90_000]).build(),
            4096,
            1,
        ),
        ("JPEG", jpeg(&[]), 4096, 1),
        ("JPEG, metadata of 2 KB", jpeg(&[2_000]), 4096, 1),
        ("JPEG, metadata of 30 KB", jpeg(&[30_000]), 4608, 2),
        ("JPEG, metadata of 300 KB", jpeg(&[60_000; 5]), 6656, 6),
        ("GIF", b"GIF89a\x40\x01\xC8\0\0\0".into(), 4096, 1),
        (
            "TIFF, its directory at the end",
            b"II\x2A\0\0\0\0\x7F".into(),
            4096,
            1,
        ),
        (
            "HEIC, its size further behind",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".into(),
            16_384,
            2,
        ),
        ("HTML", b"<!DOCTYPE html><html>".into(), 4096, 1),
        ("text", "a line of it\n".repeat(10).into(), 4096, 1),
        ("binary data", b"\x7F\x01\x02\x03".into(), 4096, 1),
        ("zeros", vec![0], 16_384, 2),
    ]
}

#[test]
fn every_kind_of_file_costs_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mut found = Vec::new();
    let mut expected = Vec::new();
    for (name, mut file, bytes, reads) in rows() {
        // More than any step reads: of text lines, of all else zeros.
        let filler = if name == "text" { b'\n' } else { 0 };
        file.resize(file.len() + 20_000, filler);
        fs::write(&path, &file).unwrap();
        let probed = probe_file(&path).unwrap();
        found.push((name, probed.bytes_read, probed.reads));
        expected.push((name, bytes, reads));
    }
    assert_eq!(found, expected);
}
