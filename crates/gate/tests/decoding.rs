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

/// Passes, or is refused for this in words that hold these.
#[track_caller]
fn assert_told(what: &str, file: &[u8], refusal: Option<(Code, &str)>) {
    let report = examined(file, DecodeMemory::default());
    let errors: Vec<_> = report.errors().collect();
    match (&errors[..], refusal) {
        ([], None) => {}
        ([found], Some((code, words))) if found.code == code => {
            assert!(found.message.contains(words), "{what}: {}", found.message);
        }
        _ => panic!("{what}: {errors:?}"),
    }
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
        // A WebP is copied.
        let copies = if file.starts_with(b"RIFF") { 2 } else { 1 };
        let needed = copies * file.len() as u64 + decoding + MEGABYTE;
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

/// A chunk's compressed pixels: stored blocks, each with its bytes, and what stands behind them.
fn pixels(blocks: &[usize], behind: &[u8]) -> Vec<u8> {
    let mut data = vec![0x78, 0x01];
    for &len in blocks {
        let len = u16::try_from(len).unwrap();
        data.push(0);
        data.extend(len.to_le_bytes());
        data.extend((!len).to_le_bytes());
        data.extend(vec![0; len.into()]);
    }
    data.extend(behind);
    data
}

/// A block of a type that there is not.
const BROKEN: &[u8] = &[0x07, 0, 0, 0];

/// Rows of 9 px in three bytes each, and a byte for the filter.
const ROWS: usize = 9 * (9 * 3 + 1);

fn png(chunks: &[&[u8]]) -> Vec<u8> {
    let start = Png::new().ihdr(Ihdr::new(9, 9));
    let all = chunks
        .iter()
        .fold(start, |png, data| png.chunk(*b"IDAT", data));
    all.iend().build()
}

#[test]
fn all_rows_of_a_png_are_looked_for_and_nothing_behind_them() {
    let whole = pixels(&[ROWS], &[]);
    let long = pixels(&[ROWS, 99], &[]);
    let refused = |words| Some((Code::Undecodable, words));
    for (what, file, refusal) in [
        ("without an end", png(&[&whole]), None),
        (
            "a broken checksum",
            png(&[&pixels(&[ROWS], BROKEN)]),
            refused("expected the checksum of the pixels"),
        ),
        ("more than all rows", png(&[&long]), None),
        (
            "broken behind more",
            png(&[&pixels(&[ROWS, 9], BROKEN)]),
            None,
        ),
        ("in two chunks", png(&[&whole[..2], &whole[2..]]), None),
        (
            "in chunks of a byte",
            png(&whole.chunks(1).collect::<Vec<_>>()),
            None,
        ),
        (
            "an empty chunk",
            png(&[&whole[..9], &[], &whole[9..]]),
            None,
        ),
        (
            "a byte too few",
            png(&[&pixels(&[ROWS - 1], &[])]),
            refused(
                "252 bytes of pixels in the IDAT chunks, but found that they end after 251 bytes",
            ),
        ),
        (
            "cut in a block",
            png(&[&whole[..20]]),
            refused("that they end after 13 bytes"),
        ),
        (
            "broken in the middle",
            png(&[&pixels(&[ROWS / 2], BROKEN)]),
            refused("that they are broken after 126 bytes"),
        ),
        (
            "no pixels",
            png(&[]),
            refused("that they end after 0 bytes"),
        ),
    ] {
        assert_told(what, &file, refusal);
    }
}

/// More than the window of the format holds, in chunks that end anywhere.
#[test]
fn a_long_png_is_read_to_its_end() {
    let rows = 300 * (300 * 3 + 1);
    let data = pixels(&[60_000, 60_000, 60_000, 60_000, rows - 240_000], &[]);
    for len in [1_000, 10_001, 90_000, 300_000] {
        let start = Png::new().ihdr(Ihdr::new(300, 300));
        let chunks = data.chunks(len);
        let all = chunks.fold(start, |png, data| png.chunk(*b"IDAT", data));
        let report = examined(&all.iend().build(), DecodeMemory::default());
        assert_eq!(report.outcome(), Outcome::Pass, "{len}: {report:?}");
    }
}

#[test]
fn a_second_image_header_of_a_png_is_passed_over() {
    let whole = pixels(&[ROWS], &[]);
    let start = Png::new().ihdr(Ihdr::new(9, 9)).chunk(*b"IDAT", &whole);
    let file = start.ihdr(Ihdr::new(9, 9)).iend().build();
    let report = examined(&file, DecodeMemory::default());
    assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
}

/// A chunk of which there is anything is named; fewer bytes than any chunk has are the end's.
#[test]
fn the_chunk_that_a_png_ends_in_is_named() {
    let start = Png::new().ihdr(Ihdr::new(9, 9));
    let at = start.len();
    let file = start.chunk(*b"IDAT", &pixels(&[ROWS], &[])).build();
    for (left, words) in [
        (0, "the end chunk IEND"),
        (7, "the end chunk IEND"),
        (8, "the end chunk IEND"),
        (12, "the end chunk IEND"),
        (13, "the rest of the chunk IDAT"),
        (99, "the rest of the chunk IDAT"),
    ] {
        let report = examined(&file[..at + left], DecodeMemory::default());
        let found = finding(&report, Code::BodyTruncated);
        assert!(found.message.contains(words), "{left}: {}", found.message);
    }
    let end = Png::new()
        .ihdr(Ihdr::new(9, 9))
        .chunk(*b"IDAT", &pixels(&[ROWS], &[]));
    let end = end.chunk_stating(*b"IEND", 99, &[0; 20], 0).build();
    let report = examined(&end, DecodeMemory::default());
    let found = finding(&report, Code::BodyTruncated);
    assert!(
        found.message.contains("the end chunk IEND"),
        "{}",
        found.message
    );
}

#[test]
fn what_the_decoder_of_webp_says_is_told_in_our_words() {
    let lossless = |data: &[u8]| Webp::new().vp8l(Vp8l::new(20, 20), data).build();
    let lossy = |vp8: Vp8| Webp::new().vp8(vp8, &[0; 20]).build();
    let partition = Vp8 {
        partition_len: 1_000,
        ..Vp8::new(20, 20)
    };
    // Its bits say that there is one partition.
    let later = Vp8 {
        key_frame: false,
        start_code: [0; 3],
        partition_len: 20,
        ..Vp8::new(0, 0)
    };
    // Of one frame, as wide as the film.
    let film = |width: u32, image: &[u8]| {
        let canvas = Vp8x {
            flags: Vp8x::ANIMATION,
            ..Vp8x::new(width, 20)
        };
        let [low, middle, ..] = (width - 1).to_le_bytes();
        let frame = [&[0; 6][..], &[low, middle, 0, 19, 0, 0], &[0; 4]].concat();
        Webp::new()
            .vp8x(canvas)
            .chunk(*b"ANIM", &[0; 6])
            .chunk(*b"ANMF", &[&frame[..], &image[12..]].concat())
            .build()
    };
    let blank = lossless(&[0x88, 0x88, 0x08, 0, 0]);
    for (what, file, refusal) in [
        ("whole", blank.clone(), None),
        ("a film", film(20, &blank), None),
        (
            "nothing behind its header",
            lossless(&[]),
            Some((Code::Undecodable, "does not decode")),
        ),
        (
            "noise",
            lossless(&[0xFF; 40]),
            Some((Code::Undecodable, "does not decode")),
        ),
        (
            "a partition that is longer than its chunk",
            film(20, &lossy(partition)),
            Some((Code::BodyTruncated, "the end of their chunk")),
        ),
        (
            "a frame that needs others",
            film(20, &lossy(later)),
            Some((
                Code::DecoderLacks,
                "a feature that the decoder does not have",
            )),
        ),
        (
            "a frame of 20,000 px",
            film(20_000, &blank),
            Some((Code::DecoderLacks, "more than the decoder takes")),
        ),
    ] {
        assert_told(what, &file, refusal);
    }
}
