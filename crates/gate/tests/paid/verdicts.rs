//! What the service says, and what the report makes of it.

use gate::{
    Advice, Bytes, Charge, Code, FailureReason, Outcome, Ratio, Report, Service, Severity, Stage,
};
use serde_json::json;
use standin::Fault;

use crate::support::{
    account, ask, ask_bytes, assert_pass, at, bytes, detector, gallery, gate, only_code, start,
    strict_gate,
};

/// Answers a check with this body.
fn answer(status: u16, body: &serde_json::Value) -> Fault {
    Fault::Answer(standin::fault::Answer {
        status,
        content_type: Some("application/json".to_owned()),
        body: body.to_string(),
        ..Default::default()
    })
}

/// Found by serving the reference's own failed sample: its reasons were read, and thrown away.
#[tokio::test]
async fn each_reason_in_each_shape_gives_its_code_and_the_documents_advice() {
    let standin = start().await;
    for reason in FailureReason::DOCUMENTED {
        let code = reason.code().unwrap();
        for sentence in reason.sentences() {
            for (status, body, charge) in [
                (
                    200,
                    json!({"output": {"check_pass": false, "code": code, "message": sentence}, "usage": {"image_count": 1}}),
                    Charge::Yes,
                ),
                (
                    200,
                    json!({"output": {"check_pass": false, "code": "", "message": sentence}, "usage": {"image_count": 1}}),
                    Charge::Yes,
                ),
                (400, json!({"code": code, "message": sentence}), Charge::No),
                (
                    200,
                    json!({"output": {"check_pass": false, "code": code, "message": ""}, "usage": {"image_count": 1}}),
                    Charge::Yes,
                ),
            ] {
                standin.next(answer(status, &body));
                let detector = detector(&standin).build();
                let report = ask(&detector, &standin, "anna.jpg").await;
                assert_eq!(
                    (report.outcome(), only_code(&report)),
                    (Outcome::Reject, Code::of(reason)),
                    "{body}"
                );
                let facts = report.remote().unwrap();
                assert_eq!(
                    (facts.reason, facts.charge),
                    (Some(reason), charge),
                    "{body}"
                );
                assert_eq!(
                    (facts.check_pass, facts.http_status),
                    (Some(false), Some(status))
                );
                let help = report.errors().next().unwrap().help.as_deref();
                assert_eq!(help, Some(reason.suggestion(Ratio::Square)));
                assert_eq!(report.advice(), Advice::Replace);
            }
        }
    }
}

#[tokio::test]
async fn a_failure_without_words_says_that_there_are_none() {
    let standin = start().await;
    standin.next(answer(
        200,
        &json!({"output": {"check_pass": false, "code": "", "message": ""}, "usage": {"image_count": 1}}),
    ));
    let detector = detector(&standin).build();
    let report = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(only_code(&report), Code::RemoteRejected);
    let finding = report.errors().next().unwrap();
    assert!(
        finding.message.contains("gave no reason"),
        "{}",
        finding.message
    );
    assert!(!finding.help.as_deref().unwrap().is_empty());
}

#[tokio::test]
async fn a_pass_of_a_turned_image_has_a_note_live_and_recalled() {
    let standin = start().await;
    for orientation in 1..=8 {
        let image = with_orientation(&bytes("anna.jpg"), orientation);
        let detector = detector(&standin).build();
        let live = ask_bytes(&detector, &standin, image.clone()).await;
        let recalled = ask_bytes(&detector, &standin, image).await;
        assert_eq!(account(&detector).await.asked, 1, "{orientation}: kept");
        for report in [&live, &recalled] {
            assert_pass(report);
            assert_eq!(report.facts().orientation, Some(orientation));
            let notes: Vec<_> = report
                .findings()
                .iter()
                .filter(|finding| finding.code == Code::TurnedImage)
                .collect();
            match (orientation, notes.as_slice()) {
                (1, []) => {}
                (2.., [note]) => {
                    assert_eq!(note.severity(), Severity::Note);
                    let said = format!("orientation is {orientation}");
                    assert!(note.message.contains(&said), "{}", note.message);
                    assert_eq!(note.help.as_deref(), Some("store it upright first"));
                }
                (_, notes) => panic!("{orientation}: {notes:?}"),
            }
        }
    }
    // A rejection has no boxes.
    standin.next(answer(
        200,
        &json!({"output": {"check_pass": false, "code": "", "message": ""}, "usage": {"image_count": 1}}),
    ));
    let image = with_orientation(&bytes("anna.jpg"), 6);
    let report = ask_bytes(&detector(&standin).build(), &standin, image).await;
    assert_eq!(report.outcome(), Outcome::Reject);
    assert!(
        report
            .findings()
            .iter()
            .all(|finding| finding.code != Code::TurnedImage)
    );
}

