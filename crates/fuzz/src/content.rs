//! Decoding under limits, and the ends of files.

use std::sync::LazyLock;

use gate::{Code, Gate, Outcome, Profile, Report, Screening};
use preflight::{Content, Format, Header};

use crate::draw::Draw;
use crate::shared;

/// Bytes of memory that an image may take. Small, so that a fuzzer meets the limit.
const MEMORY: u64 = 8 << 20;

static GATE: LazyLock<Gate> = LazyLock::new(|| {
    Gate::builder(Profile::builder("any").build().unwrap())
        .decode(MEMORY)
        .build()
});

/// The content stage answers about any bytes, the same way twice, and no decoder panics.
pub fn content(data: &[u8]) {
    let (first, second) = (report(data), report(data));
    assert_eq!(first.outcome(), second.outcome());
    let messages = |report: &Report| -> Vec<String> {
        report
            .findings()
            .iter()
            .map(|finding| finding.message.clone())
            .collect()
    };
    assert_eq!(messages(&first), messages(&second));
    for finding in first.findings() {
        let broke = finding.code == Code::DecoderLacks && finding.message.contains("broke on it");
        assert!(!broke, "{finding:?}");
    }
}

/// A file that is cut before its end marker is never called whole; behind it, whatever follows, it
/// always is. The first two bytes say where it is cut, in parts of 65,536.
pub fn endings(data: &[u8]) {
    let mut draw = Draw::new(data);
    let cut = usize::from(u16::from_be_bytes(draw.bytes()));
    let file = draw.rest();
    let (start, _) = file.split_at((file.len() * cut) >> 16);
    if !is_whole(file) {
        assert!(!is_whole(start) || is_too_large(file), "at {}", start.len());
        return;
    }
    // The least that is whole lies between what is not and what is.
    let (mut least, mut most) = (0, file.len());
    while least + 1 < most {
        let middle = least.midpoint(most);
        match is_whole(file.split_at(middle).0) {
            true => most = middle,
            false => least = middle,
        }
    }
    let (whole, _) = file.split_at(most);
    assert_eq!(
        is_whole(start),
        start.len() >= most,
        "at {} of {most}",
        start.len()
    );
    let Content::Image(header) = shared::whole(whole) else {
        panic!("whole, and no image");
    };
    assert!(
        ends(whole, &header),
        "{header:?} is whole with {most} bytes"
    );
}

/// Whether the last byte is the last one that an image must have.
fn ends(file: &[u8], header: &Header) -> bool {
    match header.format {
        // ITU-T T.81, B.2.1: EOI.
        Format::Jpeg => file.ends_with(b"\xFF\xD9"),
        // PNG, 11.2.5: IEND, with its checksum.
        Format::Png => file.ends_with(b"IEND\xAE\x42\x60\x82"),
        Format::Bmp | Format::Webp => header
            .declared_len
            .is_some_and(|declared| file.len() as u64 >= declared),
    }
}

fn is_whole(file: &[u8]) -> bool {
    report(file).outcome() == Outcome::Pass
}

fn is_too_large(file: &[u8]) -> bool {
    let report = report(file);
    let mut findings = report.findings().iter();
    findings.any(|finding| finding.code == Code::DecodeLimit)
}

fn report(file: &[u8]) -> Report {
    match GATE.screen_bytes(file.to_vec()) {
        Screening::Ended(report) => report,
        Screening::Cleared(cleared) => cleared.into_report(),
    }
}
