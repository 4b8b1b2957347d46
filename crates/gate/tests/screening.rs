//! What the free stages say of an image: facts, numbers, words and help.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

use gate::{
    Code, Effect, Finding, Gate, Number, Outcome, Profile, Report, Severity, Source, Stage,
};
use testkit::{Ihdr, Jpeg, Png, Sof};

fn gate() -> Gate {
    Gate::builder(Profile::emo()).build()
}

fn screened(bytes: &[u8]) -> Report {
    gate().screen_bytes(bytes.to_vec()).into_report()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    Png::new().ihdr(Ihdr::new(width, height)).iend().build()
}

#[track_caller]
fn finding(report: &Report, code: Code) -> &Finding {
    let mut found = report
        .findings()
        .iter()
        .filter(|finding| finding.code == code);
    found.next().unwrap_or_else(|| panic!("{code}: {report:?}"))
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(testkit::manifest::folder().join(name)).unwrap()
}

#[test]
fn the_facts_are_those_of_the_file() {
    let tiff = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let jpeg = Jpeg::new()
        .segment(0xE1, &[&b"Exif\0\0"[..], tiff].concat())
        .sof(Sof::Baseline, 500, 600)
        .sos()
        .junk(&[0; 9_000])
        .eoi()
        .build();
    let report = screened(&jpeg);
    let facts = report.facts();
    let len = Some(jpeg.len() as u64);
    assert_eq!((facts.bytes, facts.bytes_read), (len, len), "{report:?}");
    assert_eq!((facts.width, facts.height), (Some(500), Some(600)));
    assert_eq!(
        (facts.orientation, facts.format.as_deref()),
        (Some(6), Some("jpeg"))
    );

    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &jpeg).unwrap();
    let report = gate().screen_file(file.path()).into_report();
    let facts = report.facts();
    assert_eq!((facts.bytes, facts.orientation), (len, Some(6)));
    let read = facts.bytes_read.unwrap();
    assert!(
        (30..9_000).contains(&read),
        "no more than its first page: {read}"
    );
}

#[test]
fn a_source_knows_its_length() {
    for len in [0_usize, 1, 2, 700] {
        let bytes = vec![7; len];
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
        for source in [Source::bytes(bytes), Source::file(file).unwrap()] {
            assert_eq!((source.len(), source.is_empty()), (len as u64, len == 0));
        }
    }
}

/// Read whole, over several pieces, or told that it cannot be.
#[cfg(feature = "decode")]
#[test]
fn a_source_is_read_to_its_end() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    let source = Source::open(file.path()).unwrap();
    assert!(source.read().unwrap() == bytes);
    let write_only = std::fs::OpenOptions::new()
        .write(true)
        .open(file.path())
        .unwrap();
    assert!(Source::file(write_only).unwrap().read().is_err());
}

#[test]
fn a_broken_limit_comes_with_its_numbers() {
    let twice = Profile::builder("twice").max_aspect(2.0).build().unwrap();
    let twice = Gate::builder(twice).build();
    let wide = twice.screen_bytes(png(500, 1250)).into_report();
    for (report, code, measured, limit) in [
        (
            screened(&png(300, 600)),
            Code::SideTooSmall,
            Number::Whole(300),
            Some(Number::Whole(400)),
        ),
        (
            screened(&png(4000, 7001)),
            Code::SideTooLarge,
            Number::Whole(7001),
            Some(Number::Whole(7000)),
        ),
        (
            wide.clone(),
            Code::AspectRatio,
            Number::Ratio(2.5),
            Some(Number::Ratio(2.0)),
        ),
        (
            screened(&png(400, 600)),
            Code::OnTheBoundary,
            Number::Whole(400),
            None,
        ),
    ] {
        let found = finding(&report, code);
        assert_eq!(
            (found.measured, found.limit),
            (Some(measured), limit),
            "{report:?}"
        );
    }
    assert!(
        finding(&wide, Code::AspectRatio)
            .message
            .contains("a ratio of 2.50"),
        "{wide:?}"
    );
}

/// The document's MB may be of 1,000,000 or of 1,048,576 bytes.
#[test]
fn a_length_between_two_readings_of_the_limit_says_so() {
    let gate = Gate::builder(Profile::emoji()).build();
    let content = preflight::probe_bytes(&png(500, 600)).content;
    for (len, words, is_unsure, outcome) in [
        (
            10_000_001,
            "10,000,001 bytes, needs at most 10,000,000",
            true,
            Outcome::Pass,
        ),
        (
            10_485_760,
            "10,485,760 bytes, needs at most 10,000,000",
            true,
            Outcome::Pass,
        ),
        (
            10_485_761,
            "10,485,761 bytes, needs at most 10,485,760",
            false,
            Outcome::Reject,
        ),
    ] {
        let report = gate.judge(&content, Some(len));
        let found = finding(&report, Code::FileTooLarge);
        let is_told_unsure = found.message.contains("may be of 1,048,576 bytes");
        assert_eq!(
            (report.outcome(), is_told_unsure),
            (outcome, is_unsure),
            "{report:?}"
        );
        assert!(
            found.message.contains(words) || !is_unsure,
            "{}",
            found.message
        );
        assert_eq!(found.measured, Some(Number::Whole(len)));
        assert!(found.limit.is_some());
    }
}