/// A JPEG with EXIF in front that holds its orientation and nothing else.
pub(crate) fn with_orientation(jpeg: &[u8], orientation: u8) -> Bytes {
    let (soi, rest) = jpeg.split_at(2);
    let tiff = [
        b'M',
        b'M',
        0,
        42,
        0,
        0,
        0,
        8,
        0,
        1,
        1,
        0x12,
        0,
        3,
        0,
        0,
        0,
        1,
        0,
        orientation,
    ];
    let exif = [b"\xFF\xE1\x00\x22Exif\0\0".as_slice(), &tiff, &[0; 6]].concat();
    Bytes::from([soi, &exif, rest].concat())
}

/// Found by a box one px outside: the verdict was thrown away, and paid for again at every run.
#[tokio::test]
async fn doubtful_boxes_are_a_warning_live_and_recalled_and_strictness_rejects() {
    let standin = start().await;
    for (name, at_, boxes) in [
        ("outside", "/output/ext_bbox", json!([0, 0, 90_000, 90_000])),
        ("negative", "/output/face_bbox", json!([-12, -3, 40, 49])),
        (
            "fractional",
            "/output/face_bbox",
            json!([100.5, 100, 200, 200.25]),
        ),
        ("swapped", "/output/face_bbox", json!([610, 593, 302, 286])),
    ] {
        standin.next(Fault::set(at_, boxes.clone()));
        let detector = detector(&standin).build();
        let live = ask(&detector, &standin, "anna.jpg").await;
        let recalled = ask(&detector, &standin, "anna.jpg").await;
        assert_eq!(account(&detector).await.asked, 1, "{name}: kept");
        for report in [&live, &recalled] {
            assert_pass(report);
            let [.., doubt] = report.findings() else {
                panic!("{name}: {report:?}")
            };
            assert_eq!(doubt.code, Code::DoubtfulBoxes, "{name}");
            let raw = boxes[0].to_string();
            assert!(doubt.message.contains(&raw), "{name}: {}", doubt.message);
            let json = serde_json::to_value(report.remote().unwrap()).unwrap();
            let field = at_.rsplit('/').next().unwrap();
            assert_eq!(json[field], boxes, "{name}: as sent");
            assert!(report.handoff().is_some(), "{name}");
        }
        assert_eq!(live.findings(), recalled.findings());

        let lent = standin.lend(gallery("anna.jpg")).unwrap();
        let strict = strict_gate()
            .admit_file(&detector, gallery("anna.jpg"), Ratio::Square, async || {
                at(&lent)
            })
            .await;
        assert_eq!(
            (strict.outcome(), only_code(&strict)),
            (Outcome::Reject, Code::DoubtfulBoxes)
        );
        assert_eq!(strict.remote().unwrap().check_pass, Some(true), "{name}");
        assert_eq!(
            account(&detector).await.asked,
            1,
            "{name}: known under strict, too"
        );
    }
}

#[tokio::test]
async fn a_pass_without_four_numbers_is_a_broken_contract() {
    let standin = start().await;
    for fault in [
        Fault::remove("/output/ext_bbox"),
        Fault::set("/output/face_bbox", json!([1, 2, 3])),
        Fault::set("/output/face_bbox", json!(["1", "2", "3", "4"])),
    ] {
        standin.next(fault.clone());
        let detector = detector(&standin).build();
        let report = ask(&detector, &standin, "anna.jpg").await;
        assert_eq!(only_code(&report), Code::ContractBroken, "{fault:?}");
        assert_eq!(report.remote().unwrap().charge, Charge::Yes);
        assert!(report.handoff().is_none());
        let Advice::AskAgain { may_cost: true, .. } = report.advice() else {
            panic!("{:?}", report.advice())
        };
    }
}

