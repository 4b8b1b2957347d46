//! The segments before and between the scans: T.81, annex B.

use gate::Code;
use testkit::{Frame, Jpeg, Sof};

use super::{assert_pass, assert_refused, examined};

/// Tables with the one code 0, of DC and AC; a block is then the bits 00.
const DC: u8 = 0x00;
const AC: u8 = 0x10;

/// A grey image of 8 x 8 px, up to its scan.
fn start(sof: Sof) -> Jpeg {
    let frame = Frame {
        components: 1,
        ..Frame::new(sof, 8, 8)
    };
    Jpeg::new().dqt().frame(frame)
}

fn tables(jpeg: Jpeg) -> Jpeg {
    jpeg.dht(DC, 0).dht(AC, 0)
}

/// A scan of the grey component, its header as given, and a byte of data.
fn scan(jpeg: Jpeg, from: u8, to: u8, bits: u8) -> Jpeg {
    jpeg.segment(0xDA, &[1, 1, 0, from, to, bits]).junk(&[0x3F])
}

/// The whole of a baseline image, with something before its scan.
fn baseline(more: impl FnOnce(Jpeg) -> Jpeg) -> Vec<u8> {
    scan(more(tables(start(Sof::Baseline))), 0, 63, 0)
        .eoi()
        .build()
}

#[test]
fn what_decoders_pass_over_is_passed_over() {
    type More = fn(Jpeg) -> Jpeg;
    let rows: [(&str, More); 13] = [
        ("nothing", |jpeg| jpeg),
        ("TEM", |jpeg| jpeg.marker(0x01)),
        ("the first restart marker", |jpeg| jpeg.marker(0xD0)),
        ("the last restart marker", |jpeg| jpeg.marker(0xD7)),
        ("a second start", |jpeg| jpeg.marker(0xD8)),
        ("fill bytes", |jpeg| jpeg.fill(9)),
        ("bytes that are no marker", |jpeg| jpeg.junk(&[1, 2, 3])),
        ("a stuffed byte", |jpeg| jpeg.junk(&[7, 0xFF, 0, 7])),
        ("a length of 0", |jpeg| jpeg.com_short(0)),
        ("a length of 1", |jpeg| jpeg.com_short(1)),
        ("an empty comment", |jpeg| jpeg.com(b"")),
        ("a comment with markers", |jpeg| {
            jpeg.com(b"\xFF\xD9\xFF\xDA")
        }),
        ("tables of 16 bits", |jpeg| {
            jpeg.segment(0xDB, &[&[0x10][..], &[1; 128], &[0x03], &[1; 64]].concat())
        }),
    ];
    for (what, more) in rows {
        assert_pass(&baseline(more), what);
    }
}

#[test]
fn a_segment_that_breaks_its_rules_is_told_with_its_place() {
    let two_tables = [&[0x00_u8, 1][..], &[0; 15], &[0], &[0x24], &[0; 16]].concat();
    for (what, marker, payload, words) in [
        ("a third class", 0xC4, &two_tables[..], "Huffman tables"),
        (
            "a fifth table",
            0xC4,
            &[&[0x04_u8][..], &[0; 16]].concat(),
            "Huffman tables",
        ),
        ("short counts", 0xC4, &[0, 1, 2], "Huffman tables"),
        (
            "short values",
            0xC4,
            &[&[0_u8, 1][..], &[0; 15]].concat(),
            "Huffman tables",
        ),
        (
            "three codes of one bit",
            0xC4,
            &[&[0_u8, 3][..], &[0; 15], &[1, 2, 3]].concat(),
            "Huffman tables",
        ),
        (
            "a fifth quantisation table",
            0xDB,
            &[&[4_u8][..], &[1; 64]].concat(),
            "quantisation tables",
        ),
        (
            "63 of 64 steps",
            0xDB,
            &[&[0_u8][..], &[1; 63]].concat(),
            "quantisation tables",
        ),
        (
            "127 of 128 bytes",
            0xDB,
            &[&[0x10_u8][..], &[1; 127]].concat(),
            "quantisation tables",
        ),
        ("half a number", 0xDD, &[1], "a restart interval"),
        (
            "a second frame",
            0xC0,
            &[8, 0, 8, 0, 8, 1, 1, 0x11, 0],
            "one frame header",
        ),
        (
            "a second frame, progressive",
            0xC2,
            &[8, 0, 8, 0, 8, 1, 1, 0x11, 0],
            "one frame header",
        ),
    ] {
        let at = tables(start(Sof::Baseline)).len();
        let file = baseline(|jpeg| jpeg.segment(marker, payload));
        let words = format!("expected {words}");
        assert_refused(&file, Code::Undecodable, &words, what);
        let place = format!("something else at byte {at}");
        assert_refused(&file, Code::Undecodable, &place, what);
        // The last thing in the file was cut off there.
        let cut = tables(start(Sof::Baseline))
            .segment(marker, payload)
            .build();
        assert_refused(&cut, Code::BodyTruncated, "the end marker FF D9", what);
    }
}

