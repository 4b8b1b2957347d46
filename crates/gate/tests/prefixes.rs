//! Uploads that are still arriving.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use gate::{Code, Content, Gate, Outcome, Profile};

fn gate() -> Gate {
    Gate::builder(Profile::emo()).build()
}

/// Found with 4 KiB of good BMP and WebP files, which were rejected for their missing rest.
#[test]
fn what_passes_whole_passes_by_its_first_page_or_asks_for_more() {
    let mut decided = 0;
    for file in &testkit::manifest::load().files {
        let bytes = file.read();
        let whole = gate().screen_bytes(bytes.clone()).into_report();
        if whole.outcome() != Outcome::Pass {
            continue;
        }
        for len in [0, 1, 33, 200, 4096, bytes.len() / 2, bytes.len()] {
            let prefix = &bytes[..len.min(bytes.len())];
            for total in [Some(bytes.len() as u64), None] {
                if let Some(report) = gate().screen_prefix(prefix, total) {
                    assert_eq!(
                        report.outcome(),
                        Outcome::Pass,
                        "{} at {len} of {total:?}: {report:?}",
                        file.path
                    );
                    decided += 1;
                } else {
                    assert!(len < bytes.len() || total.is_none(), "{}", file.path);
                }
            }
        }
    }
    assert!(decided > 200, "only {decided}");
}

#[test]
fn what_can_only_be_rejected_is_rejected_by_its_prefix() {
    for file in &testkit::manifest::load().files {
        let bytes = file.read();
        let total = Some(bytes.len() as u64);
        let whole = gate().screen_bytes(bytes.clone()).into_report();
        if let Some(report) = gate().screen_prefix(&bytes[..bytes.len().min(4096)], total) {
            assert_eq!(
                report.outcome(),
                whole.outcome(),
                "{}: {report:?}",
                file.path
            );
        }
    }
    // Naming what is not an image takes a longer look, and that is bounded.
    let mut page = b"<!DOCTYPE html>".to_vec();
    assert!(gate().screen_prefix(&page, Some(70_000)).is_none());
    page.resize(16 << 10, b' ');
    let page = gate().screen_prefix(&page, Some(70_000)).unwrap();
    assert_eq!(page.errors().next().unwrap().code, Code::NotAnImage);
    let nothing = gate().screen_prefix(b"", Some(0)).unwrap();
    assert_eq!(nothing.errors().next().unwrap().code, Code::EmptyFile);
}

#[test]
fn what_a_probe_found_is_judged_as_the_bytes_would_be() {
    for file in &testkit::manifest::load().files {
        let bytes = file.read();
        let seen = preflight::probe_bytes(&bytes);
        let report = gate().judge(&seen.content, Some(bytes.len() as u64));
        let whole = gate().screen_bytes(bytes).into_report();
        assert_eq!(
            (report.outcome(), report.stage()),
            (whole.outcome(), whole.stage())
        );
        let codes = |report: &gate::Report| -> Vec<_> {
            report
                .findings()
                .iter()
                .map(|finding| finding.code)
                .collect()
        };
        assert_eq!(codes(&report), codes(&whole), "{}", file.path);
    }
    assert_eq!(
        gate().judge(&Content::Empty, None).outcome(),
        Outcome::Reject
    );
}
