//! The paid stage against the stand-in: what is asked, what is charged, what is known, and when to
//! stop. The stand-in's own counts are the truth about what was spent.
#![cfg(all(feature = "decode", feature = "remote"))]
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use gate::{
    Charge, Code, Detector, DetectorBuilder, Gate, KnownVerdict, Outcome, Publication, Report,
    Stage, VerdictKey, Verdicts,
};
use preflight::Profile;
use remote::{ApiKey, BaseUrl, Client, ImageUrl, Ratio};
use standin::{Fault, Lent, Standin};

const KEY: &str = "sk-a-key-that-nobody-must-see";

fn gallery(name: &str) -> PathBuf {
    testkit::manifest::folder().join("gallery").join(name)
}

fn gate() -> Gate {
    Gate::builder(Profile::emo()).build()
}

fn client(standin: &Standin) -> Client {
    let base_url = BaseUrl::parse(&standin.base_url()).unwrap();
    Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(base_url)
        .unpaced()
        .build()
        .unwrap()
}

fn detector(standin: &Standin) -> DetectorBuilder {
    Detector::builder(client(standin))
}

fn lent(lent: &Lent) -> impl Fn() -> Publication {
    let url = ImageUrl::parse(lent.url()).unwrap();
    move || Publication::Lent(url.clone())
}

async fn ask(detector: &Detector, standin: &Standin, name: &str) -> Report {
    let loan = standin.lend(gallery(name)).unwrap();
    gate()
        .admit_file(detector, gallery(name), lent(&loan), Ratio::Square)
        .await
}

fn only_code(report: &Report) -> Code {
    let mut errors = report.errors();
    let code = errors.next().unwrap_or_else(|| panic!("{report:?}")).code;
    assert!(errors.next().is_none(), "{report:?}");
    code
}

#[derive(Debug, Default)]
struct Memory(Mutex<Vec<(VerdictKey, KnownVerdict)>>);

impl Verdicts for Memory {
    fn find(&self, key: &VerdictKey) -> Option<KnownVerdict> {
        let known = self.0.lock().unwrap();
        known
            .iter()
            .find(|(kept, _)| kept == key)
            .map(|(_, verdict)| verdict.clone())
    }

    fn keep(&self, key: &VerdictKey, verdict: &KnownVerdict) -> std::io::Result<()> {
        self.0.lock().unwrap().push((key.clone(), verdict.clone()));
        Ok(())
    }
}

#[tokio::test]
async fn what_passes_everything_can_be_handed_to_the_video_call() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).build();
    let report = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(
        (report.outcome(), report.stage()),
        (Outcome::Pass, Stage::Remote)
    );

    let handoff = report.handoff().unwrap();
    let json = serde_json::to_value(&handoff.input).unwrap();
    let keys: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, ["ext_bbox", "face_bbox", "image_url"]);
    assert_eq!(handoff.sha256.as_deref(), report.facts().sha256.as_deref());
    assert_eq!(handoff.ratio, "1:1");
    let account = detector.account();
    assert_eq!(
        (account.asked, account.charged, standin.stats().billable),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn the_stand_ins_boxes_are_never_handed_on_as_real() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).standin().build();
    let report = ask(&detector, &standin, "anna.jpg").await;
    let facts = report.remote().unwrap();
    assert_eq!(
        (facts.service, facts.charge, facts.check_pass),
        ("standin", Charge::No, Some(true))
    );
    assert!(report.handoff().is_none());
    assert_eq!(detector.account().charged, 0);
}

#[tokio::test]
async fn nothing_that_failed_a_free_stage_is_ever_sent() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).build();
    for file in &testkit::manifest::load().files {
        let loan = standin.lend(file.location()).unwrap();
        let free = gate().screen_file(file.location());
        let report = gate()
            .admit_file(&detector, file.location(), lent(&loan), Ratio::Square)
            .await;
        if free.outcome() != Outcome::Pass {
            assert_eq!(report, free, "{}", file.path);
        }
    }
    let manifest = testkit::manifest::load();
    let passed = manifest
        .files
        .iter()
        .filter(|file| gate().screen_file(file.location()).outcome() == Outcome::Pass);
    let contents: std::collections::HashSet<_> = passed.map(|file| file.sha256.clone()).collect();
    assert_eq!(
        standin.stats().face_detect,
        contents.len() as u64,
        "each content once"
    );
}