#[test]
fn a_scan_fits_its_frame() {
    use Sof::{Baseline, Progressive};
    let rows: [(&str, Sof, &[u8], bool); 18] = [
        ("sequential", Baseline, &[1, 1, 0, 0, 63, 0], true),
        (
            "sequential, as some phones write it",
            Baseline,
            &[1, 1, 0, 0, 0, 0],
            true,
        ),
        (
            "sequential, any band",
            Baseline,
            &[1, 1, 0, 9, 200, 0],
            true,
        ),
        ("no component", Baseline, &[0, 0, 63, 0], false),
        ("too few bytes", Baseline, &[1, 1, 0, 0, 63], false),
        (
            "fewer components than it counts",
            Baseline,
            &[3, 1, 0, 0, 63, 0],
            false,
        ),
        (
            "a component of no frame",
            Baseline,
            &[1, 2, 0, 0, 63, 0],
            false,
        ),
        (
            "five components",
            Baseline,
            &[5, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 63, 0],
            false,
        ),
        ("nothing", Baseline, &[], false),
        ("the mean", Progressive, &[1, 1, 0, 0, 0, 0], true),
        ("a band", Progressive, &[1, 1, 0, 1, 63, 0], true),
        ("one coefficient", Progressive, &[1, 1, 0, 7, 7, 0], true),
        (
            "the last coefficient",
            Progressive,
            &[1, 1, 0, 63, 63, 0],
            true,
        ),
        ("the mean and more", Progressive, &[1, 1, 0, 0, 1, 0], false),
        (
            "a band from its end",
            Progressive,
            &[1, 1, 0, 2, 1, 0],
            false,
        ),
        ("beyond the last", Progressive, &[1, 1, 0, 1, 64, 0], false),
        (
            "a band of two components",
            Progressive,
            &[2, 1, 0, 1, 0, 1, 63, 0],
            false,
        ),
        (
            "the mean of one component twice",
            Progressive,
            &[2, 1, 0, 1, 0, 0, 0, 0],
            false,
        ),
    ];
    for (what, sof, header, is_sound) in rows {
        let before = tables(start(sof));
        let at = before.len();
        let file = before.segment(0xDA, header).junk(&[0x3F]).eoi().build();
        if is_sound && sof == Baseline {
            assert_pass(&file, what);
        } else if is_sound {
            // It is read, and the rest of the coefficients is missing.
            assert_refused(&file, Code::BodyTruncated, "scan", what);
        } else {
            let words = format!(
                "a scan header that fits its frame (T.81, B.2.3), but found something else at byte {at}"
            );
            assert_refused(&file, Code::Undecodable, &words, what);
        }
    }
}

#[test]
fn a_scan_needs_the_tables_that_it_uses() {
    use Sof::{Baseline, Progressive};
    for (what, sof, band, bits, wants_dc, wants_ac) in [
        ("sequential", Baseline, (0, 63), 0, true, true),
        ("the mean", Progressive, (0, 0), 0x00, true, false),
        ("the mean, refined", Progressive, (0, 0), 0x10, false, false),
        ("a band", Progressive, (1, 63), 0x00, false, true),
        ("a band, refined", Progressive, (1, 63), 0x10, false, true),
    ] {
        for (has_dc, has_ac) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut jpeg = start(sof);
            if has_dc {
                jpeg = jpeg.dht(DC, 0);
            }
            if has_ac {
                jpeg = jpeg.dht(AC, 0);
            }
            let file = scan(jpeg, band.0, band.1, bits).eoi().build();
            let what = format!("{what}, DC {has_dc}, AC {has_ac}");
            if wants_dc && !has_dc || wants_ac && !has_ac {
                assert_refused(
                    &file,
                    Code::DecoderLacks,
                    "no Huffman tables of its own",
                    &what,
                );
            } else if sof == Baseline {
                assert_pass(&file, &what);
            } else {
                assert_refused(&file, Code::BodyTruncated, "scan", &what);
            }
        }
    }
    let without = Jpeg::new().frame(Frame {
        components: 1,
        ..Frame::new(Baseline, 8, 8)
    });
    let before = tables(without);
    let words = format!("before its scan at byte {}", before.len());
    let file = scan(before, 0, 63, 0).eoi().build();
    assert_refused(&file, Code::Undecodable, &words, "no quantisation table");
    let other = baseline(|jpeg| jpeg.segment(0xDB, &[&[1_u8][..], &[1; 64]].concat()));
    assert_pass(&other, "a table for nobody");
}

