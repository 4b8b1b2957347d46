//! Every fixture, under every setting that its row names, gives the verdict that its row states;
//! and every code of the free stages that a file can bring out is brought out by one.
#![cfg(feature = "decode")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::collections::BTreeSet;

use gate::{Code, Gate, Report, Stage};
use preflight::Profile;
use testkit::manifest::{self, Verdict};

/// The profile's own memory limit is the command's default.
const DEFAULT_DECODE_MEMORY: u64 = gate::DecodeMemory::DEFAULT;

fn gate_for(verdict: &Verdict) -> Gate {
    let mut profile = Profile::by_name(&verdict.profile).unwrap();
    if let Some(max_bytes) = verdict.max_bytes {
        profile = profile.to_builder().max_bytes(max_bytes).build().unwrap();
    }
    let builder = Gate::builder(profile);
    if verdict.decode {
        builder
            .decode(verdict.decode_memory.unwrap_or(DEFAULT_DECODE_MEMORY))
            .build()
    } else {
        builder.build()
    }
}

fn codes(report: &Report) -> Vec<&'static str> {
    let codes: BTreeSet<_> = report
        .findings()
        .iter()
        .map(|finding| finding.code.id())
        .collect();
    codes.into_iter().collect()
}

#[test]
fn every_fixture_gets_the_verdict_that_its_row_states() {
    let mut seen = 0;
    for file in &manifest::load().files {
        for verdict in &file.verdicts {
            let report = gate_for(verdict).screen_file(file.location()).into_report();
            let told = (
                report.outcome().name(),
                report.stage().name(),
                codes(&report),
            );
            let codes: Vec<_> = verdict.codes.iter().map(String::as_str).collect();
            let expected = (&*verdict.outcome, &*verdict.stage, codes);
            assert_eq!(told, expected, "{}: {:?}", file.path, report.findings());
            seen += 1;
        }
    }
    assert!(seen > 150, "only {seen} verdicts");
}

#[test]
fn a_files_verdict_is_that_of_its_bytes() {
    for file in &manifest::load().files {
        for verdict in &file.verdicts {
            let gate = gate_for(verdict);
            let of_file = gate.screen_file(file.location()).into_report();
            let of_bytes = gate.screen_bytes(file.read()).into_report();
            // Bytes have no name, so nothing can be said of an extension.
            let findings = |report: &Report| -> Vec<_> {
                let named = report.findings().iter();
                named
                    .filter(|f| f.code != Code::ExtensionMismatch)
                    .cloned()
                    .collect()
            };
            assert_eq!(findings(&of_file), findings(&of_bytes), "{}", file.path);
            assert_eq!(of_file.outcome(), of_bytes.outcome(), "{}", file.path);
        }
    }
}

#[test]
fn every_code_that_a_file_can_bring_out_has_a_fixture() {
    // Those of a path, a server or a URL are brought out by the tests of those.
    let not_by_a_file = [
        Code::NotFound,
        Code::Unreadable,
        Code::HttpStatus,
        Code::Unreachable,
        Code::AddressRefused,
        Code::UrlInvalid,
        Code::UrlExpired,
        Code::FetchLimit,
        Code::ContentTypeMismatch,
    ];
    let brought_out: BTreeSet<_> = manifest::load()
        .files
        .iter()
        .flat_map(|file| file.verdicts.iter())
        .flat_map(|verdict| verdict.codes.clone())
        .collect();
    for code in Code::ALL
        .iter()
        .filter(|code| code.stage() != Stage::Remote)
    {
        assert!(
            brought_out.contains(code.id()) || not_by_a_file.contains(code),
            "{code} has no fixture"
        );
    }
}