#[test]
fn what_stands_in_for_an_image_is_told_with_its_size_and_its_cure() {
    let pointer = |size: &str| {
        let oid = "0123456789abcdef".repeat(4);
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n")
    };
    for (size, said) in [
        ("7", "(7 bytes)"),
        ("912", "(912 bytes)"),
        ("1000", "(1,000 bytes)"),
        ("23456", "(23,456 bytes)"),
        ("123456", "(123,456 bytes)"),
        ("1204331", "(1,204,331 bytes)"),
    ] {
        let report = screened(pointer(size).as_bytes());
        let found = finding(&report, Code::NotFetched);
        assert!(found.message.contains(said), "{}", found.message);
        assert!(
            found.help.as_deref().unwrap().contains("git lfs pull"),
            "{found:?}"
        );
    }
    let link = screened(&fixture("foreign/link.png"));
    let found = finding(&link, Code::NotFetched);
    assert!(
        found
            .help
            .as_deref()
            .unwrap()
            .contains("core.symlinks true"),
        "{found:?}"
    );
}

/// A command to copy gives the image itself.
#[test]
fn an_image_behind_other_bytes_is_told_with_its_place() {
    let wrapped = fixture("foreign/behind-warning.png");
    let at = wrapped
        .windows(4)
        .position(|bytes| bytes == b"\x89PNG")
        .unwrap();
    assert!(at > 1, "{at}");
    let report = screened(&wrapped);
    let help = finding(&report, Code::NotAnImage).help.clone().unwrap();
    assert!(
        help.contains(&format!("begins at byte {at}: tail -c +{} FILE", at + 1)),
        "{help}"
    );
    let coded = screened(&fixture("foreign/base64.jpg"));
    let help = finding(&coded, Code::NotAnImage).help.clone().unwrap();
    assert!(
        help.contains("base64 -d") && !help.contains("tail"),
        "{help}"
    );
}

#[test]
fn a_header_that_is_cut_is_another_thing_than_one_that_is_wrong() {
    let whole = png(500, 600);
    let cut = screened(&whole[..20]);
    assert_eq!(
        cut.errors().next().unwrap().code,
        Code::Truncated,
        "{cut:?}"
    );
    let mut wrong = whole;
    wrong[24] = 77;
    let wrong = screened(&wrong);
    assert_eq!(
        wrong.errors().next().unwrap().code,
        Code::Malformed,
        "{wrong:?}"
    );
}

/// A name reads the same in a report and in JSON.
#[test]
fn names_are_those_that_are_written_down() {
    let written = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    for stage in Stage::ALL {
        assert_eq!(stage.name(), written(serde_json::to_value(stage).unwrap()));
        assert_eq!(format!("{stage:>8}"), format!("{:>8}", stage.name()));
    }
    for outcome in Outcome::ALL {
        assert_eq!(
            outcome.name(),
            written(serde_json::to_value(outcome).unwrap())
        );
    }
    for severity in [Severity::Note, Severity::Warning, Severity::Error] {
        assert_eq!(
            severity.name(),
            written(serde_json::to_value(severity).unwrap())
        );
    }
    let effects = [
        Effect::Note,
        Effect::Warning,
        Effect::Unknown,
        Effect::Reject,
    ];
    assert_eq!(
        effects.map(Effect::name),
        ["note", "warning", "unknown", "reject"]
    );
}

#[test]
fn a_skipped_image_has_a_reason_and_help_can_be_put_in_anothers_place() {
    let skipped = Report::skipped("told not to look");
    assert_eq!(skipped.reason(), Some("told not to look"));
    let mut report = screened(&png(300, 301));
    assert_eq!(report.reason(), None);
    let before = finding(&report, Code::SideTooSmall).clone();
    report.set_help(Code::SideTooLarge, "not this one");
    assert_eq!(finding(&report, Code::SideTooSmall), &before);
    report.set_help(Code::SideTooSmall, "enlarge it");
    let helps: Vec<_> = report
        .findings()
        .iter()
        .filter(|finding| finding.code == Code::SideTooSmall)
        .map(|finding| finding.help.as_deref())
        .collect();
    assert!(!helps.is_empty() && helps.iter().all(|help| *help == Some("enlarge it")));
}