/// A difference of DC has at most 15 bits here; with more, the table is another one's.
#[test]
fn a_dc_table_holds_numbers_of_bits() {
    for (size, passes) in [(15, true), (16, false)] {
        let jpeg = start(Sof::Baseline).dht(DC, size).dht(AC, 0);
        let file = jpeg
            .segment(0xDA, &[1, 1, 0, 0, 63, 0])
            .junk(&[0x2A; 3])
            .eoi()
            .build();
        if passes {
            assert_pass(&file, "15 bits");
        } else {
            assert_refused(&file, Code::Undecodable, "a scan header", "16 bits");
        }
    }
}

#[test]
fn what_the_picture_lacks_at_its_end_is_named() {
    let whole = baseline(|jpeg| jpeg);
    let (body, _) = whole.split_at(whole.len() - 2);
    assert_refused(
        body,
        Code::BodyTruncated,
        "the end marker FF D9",
        "no end marker",
    );
    let empty = tables(start(Sof::Baseline)).eoi().build();
    assert_refused(
        &empty,
        Code::BodyTruncated,
        "the scan with the pixels",
        "no scan",
    );
    let short = tables(start(Sof::Baseline))
        .segment_stating(0xFE, 999, b"x")
        .build();
    assert_refused(
        &short,
        Code::BodyTruncated,
        "the end marker FF D9",
        "a segment that is cut",
    );
    let blank = tables(start(Sof::Baseline)).segment(0xDA, &[1, 1, 0, 0, 63, 0]);
    let words = format!("in the scan at byte {}", tables(start(Sof::Baseline)).len());
    assert_refused(&blank.eoi().build(), Code::BodyTruncated, &words, "no data");

    let mean = scan(tables(start(Sof::Progressive)), 0, 0, 0);
    for (what, jpeg, words) in [
        (
            "nothing but the mean",
            mean.clone(),
            Some("further scans of component 1"),
        ),
        (
            "a part of the band",
            scan(mean.clone(), 1, 5, 0),
            Some("further scans of component 1"),
        ),
        (
            "all but one",
            scan(mean.clone(), 1, 62, 0),
            Some("further scans of component 1"),
        ),
        (
            "a rough band",
            scan(mean.clone(), 1, 63, 1),
            Some("further scans of component 1"),
        ),
        ("all", scan(mean.clone(), 1, 63, 0), None),
        (
            "a band in two steps",
            scan(scan(mean.clone(), 1, 63, 1), 1, 63, 0x10),
            None,
        ),
    ] {
        let file = jpeg.eoi().build();
        match words {
            Some(words) => assert_refused(&file, Code::BodyTruncated, words, what),
            None => assert_pass(&file, what),
        }
    }
    let colour = Jpeg::new().dqt().sof(Sof::Baseline, 8, 8);
    let first = scan(tables(colour), 0, 63, 0).eoi().build();
    assert_refused(
        &first,
        Code::BodyTruncated,
        "a scan of component 2",
        "one of three",
    );
}

/// Each scan costs a pass over all blocks, and a few bytes claim one.
#[test]
fn more_scans_than_any_writer_uses_are_not_walked() {
    let scans = |count| {
        let all = (0..count).fold(tables(start(Sof::Baseline)), |jpeg, _| scan(jpeg, 0, 63, 0));
        all.eoi().build()
    };
    assert_pass(&scans(100), "100 scans");
    assert_refused(
        &scans(101),
        Code::DecoderLacks,
        "more than 100 scans",
        "101 scans",
    );
}

/// A coding that is not read is told by the header, before any of it is walked.
#[test]
fn rare_codings_are_not_judged() {
    for sof in [Sof::ArithmeticExtended, Sof::Lossless] {
        let report = examined(&start(sof).eoi().build());
        let codes: Vec<_> = report.errors().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::DecoderLacks], "{sof:?}: {report:?}");
    }
}
