//! The content stage before it decodes: memory, and the codings that it tells apart.
#![cfg(feature = "decode")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

use gate::{Code, DecodeMemory, Finding, Gate, Number, Outcome, Profile, Report, Stage};
use testkit::{Bmp, Ihdr, Jpeg, Png, Sof, Vp8, Vp8l, Vp8x, Webp};

#[track_caller]
fn finding(report: &Report, code: Code) -> &Finding {
    let mut found = report
        .findings()
        .iter()
        .filter(|finding| finding.code == code);
    found.next().unwrap_or_else(|| panic!("{code}: {report:?}"))
}

fn examined(bytes: &[u8], memory: impl Into<DecodeMemory>) -> Report {
    let any = Profile::builder("any").build().unwrap();
    let gate = Gate::builder(any).decode(memory).build();
    gate.screen_bytes(bytes.to_vec()).into_report()
}

/// Bytes beside the file, and beside the megabyte that everything takes.
#[test]
fn the_memory_that_decoding_takes_is_told_before_anything_is_decoded() {
    const MEGABYTE: u64 = 1 << 20;
    let webp = |flags, kind: fn(Webp) -> Webp| {
        let canvas = Vp8x {
            flags,
            ..Vp8x::new(100, 50)
        };
        kind(Webp::new().vp8x(canvas)).build()
    };
    let lossy = |webp: Webp| webp.vp8(Vp8::new(100, 50), &[0; 20]);
    let animated = |webp: Webp| {
        let frame = [&[0; 6][..], &[99, 0, 0, 49, 0, 0], &[0; 4]].concat();
        let image = Webp::new().vp8(Vp8::new(100, 50), &[0; 20]).build();
        webp.chunk(*b"ANIM", &[0; 6])
            .chunk(*b"ANMF", &[&frame[..], &image[12..]].concat())
    };
    let alpha = |webp: Webp| {
        webp.chunk(*b"ALPH", &[0; 20])
            .vp8(Vp8::new(100, 50), &[0; 20])
    };
    let jpeg = |width, height| {
        Jpeg::new()
            .dqt()
            .sof(Sof::Progressive, width, height)
            .sos()
            .junk(&[0; 40])
            .eoi()
            .build()
    };
    for (what, file, decoding) in [
        // A bit for each of 64 coefficients of the blocks of four components.
        ("a JPEG of 1 px", jpeg(1, 1), 512),
        ("a JPEG of 32 px", jpeg(32, 32), 512),
        ("a JPEG of 33 x 65 px", jpeg(33, 65), 6 * 512),
        (
            "a PNG",
            Png::new().ihdr(Ihdr::new(500, 600)).iend().build(),
            0,
        ),
        (
            "lossy",
            Webp::new().vp8(Vp8::new(100, 50), &[0; 20]).build(),
            5 * 5_000,
        ),
        (
            "lossless",
            Webp::new().vp8l(Vp8l::new(100, 50), &[0; 20]).build(),
            8 * 5_000,
        ),
        ("extended", webp(0, lossy), 8 * 5_000),
        (
            "with EXIF and a profile",
            webp(Vp8x::EXIF | Vp8x::ICC, lossy),
            8 * 5_000,
        ),
        ("with alpha", webp(Vp8x::ALPHA, alpha), 11 * 5_000),
        ("animated", webp(Vp8x::ANIMATION, animated), 16 * 5_000),
        (
            "animated, with alpha",
            webp(Vp8x::ANIMATION | Vp8x::ALPHA, animated),
            16 * 5_000,
        ),
    ] {
        let needed = file.len() as u64 + decoding + MEGABYTE;
        let report = examined(&file, needed - 1);
        let found = finding(&report, Code::DecodeLimit);
        let numbers = (found.measured, found.limit);
        let expected = (Some(Number::Whole(needed)), Some(Number::Whole(needed - 1)));
        assert_eq!(numbers, expected, "{what}: {report:?}");
        assert_eq!(
            (report.outcome(), report.stage()),
            (Outcome::Unknown, Stage::Content)
        );
        let enough = examined(&file, needed);
        let is_begun = enough
            .findings()
            .iter()
            .all(|it| it.code != Code::DecodeLimit);
        assert!(is_begun, "{what}: {enough:?}");
    }
}

#[test]
fn a_ceiling_is_the_one_that_was_asked_for() {
    let memory = DecodeMemory::from(123_456);
    assert_eq!((memory.limit(), memory.used()), (123_456, 0));
    assert_eq!(DecodeMemory::default().limit(), DecodeMemory::DEFAULT);
}

/// A bitmap of 4 x 2 px in each coding.
#[test]
fn each_coding_of_a_bitmap_is_judged_or_said_to_be_unknown() {
    let whole = &[4, 7, 0, 0, 4, 7, 0, 1][..];
    let indexed = |height, bits, compression, pixels: &[u8]| {
        Bmp::new(4, height)
            .bits(bits)
            .compression(compression)
            .palette(&[0; 64])
            .pixels(pixels)
            .build()
    };
    for (what, file, code) in [
        ("24 bits", Bmp::new(4, 2).build(), None),
        ("24 bits, top-down", Bmp::new(4, -2).build(), None),
        ("32 bits", Bmp::new(4, 2).bits(32).build(), None),
        ("16 bits", Bmp::new(4, 2).bits(16).build(), None),
        ("OS/2", Bmp::new(4, 2).dib_size(12).build(), None),
        ("8 bits, runs", indexed(2, 8, 1, whole), None),
        ("4 bits, runs", indexed(2, 4, 2, whole), None),
        (
            "8 bits, cut",
            indexed(2, 8, 1, &whole[..5]),
            Some(Code::BodyTruncated),
        ),
        (
            "4 bits, cut",
            indexed(2, 4, 2, &whole[..5]),
            Some(Code::BodyTruncated),
        ),
        (
            "an odd run of 8 bits",
            indexed(2, 8, 1, &[0, 0, 5, 7, 0, 1]),
            Some(Code::DecoderLacks),
        ),
        (
            "an odd run of 4 bits",
            indexed(2, 4, 2, &[0, 0, 5, 7, 0, 1]),
            None,
        ),
        (
            "runs from the top down",
            indexed(-2, 8, 1, whole),
            Some(Code::DecoderLacks),
        ),
        (
            "runs of 4 bits from the top down",
            indexed(-2, 4, 2, whole),
            Some(Code::DecoderLacks),
        ),
    ] {
        let report = examined(&file, DecodeMemory::default());
        let codes: Vec<_> = report.errors().map(|finding| finding.code).collect();
        assert_eq!(codes, Vec::from_iter(code), "{what}: {report:?}");
    }
}

#[test]
fn the_chunk_that_is_changed_is_told_with_the_byte_where_it_ends() {
    let before = Png::new().ihdr(Ihdr::new(9, 9)).chunk(*b"PLTE", &[1; 6]);
    let place = before.len();
    let changed = before.flip_last_bit().idat_blank(27, 9).iend().build();
    let report = examined(&changed, DecodeMemory::default());
    let found = finding(&report, Code::Undecodable);
    let words = format!("of the PLTE chunk that ends at byte {place}");
    assert!(found.message.contains(&words), "{}", found.message);
}
