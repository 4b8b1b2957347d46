//! Reports as data: they go out and come back, and say what to do.
#![cfg(feature = "test-util")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

use std::time::Duration;

use gate::test_util::{self, ReportBuilder};
use gate::{
    Advice, BoundingBox, Charge, Code, Effect, ErrorKind, FailureReason, Gate, HandOff, HttpFacts,
    ImageIdentity, Outcome, Profile, Ratio, Report, Severity, Sha256, UrlIdentity, Verdict,
};

fn read_back(report: &Report) -> Report {
    let json = serde_json::to_string(report).unwrap();
    assert!(!json.contains("null"), "{json}");
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

#[test]
fn a_report_of_each_code_reads_back() {
    for code in Code::ALL {
        let report = ReportBuilder::new().finding(*code, "what was seen").build();
        let read = read_back(&report);
        assert_eq!(read, report, "{code}");
        assert_eq!(read.findings()[0].effect, code.effect());
        let has_help = read.findings()[0].help.is_some();
        assert_eq!(
            has_help,
            code.effect().severity() == Severity::Error,
            "{code}"
        );
    }
}

#[test]
fn the_reports_of_the_paid_stage_read_back() {
    let passed = test_util::passed("https://cdn.example.com/anna.jpg");
    assert_eq!(read_back(&passed), passed);
    assert_eq!(passed.outcome(), Outcome::Pass);
    for reason in FailureReason::DOCUMENTED
        .into_iter()
        .chain([FailureReason::Other])
    {
        for ratio in Ratio::ALL {
            let report = test_util::rejected(reason, ratio);
            assert_eq!(read_back(&report), report);
            let help = report.errors().next().unwrap().help.as_deref();
            assert_eq!(help, Some(reason.suggestion(ratio)));
        }
    }
    for kind in ErrorKind::ALL {
        let report = test_util::failed(kind, Charge::Unknown);
        assert_eq!(read_back(&report), report);
        assert_eq!(report.errors().next().unwrap().code, Code::of_kind(kind));
    }
    assert!(matches!(
        test_util::detection(&Verdict::Pass(test_util::boxes()), Ratio::ThreeFour).verdict,
        Verdict::Pass(_)
    ));
}

/// A 404 rejects, where other answers leave unknown: what is read back must not forget it.
#[test]
fn an_effect_that_is_not_the_codes_usual_one_reads_back() {
    let json = r#"{"outcome":"reject","stage":"input","findings":[{"code":"PF005","name":"http-status","severity":"error","message":"404 Not Found"}]}"#;
    let report: Report = serde_json::from_str(json).unwrap();
    assert_eq!(report.findings()[0].effect, Effect::Reject);
    assert_eq!(serde_json::to_string(&report).unwrap(), json);
    let strict = Gate::builder(Profile::emo()).strict(true).build();
    let path = testkit::manifest::folder().join("gallery/dayo.JPG");
    let report = strict.screen_file(path).into_report();
    assert_eq!(read_back(&report), report);
}

#[test]
fn a_box_reaches_the_hand_off_as_it_was_sent() {
    let odd: BoundingBox = serde_json::from_str("[-1, 10.0, 30.25, 40]").unwrap();
    let HandOff::Ready(mut call) = test_util::passed("https://a.example/b.png")
        .handoff()
        .unwrap()
        .clone()
    else {
        unreachable!("a public URL")
    };
    call.input.face_bbox = odd;
    let json = serde_json::to_string(&HandOff::Ready(call)).unwrap();
    assert!(json.starts_with(r#"{"kind":"ready","input":{"image_url":"https://a.example/b.png","face_bbox":[-1,10.0,30.25,40]"#), "{json}");
}

#[test]
fn each_outcome_has_advice() {
    let ask_again = |after, may_cost| Advice::AskAgain { after, may_cost };
    for (kind, charge, advice) in [
        (ErrorKind::KeyRefused, Charge::No, Advice::Stop),
        (ErrorKind::Account, Charge::No, Advice::Stop),
        (ErrorKind::NotTheApi, Charge::No, Advice::Stop),
        (ErrorKind::RequestRefused, Charge::No, Advice::FixSetup),
        (ErrorKind::Vetoed, Charge::No, Advice::FixSetup),
        (ErrorKind::Moderated, Charge::No, Advice::Replace),
        (
            ErrorKind::OutcomeUnknown,
            Charge::Unknown,
            ask_again(None, true),
        ),
        (
            ErrorKind::ContractBroken,
            Charge::Yes,
            ask_again(None, true),
        ),
        (ErrorKind::ServiceFailed, Charge::No, ask_again(None, false)),
        (ErrorKind::UploadFailed, Charge::No, ask_again(None, false)),
    ] {
        assert_eq!(test_util::failed(kind, charge).advice(), advice, "{kind}");
    }
    let mut facts = test_util::remote_facts(Ratio::Square);
    facts.retry_after = Some(3);
    let throttled = ReportBuilder::new()
        .remote(facts)
        .finding(Code::Throttled, "slow down")
        .build();
    let after = Some(Duration::from_secs(3));
    assert_eq!(throttled.advice(), ask_again(after, false));
    assert_eq!(read_back(&throttled).advice(), throttled.advice());
    // The service was there and asked to come back: no wrong address.
    let mut facts = test_util::remote_facts(Ratio::Square);
    facts.retry_after = Some(3);
    let unreachable = ReportBuilder::new()
        .remote(facts)
        .finding(Code::ServiceUnreachable, "closed")
        .build();
    assert_eq!(unreachable.advice(), ask_again(after, false));
    let mut server = HttpFacts::default();
    server.retry_after = Some(60);
    let busy = ReportBuilder::new()
        .http(server)
        .finding(Code::HttpStatus, "503")
        .build();
    let later = Some(Duration::from_secs(60));
    assert_eq!(busy.advice(), ask_again(later, false));
    for code in [Code::Unreachable, Code::FetchLimit, Code::Unreadable] {
        let advice = Report::refused(code, "").advice();
        assert_eq!(advice, ask_again(None, false), "{code}");
    }
    assert_eq!(
        Report::refused(Code::AddressRefused, "").advice(),
        Advice::Replace
    );
    assert_eq!(
        Report::skipped("told not to look").advice(),
        Advice::Nothing
    );
    assert_eq!(
        test_util::passed("https://a.example/b.png").advice(),
        Advice::Nothing
    );
    for code in [Code::DecodeLimit, Code::BudgetReached, Code::MapMismatch] {
        assert_eq!(
            Report::refused(code, "").advice(),
            Advice::FixSetup,
            "{code}"
        );
    }
    let helped = Report::refused_with(Code::NotFound, "no such file", "look again");
    assert_eq!(helped.findings()[0].help.as_deref(), Some("look again"));
}

/// An image is known by its bytes, or by what its server says of it; with neither, its verdict is
/// not kept.
#[test]
fn an_image_is_known_by_either_identity() {
    let sha256 = Some(Sha256::from_bytes([1; 32]));
    let url = UrlIdentity::from_bytes([2; 32]);
    assert_eq!(url.as_bytes(), &[2; 32]);
    let url = Some(url);
    for (sha256, url, is_known) in [
        (None, None, false),
        (sha256, None, true),
        (None, url, true),
        (sha256, url, true),
    ] {
        let identity = ImageIdentity { sha256, url };
        assert_eq!(identity.is_known(), is_known, "{identity:?}");
    }
}

/// The schema names every field that a report writes, and requires none that it may leave out.
#[cfg(feature = "schema")]
#[test]
fn the_schema_is_that_of_what_is_written() {
    let schema = serde_json::to_value(schemars::schema_for!(Report)).unwrap();
    let report = serde_json::to_value(test_util::passed("https://a.example/b.png")).unwrap();
    let fields = schema["properties"].as_object().unwrap();
    for field in report.as_object().unwrap().keys() {
        assert!(fields.contains_key(field), "{field} of {schema:#}");
    }
    let required = schema["required"].as_array().unwrap();
    assert_eq!(required, &["outcome", "stage", "findings"]);
    let finding = &schema["$defs"]["Finding"]["properties"];
    assert!(finding["help"].is_object(), "{schema:#}");
    let hash = &schema["$defs"]["Sha256"];
    assert_eq!(hash["pattern"], "^[0-9a-f]{64}$", "{schema:#}");
}
