//! Whether all of a JPEG's picture is there: every coding, and every segment before it.
//!
//! The images are small, so that each of their bytes is tried.
#![cfg(feature = "decode")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod codes;
mod encoder;
mod segments;

use gate::{Code, DecodeMemory, Gate, Outcome, Profile, Report};
use proptest::prelude::*;

use encoder::Written;

/// Formats only: sizes do not matter here.
fn examined(file: &[u8]) -> Report {
    let any = Profile::builder("any").build().unwrap();
    let gate = Gate::builder(any).decode(DecodeMemory::default()).build();
    gate.screen_bytes(file.to_vec()).into_report()
}

#[track_caller]
fn assert_pass(file: &[u8], what: &str) {
    let report = examined(file);
    assert_eq!(report.outcome(), Outcome::Pass, "{what}: {report:?}");
}

/// Refused for this, in words that hold these.
#[track_caller]
fn assert_refused(file: &[u8], code: Code, words: &str, what: &str) {
    let report = examined(file);
    let errors: Vec<_> = report.errors().collect();
    assert_eq!(errors.len(), 1, "{what}: {report:?}");
    assert_eq!(errors[0].code, code, "{what}: {report:?}");
    assert!(errors[0].message.contains(words), "{what}: {report:?}");
}

/// The file with bytes put in.
fn with(file: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    [&file[..at], bytes, &file[at..]].concat()
}

/// Enough for each coding to be there in many ways; always the same.
#[test]
fn every_coding_is_read_to_its_last_bit() {
    for seed in 0..80 {
        let Written { file, scans, .. } = encoder::write(seed);
        assert_pass(&file, &format!("{seed}"));
        let end = scans.last().unwrap().end;
        let cut = [&file[..end - 1], &[0xFF, 0xD9]].concat();
        let what = format!("{seed} less a byte");
        assert_refused(&cut, Code::BodyTruncated, "but found data for", &what);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_scan_that_is_cut_anywhere_is_told(seed: u64) {
        let Written { file, scans, .. } = encoder::write(seed);
        // Each scan at its end, and in its middle; the last one at each of its last bytes.
        let last = scans.last().unwrap().clone();
        let cuts = scans.iter().flat_map(|scan| [scan.end - 1, scan.start + scan.len() / 2]);
        for cut in cuts.chain(last.rev().take(12)) {
            let glued = [&file[..cut], &[0xFF, 0xD9]].concat();
            assert_refused(&glued, Code::BodyTruncated, "expected", &format!("cut at {cut}"));
        }
    }

    /// Writers fill up behind the codes; what no code used beyond that is a part that is missing.
    #[test]
    fn what_no_code_used_is_a_part_that_is_missing_unless_it_is_little(seed: u64) {
        let Written { file, ends, .. } = encoder::write(seed);
        let end = ends[(seed % ends.len() as u64) as usize];
        for (bytes, count, passes) in [
            (&[0x55_u8][..], 16, true),
            (&[0x55], 17, false),
            (&[0xFF, 0], 17, true),
            (&[0], 2048, true),
            (&[0], 2049, false),
            (&[0xFF, 0], 2049, false),
            (&[0xFF], 3000, true),
        ] {
            let padded = with(&file, end, &bytes.repeat(count));
            let what = format!("{count} times {bytes:02X?} at {end}");
            if passes {
                assert_pass(&padded, &what);
            } else {
                let words = format!("but found {count} bytes more");
                assert_refused(&padded, Code::BodyTruncated, &words, &what);
            }
        }
    }
}
