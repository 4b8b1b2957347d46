//! The content stage: what is cut, has a hole or was overwritten is never a pass; what decoders of
//! the field read without loss is.
#![cfg(feature = "decode")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

use std::ops::Range;

use gate::{Code, DecodeMemory, Gate, Outcome, Profile, Report};
use proptest::prelude::*;
use proptest::sample::Index;
use testkit::manifest;

/// Formats only: sizes do not matter here.
fn gate() -> Gate {
    let any = Profile::builder("any").build().unwrap();
    Gate::builder(any).decode(DecodeMemory::default()).build()
}

fn examined(bytes: &[u8]) -> Report {
    gate().screen_bytes(bytes.to_vec()).into_report()
}

/// The fixtures of a format whose picture is whole.
fn whole(format: &str) -> Vec<(String, Vec<u8>)> {
    let whole: Vec<_> = manifest::load()
        .files
        .iter()
        .filter(|file| file.format.as_deref() == Some(format))
        .filter(|file| {
            file.verdicts
                .iter()
                .any(|v| v.decode && v.outcome == "pass")
        })
        .map(|file| (file.path.clone(), file.read()))
        .collect();
    assert!(whole.len() > 1, "{format}: {}", whole.len());
    whole
}

/// Where the data of a JPEG's scans stands: behind the first scan header, before the end marker. No
/// entropy-coded data holds an end marker, and neither do our fixtures' tables.
fn scans(jpeg: &[u8]) -> Range<usize> {
    let find = |from: usize, marker: u8| {
        let mut pairs = jpeg[from..].windows(2);
        from + pairs.position(|pair| pair == [0xFF, marker]).unwrap()
    };
    let frame = [0xC0, 0xC1, 0xC2]
        .iter()
        .filter_map(|&sof| jpeg.windows(2).rposition(|pair| pair == [0xFF, sof]))
        .min()
        .unwrap();
    let scan = find(frame, 0xDA);
    let header = usize::from(u16::from_be_bytes([jpeg[scan + 2], jpeg[scan + 3]]));
    scan + 2 + header..find(scan, 0xD9)
}

fn is_cut(bytes: &[u8], what: &str) {
    let report = examined(bytes);
    assert_eq!(report.outcome(), Outcome::Reject, "{what}: {report:?}");
    let codes: Vec<_> = report.errors().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::BodyTruncated], "{what}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_jpeg_whose_scans_are_cut_anywhere_is_never_a_pass(
        (path, jpeg) in prop::sample::select(whole("jpeg")),
        at: Index,
    ) {
        let scans = scans(&jpeg);
        let cut = scans.start + at.index(scans.len());
        is_cut(&[&jpeg[..cut], &[0xFF, 0xD9]].concat(), &format!("{path} cut at {cut}"));
        is_cut(&jpeg[..cut], &format!("{path} cut at {cut}, without an end marker"));
    }

    #[test]
    fn a_jpeg_with_a_hole_is_never_a_pass(
        (path, jpeg) in prop::sample::select(whole("jpeg")),
        at: Index,
        len in 64..2_000_usize,
    ) {
        let scans = scans(&jpeg);
        let from = scans.start + at.index(scans.len() / 2);
        let to = (from + len).min(scans.end - 16);
        let holed = [&jpeg[..from], &jpeg[to..]].concat();
        let report = examined(&holed);
        prop_assert_ne!(report.outcome(), Outcome::Pass, "{} without {}..{}", path, from, to);
    }

    #[test]
    fn a_png_that_is_cut_anywhere_is_never_a_pass(
        (path, png) in prop::sample::select(whole("png")),
        at: Index,
    ) {
        let cut = 45 + at.index(png.len() - 45);
        is_cut(&png[..cut], &format!("{path} cut at {cut}"));
    }

    #[test]
    fn whatever_is_changed_in_an_image_nothing_panics(
        (_, image) in prop::sample::select(
            ["jpeg", "png", "bmp", "webp"].into_iter().flat_map(whole).collect::<Vec<_>>()
        ),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..9),
    ) {
        let mut image = image;
        for (at, value) in changes {
            let at = at.index(image.len());
            image[at] = value;
        }
        let report = examined(&image);
        prop_assert!(report.findings().iter().all(|finding| !finding.message.contains("panick")));
    }
}

#[test]
fn each_of_the_last_bytes_of_a_scan_counts() {
    for (path, jpeg) in whole("jpeg") {
        let end = scans(&jpeg).end;
        for cut in end - 40..end {
            let glued = [&jpeg[..cut], &[0xFF, 0xD9]].concat();
            is_cut(&glued, &format!("{path} cut {} before its end", end - cut));
        }
    }
}

#[test]
fn a_part_that_was_overwritten_with_zeros_is_never_a_pass() {
    for (path, mut jpeg) in whole("jpeg") {
        let scans = scans(&jpeg);
        let middle = scans.start + scans.len() / 3;
        jpeg[middle..middle + 1_000].fill(0);
        assert_ne!(examined(&jpeg).outcome(), Outcome::Pass, "{path}");
    }
}

