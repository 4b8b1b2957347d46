//! What the stand-in bills is what the account tells.

use std::sync::Arc;
use std::time::Duration;

use gate::{
    Asking, Claim, Code, Known, Ledger, LedgerError, MemoryLedger, Outcome, Pending, Publication,
    Question, Ratio, Settlement, Spent, Unlimited, UploadFor,
};
use standin::{Cut, Fault};

use crate::support::{
    account, ask, ask_bytes, assert_pass, bytes, detector, gate, local_gate, only_code, portrait,
    serve, serve_without_validators, start,
};

/// Over every fault: never less than what was billed, and just that where the answer came.
#[tokio::test]
async fn over_every_fault_what_is_told_is_never_less_than_the_bill() {
    let faults = [
        (Fault::error("Throttling"), true),
        (Fault::error("InternalError"), true),
        (Fault::error("InvalidURL"), true),
        (Fault::error("InvalidFile.NoHuman"), true),
        (Fault::error("Arrearage"), true),
        (Fault::error("DataInspectionFailed"), true),
        (Fault::Cut(Cut::Head), false),
        (Fault::Cut(Cut::Request), false),
        (Fault::Cut(Cut::Worked), false),
        (Fault::Cut(Cut::Response), false),
        (Fault::gateway(502, false), false),
        (Fault::gateway(502, true), false),
        (Fault::gateway(504, true), false),
        (Fault::ByteOrderMark, true),
        (Fault::Gzip, true),
        (Fault::Doubled, true),
        (Fault::Truncated, false),
        (Fault::Huge(1), true),
        (Fault::drip(7, Duration::from_millis(1)), true),
        (Fault::remove("/output/ext_bbox"), true),
        (Fault::remove("/usage"), true),
        (Fault::remove("/request_id"), true),
        (Fault::set("/output/face_bbox", vec![-1, 2, 3, 4]), true),
    ];
    for (fault, answered) in faults {
        let standin = start().await;
        let detector = detector(&standin).allowance(Arc::new(Unlimited)).build();
        standin.next(fault.clone());
        let first = ask(&detector, &standin, "anna.jpg").await;
        // Again: what was answered is known, and what was not is paid for once more at most.
        let _again = ask(&detector, &standin, "anna.jpg").await;
        standin.settled().await;
        let (account, billed) = (account(&detector).await, standin.stats().billable);
        let told = account.charged + account.maybe_charged;
        assert!(told >= billed, "{fault:?}: {account:?}, billed {billed}");
        if answered {
            assert_eq!(
                (told, account.maybe_charged),
                (billed, 0),
                "{fault:?}: {first:?}"
            );
        }
        assert_eq!((account.in_flight, account.waiting), (0, 0), "{fault:?}");
        assert_eq!(account.asked, standin.stats().face_detect, "{fault:?}");
    }
}

#[tokio::test]
async fn the_same_content_is_asked_about_once_however_it_comes() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let (a, b, c) = tokio::join!(
        ask(&detector, &standin, "anna.jpg"),
        ask(&detector, &standin, "anna.jpg"),
        ask_bytes(&detector, &standin, bytes("anna.jpg")),
    );
    let cached = [&a, &b, &c].map(|report| report.remote().unwrap().cached);
    assert_eq!(cached.iter().filter(|cached| **cached).count(), 2);
    assert_eq!(standin.stats().billable, 1);
    assert_eq!(account(&detector).await.cached, 2);

    // Another ratio is another question.
    let lent = standin.lend_bytes("anna.jpg", bytes("anna.jpg")).unwrap();
    let other = gate()
        .admit_bytes(&detector, bytes("anna.jpg"), Ratio::ThreeFour, async || {
            crate::support::at(&lent)
        })
        .await;
    assert!(!other.remote().unwrap().cached);
    assert_eq!(standin.stats().billable, 2);
}

#[tokio::test]
async fn a_url_is_known_by_what_its_server_says_of_it() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let url = serve(portrait(1)).await;
    for cached in [false, true] {
        let report = local_gate().admit_url(&detector, &url, Ratio::Square).await;
        assert_pass(&report);
        assert_eq!(report.remote().unwrap().cached, cached);
        assert!(report.handoff().is_some());
    }
    assert_eq!(standin.stats().billable, 1);
}