#[tokio::test]
async fn the_same_content_is_asked_about_once() {
    let standin = Standin::builder().start().await.unwrap();
    let memory = Arc::new(Memory::default());
    let detector_of = || detector(&standin).verdicts(memory.clone()).build();
    let first = detector_of();
    let (a, b) = tokio::join!(
        ask(&first, &standin, "anna.jpg"),
        ask(&first, &standin, "anna.jpg"),
    );
    let cached = |report: &Report| report.remote().unwrap().cached;
    assert!(
        cached(&a) != cached(&b),
        "one of the two waits for the other's verdict"
    );
    assert_eq!(standin.stats().billable, 1);

    // A later run.
    let report = ask(&detector_of(), &standin, "anna.jpg").await;
    let facts = report.remote().unwrap();
    assert_eq!(
        (facts.cached, facts.charge, facts.attempts),
        (true, Charge::No, 0)
    );
    assert_eq!(facts.face_bbox, a.remote().unwrap().face_bbox);
    assert_eq!(standin.stats().billable, 1);

    // Another ratio is another question.
    let loan = standin.lend(gallery("anna.jpg")).unwrap();
    let other = gate()
        .admit_file(
            &detector_of(),
            gallery("anna.jpg"),
            lent(&loan),
            Ratio::ThreeFour,
        )
        .await;
    assert!(!cached(&other));
    assert_eq!(standin.stats().billable, 2);
}

#[tokio::test]
async fn a_rejection_is_kept_and_what_is_unknown_is_not() {
    let standin = Standin::builder().start().await.unwrap();
    let memory = Arc::new(Memory::default());
    let detector = detector(&standin).verdicts(memory.clone()).build();

    standin.next(Fault::error("InvalidParameter"));
    let unknown = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(
        (unknown.outcome(), only_code(&unknown)),
        (Outcome::Unknown, Code::SERVICE_ERROR)
    );
    assert!(memory.0.lock().unwrap().is_empty());

    standin.next(Fault::error("InvalidFile.NoHuman"));
    let rejected = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(
        (rejected.outcome(), only_code(&rejected)),
        (Outcome::Reject, Code::NO_HUMAN)
    );
    let facts = rejected.remote().unwrap();
    assert_eq!(facts.api_code.as_deref(), Some("InvalidFile.NoHuman"));
    assert_eq!((facts.check_pass, facts.charge), (Some(false), Charge::No));

    let again = ask(&detector, &standin, "anna.jpg").await;
    assert!(again.remote().unwrap().cached);
    assert_eq!(only_code(&again), Code::NO_HUMAN);
}

#[tokio::test]
async fn every_verdict_code_of_the_service_has_its_own_code_here() {
    let standin = Standin::builder().start().await.unwrap();
    let rejects =
        |code: &&Code| code.stage() == Stage::Remote && code.effect() == gate::Effect::Reject;
    for code in Code::ALL.iter().filter(rejects) {
        let api_code = code.entry().api_codes[0].replace('*', "NeverHeardOf");
        standin.next(Fault::error(api_code.as_str()));
        let report = ask(&detector(&standin).build(), &standin, "anna.jpg").await;
        assert_eq!(only_code(&report), *code, "{api_code}");
        assert_eq!(
            report.remote().unwrap().api_code.as_deref(),
            Some(api_code.as_str())
        );
    }
}

#[tokio::test]
async fn a_refused_key_or_arrears_stop_the_calls_that_were_not_sent() {
    for (api_code, code) in [
        ("InvalidApiKey", Code::KEY_REFUSED),
        ("Arrearage", Code::ACCOUNT),
    ] {
        let standin = Standin::builder().start().await.unwrap();
        let detector = detector(&standin).build();
        standin.next(Fault::error(api_code));
        let first = ask(&detector, &standin, "anna.jpg").await;
        let second = ask(&detector, &standin, "bruno.jpg").await;
        assert_eq!((only_code(&first), only_code(&second)), (code, code));
        let message = &second.errors().next().unwrap().message;
        assert!(message.starts_with("not sent: "), "{message}");
        assert_eq!(standin.stats().face_detect, 1);
        assert!(!format!("{first:?}{second:?}").contains(KEY));
    }
}

#[tokio::test]
async fn the_budget_is_never_exceeded_retries_included() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).budget(2).build();
    standin.next(Fault::error("Throttling"));
    let (a, b) = tokio::join!(
        ask(&detector, &standin, "anna.jpg"),
        ask(&detector, &standin, "bruno.jpg"),
    );
    let c = ask(&detector, &standin, "dayo.JPG").await;
    assert_eq!(only_code(&c), Code::BUDGET_REACHED);
    assert_eq!(standin.stats().face_detect, 2);
    assert_eq!(detector.account().asked, 2);
    let passes = [a, b]
        .iter()
        .filter(|report| report.outcome() == Outcome::Pass)
        .count();
    assert!(passes >= 1);
}