#[test]
fn what_stands_behind_the_picture_or_in_a_segment_does_not_matter() {
    let (_, other) = whole("jpeg").swap_remove(0);
    for (path, jpeg) in whole("jpeg") {
        let thumbnail = [b"\xFF\xE1\x10\x02Exif\0\0".as_slice(), &other[..0xFFA]].concat();
        for (what, bytes) in [
            ("zeros", [&jpeg[..], &[0; 3]].concat()),
            ("a second picture", [&jpeg[..], &other].concat()),
            (
                "a film",
                [&jpeg[..], b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"].concat(),
            ),
            ("a thumbnail", [&jpeg[..2], &thumbnail, &jpeg[2..]].concat()),
        ] {
            let report = examined(&bytes);
            assert_eq!(
                report.outcome(),
                Outcome::Pass,
                "{path}, {what}: {report:?}"
            );
        }
    }
    for (path, png) in whole("png") {
        let report = examined(&[&png[..], b"trailer"].concat());
        assert_eq!(report.outcome(), Outcome::Pass, "{path}: {report:?}");
    }
}

/// Some phones write Se = 0 in the scan header of a sequential JPEG, and some writers restart with
/// the same number each time; decoders read both without loss.
#[test]
fn oddities_that_decoders_read_without_loss_pass() {
    let row = |name: &str| {
        let all = manifest::load().files;
        all.iter()
            .find(|file| file.path.ends_with(name))
            .unwrap()
            .read()
    };
    let mut samsung = row("gallery/anna.jpg");
    let start = scans(&samsung).start;
    samsung[start - 2] = 0;
    assert_eq!(examined(&samsung).outcome(), Outcome::Pass);

    let mut restarts = row("jpeg-restarts-colour.jpg");
    let scans = scans(&restarts);
    let mut changed = 0;
    for at in scans.start..scans.end {
        if restarts[at] == 0xFF && matches!(restarts[at + 1], 0xD1..=0xD7) {
            restarts[at + 1] = 0xD0;
            changed += 1;
        }
    }
    assert!(changed > 10, "{changed}");
    assert_eq!(examined(&restarts).outcome(), Outcome::Pass);

    // Padding between the last code and the end marker.
    let mut padded = row("gallery/anna.jpg");
    let end = padded.len() - 2;
    padded.splice(end..end, [0; 100]);
    assert_eq!(examined(&padded).outcome(), Outcome::Pass);
}

#[test]
fn a_progressive_jpeg_that_ends_between_two_scans_is_cut() {
    let jpeg = manifest::load()
        .files
        .iter()
        .find(|file| file.path == "gallery/chloe.jpeg")
        .unwrap()
        .read();
    let range = scans(&jpeg);
    let tables: Vec<_> = (range.start..range.end)
        .filter(|&at| jpeg[at] == 0xFF && matches!(jpeg[at + 1], 0xC4 | 0xDA))
        .collect();
    assert!(tables.len() > 8, "{} tables and scans", tables.len());
    for at in tables {
        let glued = [&jpeg[..at], &[0xFF, 0xD9]].concat();
        let report = examined(&glued);
        assert_eq!(report.outcome(), Outcome::Reject);
        let message = &report.errors().next().unwrap().message;
        assert!(message.contains("scan"), "{message}");
    }
}

#[test]
fn the_end_chunk_of_a_png_is_one_rule() {
    for (path, png) in whole("png") {
        for gone in 1..=12 {
            let report = examined(&png[..png.len() - gone]);
            let errors: Vec<_> = report.errors().collect();
            assert_eq!(errors.len(), 1, "{path} less {gone}");
            assert_eq!(errors[0].code, Code::BodyTruncated, "{path} less {gone}");
            assert!(
                errors[0].message.contains("end chunk IEND"),
                "{}",
                errors[0].message
            );
        }
    }
}

#[test]
fn a_changed_byte_is_told_in_plain_words_and_ancillary_chunks_do_not_matter() {
    for (path, png) in whole("png") {
        let idat = png.windows(4).position(|kind| kind == b"IDAT").unwrap();
        let mut changed = png.clone();
        changed[idat + 5] ^= 0x40;
        let report = examined(&changed);
        let error = report.errors().next().unwrap();
        assert_eq!(error.code, Code::Undecodable, "{path}");
        assert!(error.message.contains("checksum") && error.message.contains("IDAT"));
        assert!(!error.message.contains("ChunkType"));

        // Before the pixels stands a profile that is not a zlib stream, with a wrong checksum.
        let profile = b"\0\0\0\x09iCCPnotzlib!!\xBA\xDC\x0F\xFE";
        let odd = [&png[..idat - 4], profile, &png[idat - 4..]].concat();
        assert_eq!(examined(&odd).outcome(), Outcome::Pass, "{path}");
    }
}