#[tokio::test]
async fn each_cause_has_its_code_and_its_advice() {
    let standin = start().await;
    for (api_code, code, outcome) in [
        ("InvalidParameter", Code::RequestRefused, Outcome::Unknown),
        (
            "InvalidParameter.Ratio",
            Code::RequestRefused,
            Outcome::Unknown,
        ),
        ("InvalidURL", Code::UrlNotFetched, Outcome::Unknown),
        ("DataInspectionFailed", Code::Moderated, Outcome::Reject),
        ("InternalError", Code::ServiceError, Outcome::Unknown),
        ("InvalidApiKey", Code::KeyRefused, Outcome::Unknown),
        ("Arrearage", Code::Account, Outcome::Unknown),
        (
            "InvalidFile.NeverHeardOf",
            Code::RemoteRejected,
            Outcome::Reject,
        ),
    ] {
        // As often as the client tries.
        for _ in 0..3 {
            standin.next(Fault::error(api_code));
        }
        let detector = detector(&standin).build();
        let report = ask(&detector, &standin, "anna.jpg").await;
        assert_eq!(
            (report.outcome(), only_code(&report)),
            (outcome, code),
            "{api_code}"
        );
        let facts = report.remote().unwrap();
        assert_eq!(facts.api_code.as_deref(), Some(api_code));
        assert_eq!(facts.charge, Charge::No, "{api_code}");
        assert!(report.errors().all(|finding| finding.help.is_some()));
        let stops = report.advice() == Advice::Stop;
        assert_eq!(stops, detector.halted().is_some(), "{api_code}");
        while standin.waiting_faults() > 0 {
            let _ = ask(
                &crate::support::detector(&standin).build(),
                &standin,
                "bruno.jpg",
            )
            .await;
        }
    }
}

#[tokio::test]
async fn the_first_answer_that_is_not_the_apis_halts() {
    for fault in [answer(404, &json!("nobody")), Fault::gateway(405, false)] {
        let standin = start().await;
        let detector = detector(&standin).build();
        standin.next(fault.clone());
        let first = ask(&detector, &standin, "anna.jpg").await;
        let second = ask(&detector, &standin, "bruno.jpg").await;
        for report in [&first, &second] {
            assert_eq!(only_code(report), Code::ServiceUnreachable, "{fault:?}");
        }
        let finding = first.errors().next().unwrap();
        let words = format!("{} {}", finding.message, finding.help.as_deref().unwrap());
        assert!(words.contains("base URL"), "{words}");
        assert_eq!(standin.stats().face_detect, 1);
        assert_eq!(first.advice(), Advice::Stop);
    }
}

#[tokio::test]
async fn what_is_kept_is_a_verdict_and_nothing_else() {
    let standin = start().await;
    let detector = detector(&standin).build();
    standin.next(Fault::error("InvalidParameter"));
    let unknown = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(only_code(&unknown), Code::RequestRefused);

    standin.next(Fault::error("InvalidFile.NoHuman"));
    let rejected = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(only_code(&rejected), Code::NoHuman);

    let again = ask(&detector, &standin, "anna.jpg").await;
    let facts = again.remote().unwrap();
    assert_eq!(
        (facts.cached, facts.charge, facts.attempts),
        (true, Charge::No, 0)
    );
    assert_eq!(only_code(&again), Code::NoHuman);
    assert_eq!(standin.stats().face_detect, 2);
}

#[tokio::test]
async fn nothing_that_failed_a_free_stage_is_ever_sent() {
    let standin = start().await;
    let detector = detector(&standin)
        .allowance(std::sync::Arc::new(gate::Unlimited))
        .build();
    let mut passed = std::collections::HashSet::new();
    for file in &testkit::manifest::load().files {
        let lent = standin.lend(file.location()).unwrap();
        let free = gate().screen_file(file.location()).into_report();
        let report = gate()
            .admit_file(&detector, file.location(), Ratio::Square, async || {
                at(&lent)
            })
            .await;
        if free.outcome() == Outcome::Pass {
            passed.insert(gate::Sha256::of(&file.read()));
        } else {
            assert_eq!(report, free, "{}", file.path);
        }
    }
    let asked = standin.stats().face_detect;
    assert_eq!(asked, passed.len() as u64, "each content once");
}

#[tokio::test]
async fn a_made_up_verdict_says_so() {
    let standin = start().await;
    let detector = detector(&standin).build();
    for cached in [false, true] {
        let report = ask(&detector, &standin, "anna.jpg").await;
        let facts = report.remote().unwrap();
        assert_eq!((facts.service, facts.cached), (Service::Standin, cached));
        assert_eq!(report.stage(), Stage::Remote);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(
            serde_json::from_str::<Report>(&json).unwrap(),
            report,
            "{json}"
        );
    }
}

#[tokio::test]
async fn a_detector_of_the_stand_in_says_so_also_where_it_has_no_answer() {
    let standin = start().await;
    let detector = detector(&standin).standin().build();
    standin.next(Fault::gateway(504, true));
    let report = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(only_code(&report), Code::OutcomeLost);
    assert_eq!(report.remote().unwrap().service, Service::Standin);
}