#[tokio::test]
async fn a_lost_answer_may_have_been_charged_and_is_not_asked_for_again() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).build();
    standin.next(Fault::gateway(504, true));
    let report = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(only_code(&report), Code::OUTCOME_LOST);
    assert_eq!(report.remote().unwrap().charge, Charge::Unknown);
    standin.settled().await;
    let (account, stats) = (detector.account(), standin.stats());
    assert_eq!((stats.face_detect, stats.billable), (1, 1));
    assert_eq!(account.charged + account.maybe_charged, stats.billable);
}

#[tokio::test]
async fn boxes_outside_the_image_are_no_pass() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).build();
    standin.next(Fault::set("/output/ext_bbox", vec![0, 0, 90_000, 90_000]));
    let report = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(
        (report.outcome(), only_code(&report)),
        (Outcome::Unknown, Code::SERVICE_ERROR)
    );
    assert!(report.handoff().is_none());
    assert_eq!(
        report.remote().unwrap().charge,
        Charge::Yes,
        "it was answered"
    );
}

#[tokio::test]
async fn a_file_without_an_address_is_not_asked_about() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).build();
    let report = gate()
        .admit_file(
            &detector,
            gallery("anna.jpg"),
            || Publication::None,
            Ratio::Square,
        )
        .await;
    assert_eq!(
        (report.outcome(), only_code(&report)),
        (Outcome::Unknown, Code::NO_PUBLIC_URL)
    );
    assert_eq!(standin.stats().face_detect, 0);
}

#[tokio::test]
async fn an_upload_is_bound_to_the_model_and_says_when_it_ends() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).build();
    let report = gate()
        .admit_file(
            &detector,
            gallery("anna.jpg"),
            || Publication::Upload(gallery("anna.jpg")),
            Ratio::Square,
        )
        .await;
    assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
    let handoff = report.handoff().unwrap();
    assert!(handoff.input.image_url.starts_with("oss://"));
    assert_eq!(handoff.bound_to.as_deref(), Some("emo-detect-v1"));
    assert!(handoff.expires.is_some());
}

#[tokio::test]
async fn an_interrupt_ends_calls_in_flight_as_lost() {
    let slow = std::time::Duration::from_secs(20);
    let standin = Standin::builder().service_time(slow).start().await.unwrap();
    let detector = detector(&standin).build();
    let asking = ask(&detector, &standin, "anna.jpg");
    let interrupt = async {
        while standin.stats().face_detect == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        detector.interrupt();
    };
    let (report, ()) = tokio::join!(asking, interrupt);
    assert_eq!(only_code(&report), Code::OUTCOME_LOST);
    assert_eq!(detector.account().maybe_charged, 1);
    let late = ask(&detector, &standin, "bruno.jpg").await;
    assert_eq!(late.outcome(), Outcome::Skip);
}

/// Found by running the command over a thousand files with a smaller budget: all of them were lent
/// to the store before the first refusal.
#[tokio::test]
async fn nothing_is_lent_that_the_budget_does_not_let_ask() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).budget(1).build();
    let names = ["anna.jpg", "bruno.jpg", "dayo.JPG", "elif.png"];
    let gate = gate();
    let admitted = names.map(|name| {
        gate.admit_file(
            &detector,
            gallery(name),
            move || Publication::Upload(gallery(name)),
            Ratio::Square,
        )
    });
    let [a, b, c, d] = admitted;
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    let passed = [&a, &b, &c, &d]
        .iter()
        .filter(|report| report.outcome() == Outcome::Pass)
        .count();
    assert_eq!(passed, 1);
    let stats = standin.stats();
    assert_eq!((stats.policy, stats.upload, stats.face_detect), (1, 1, 1));
}

#[tokio::test]
async fn a_request_that_was_set_aside_and_not_used_is_there_for_the_next() {
    let standin = Standin::builder().start().await.unwrap();
    let detector = detector(&standin).budget(1).build();
    let nowhere = gate()
        .admit_file(
            &detector,
            gallery("anna.jpg"),
            || Publication::None,
            Ratio::Square,
        )
        .await;
    assert_eq!(only_code(&nowhere), Code::NO_PUBLIC_URL);
    assert_eq!(
        ask(&detector, &standin, "bruno.jpg").await.outcome(),
        Outcome::Pass
    );
}