/// Found by replacing the public copy: its verdict was kept under the hash of the local file.
#[tokio::test]
async fn the_verdict_of_a_public_copy_is_kept_for_the_copy() {
    let standin = start().await;
    let detector = detector(&standin).build();
    // Two images of one size, format and length.
    let (local, other) = (portrait(1), portrait(2));
    assert_eq!(local.len(), other.len());
    let url = gate::TargetUrl::parse(&serve(other.clone()).await).unwrap();
    let gate = local_gate();
    let mapped = || {
        gate.admit_bytes(&detector, local.clone(), Ratio::Square, async || {
            Publication::At(url.clone())
        })
    };
    assert_pass(&mapped().await);
    assert!(mapped().await.remote().unwrap().cached, "the copy is known");
    // The local image was never judged.
    let report = ask_bytes(&detector, &standin, local.clone()).await;
    assert!(!report.remote().unwrap().cached);
    assert_eq!(standin.stats().billable, 2);
    // Now it was, wherever it is public.
    let known = mapped().await;
    assert!(known.remote().unwrap().cached);
    assert_eq!(standin.stats().billable, 2);
}

/// Where nothing tells one version of a copy from the next, it is read whole, once.
#[tokio::test]
async fn a_copy_that_nothing_tells_from_another_is_read_whole() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let gate = local_gate();
    let ask = async |copy: gate::Bytes| {
        let url = gate::TargetUrl::parse(&serve_without_validators(copy).await).unwrap();
        let publish = async || Publication::At(url.clone());
        gate.admit_bytes(&detector, portrait(1), Ratio::Square, publish)
            .await
    };
    let other = ask(portrait(2)).await;
    assert_eq!(only_code(&other), Code::MapMismatch);
    assert_eq!(standin.stats().face_detect, 0);
    assert_pass(&ask(portrait(1)).await);
    assert!(ask(portrait(1)).await.remote().unwrap().cached);
    // A known pass stays one, also under a strict gate, whatever has become of its copy.
    let strict = gate::Gate::builder(gate::Profile::emo())
        .strict(true)
        .build();
    let nowhere = gate::TargetUrl::parse("http://127.0.0.1:1/gone.png").unwrap();
    let publish = async || Publication::At(nowhere.clone());
    let known = strict
        .admit_bytes(&detector, portrait(1), Ratio::Square, publish)
        .await;
    assert_pass(&known);
    assert_eq!(known.findings().last().unwrap().code, Code::MapMismatch);
    assert_eq!(known.handoff().unwrap().call().input.image_url, None);
    assert_eq!(standin.stats().billable, 1);
}

#[tokio::test]
async fn a_public_copy_must_agree_and_a_missing_one_is_no_fault_of_the_image() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let elsewhere = serve(bytes("bruno.jpg")).await;
    let page = serve(gate::Bytes::from_static(
        b"<!DOCTYPE html><title>404</title>",
    ))
    .await;
    for url in [
        elsewhere.as_str(),
        page.as_str(),
        "http://127.0.0.1:1/gone.jpg",
    ] {
        let url = gate::TargetUrl::parse(url).unwrap();
        let report = local_gate()
            .admit_bytes(&detector, bytes("anna.jpg"), Ratio::Square, async || {
                Publication::At(url.clone())
            })
            .await;
        assert_eq!(
            (report.outcome(), only_code(&report)),
            (Outcome::Unknown, Code::MapMismatch),
            "{url}"
        );
    }
    assert_eq!(standin.stats().face_detect, 0);
}

