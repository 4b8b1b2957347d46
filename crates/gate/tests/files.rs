//! What a path can turn out to be other than a readable image: each is told, none is waited for.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may")]

use gate::{Code, Effect, Gate, Outcome, Report, Stage};
use preflight::Profile;

fn screen(path: impl AsRef<std::path::Path>) -> Report {
    Gate::builder(Profile::emo())
        .build()
        .screen_file(path)
        .into_report()
}

#[track_caller]
fn assert_unreadable(report: &Report, words: &str) {
    assert_eq!(
        (report.outcome(), report.stage()),
        (Outcome::Unknown, Stage::Input)
    );
    let [finding] = report.findings() else {
        panic!("{:?}", report.findings())
    };
    assert_eq!(
        (finding.code, finding.effect),
        (Code::Unreadable, Effect::Unknown)
    );
    assert!(finding.message.contains(words), "{}", finding.message);
}

#[test]
fn a_missing_file_is_not_found() {
    let report = screen("no/such/portrait.jpg");
    assert_eq!(report.findings()[0].code, Code::NotFound);
    assert_eq!(report.outcome(), Outcome::Unknown);
}

#[test]
fn a_folder_is_no_image() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("portrait.jpg");
    std::fs::create_dir(&folder).unwrap();
    assert_unreadable(&screen(folder), "folder");
}

#[cfg(unix)]
#[test]
fn a_device_and_a_pipe_are_not_waited_for() {
    assert_unreadable(&screen("/dev/zero"), "device");
    assert_unreadable(&screen("/dev/null"), "device");

    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe.jpg");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        assert_unreadable(&screen(&pipe), "pipe");
    } else {
        println!("skipped the pipe: no mkfifo here");
    }

    let socket = dir.path().join("socket.jpg");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(screen(&socket).findings()[0].code, Code::Unreadable);
}

#[test]
fn strictness_turns_warnings_into_rejections_and_leaves_notes_alone() {
    let dir = tempfile::tempdir().unwrap();
    let misnamed = dir.path().join("portrait.png");
    let bytes = testkit::jpeg::Jpeg::new()
        .sof(testkit::jpeg::Sof::Baseline, 400, 500)
        .build();
    std::fs::write(&misnamed, bytes).unwrap();

    let lenient = screen(&misnamed);
    assert_eq!(
        (lenient.outcome(), lenient.stage()),
        (Outcome::Pass, Stage::Limits)
    );
    let codes: Vec<_> = lenient
        .findings()
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(codes, [Code::ExtensionMismatch, Code::OnTheBoundary]);

    let strict = Gate::builder(Profile::emo())
        .strict(true)
        .build()
        .screen_file(&misnamed)
        .into_report();
    assert_eq!(
        (strict.outcome(), strict.stage()),
        (Outcome::Reject, Stage::Header)
    );

    let rightly_named = dir.path().join("portrait.jpg");
    std::fs::rename(&misnamed, &rightly_named).unwrap();
    let strict = Gate::builder(Profile::emo())
        .strict(true)
        .build()
        .screen_file(&rightly_named)
        .into_report();
    assert_eq!(strict.outcome(), Outcome::Pass, "a note does not reject");
}

#[test]
fn a_report_serialises_to_the_fields_of_a_line_without_nulls() {
    let report = screen(testkit::manifest::folder().join("gallery/anna.jpg"));
    let json = serde_json::to_string(&report).unwrap();
    assert!(
        json.starts_with(r#"{"outcome":"pass","stage":"limits","format":"jpeg","width":"#),
        "{json}"
    );
    assert!(!json.contains("null"), "{json}");
}