#[tokio::test]
async fn a_file_without_an_address_is_not_asked_about() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let report = gate()
        .admit_bytes(&detector, bytes("anna.jpg"), Ratio::Square, async || {
            Publication::None
        })
        .await;
    assert_eq!(only_code(&report), Code::NoPublicUrl);
    let report = gate()
        .admit_bytes(&detector, bytes("anna.jpg"), Ratio::Square, async || {
            Publication::Failed("the bucket is full".into())
        })
        .await;
    assert_eq!(only_code(&report), Code::UploadFailed);
    assert!(
        report
            .errors()
            .next()
            .unwrap()
            .message
            .contains("the bucket is full")
    );
    let account = account(&detector).await;
    assert_eq!((account.asked, account.not_asked), (0, 2));
}

/// A ledger that can do only so many things, and then no more.
#[derive(Debug)]
struct Failing {
    memory: MemoryLedger,
    intents: std::sync::atomic::AtomicI64,
    settlements: bool,
}

#[derive(Debug)]
struct FailingAsking(Box<dyn Asking>, bool, bool);

fn full() -> LedgerError {
    LedgerError::NotWritten(Box::new(std::io::Error::from(
        std::io::ErrorKind::StorageFull,
    )))
}

impl Ledger for Failing {
    fn recall<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pending<'a, Result<Option<Known>, LedgerError>> {
        self.memory.recall(question)
    }

    fn claim<'a>(&'a self, question: &'a Question) -> Pending<'a, Result<Claim, LedgerError>> {
        Box::pin(async {
            let left = self
                .intents
                .fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
            Ok(match self.memory.claim(question).await? {
                Claim::Granted(asking) => {
                    Claim::Granted(Box::new(FailingAsking(asking, left > 0, self.settlements)))
                }
                known => known,
            })
        })
    }

    fn spent(&self) -> Pending<'_, Result<Spent, LedgerError>> {
        self.memory.spent()
    }
}

impl Asking for FailingAsking {
    fn intend(&self) -> Pending<'_, Result<gate::CallId, LedgerError>> {
        if self.1 {
            self.0.intend()
        } else {
            Box::pin(async { Err(full()) })
        }
    }

    fn withdraw(&self, call: gate::CallId) -> Pending<'_, Result<(), LedgerError>> {
        self.0.withdraw(call)
    }

    fn settle<'a>(
        &'a self,
        call: gate::CallId,
        settlement: &'a Settlement,
    ) -> Pending<'a, Result<(), LedgerError>> {
        if self.2 {
            self.0.settle(call, settlement)
        } else {
            Box::pin(async { Err(full()) })
        }
    }
}

/// Found with a full disk: every further verdict was paid for, and none was kept.
#[tokio::test]
async fn a_ledger_that_cannot_be_written_stops_the_spending() {
    for settlements in [true, false] {
        let standin = start().await;
        let ledger = Failing {
            memory: MemoryLedger::default(),
            intents: 1.into(),
            settlements,
        };
        let detector = detector(&standin).ledger(Arc::new(ledger)).build();
        let reports = [
            ask(&detector, &standin, "anna.jpg").await,
            ask(&detector, &standin, "bruno.jpg").await,
            ask(&detector, &standin, "elif.png").await,
        ];
        assert_pass(&reports[0]);
        for report in &reports[1..] {
            assert_eq!(only_code(report), Code::NotRecorded);
            assert_eq!(report.advice(), gate::Advice::Stop);
        }
        assert_eq!(standin.stats().face_detect, 1);
        assert_eq!(
            detector.halted().map(|halt| halt.code),
            Some(Code::NotRecorded)
        );
        if !settlements {
            let noted = reports[0].findings().last().unwrap();
            assert_eq!(noted.code, Code::NotRecorded, "{noted:?}");
        }
    }
}

#[tokio::test]
async fn an_upload_that_fails_is_told_and_costs_nothing() {
    let standin = start().await;
    let detector = detector(&standin).build();
    for _ in 0..3 {
        standin.next_at(standin::Endpoint::Upload, Fault::gateway(500, false));
    }
    let report = gate()
        .admit_bytes(&detector, bytes("anna.jpg"), Ratio::Square, async || {
            Publication::Upload(UploadFor::Detector)
        })
        .await;
    assert_eq!(
        (report.outcome(), only_code(&report)),
        (Outcome::Unknown, Code::UploadFailed)
    );
    assert_eq!(account(&detector).await.asked, 0);
}
