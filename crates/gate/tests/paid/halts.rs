//! Halts, stops and broken ledgers, told before anything is sent or published.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gate::{
    Advice, Charge, Claim, Code, Detector, Fetcher, ImageUrl, Known, Ledger, LedgerError,
    MemoryLedger, Outcome, Pending, Publication, Question, Ratio, Report, Service, Spent, Stage,
    Unlimited, UploadFor,
};
use standin::{Endpoint, Fault, Standin, UploadBinding};
use tokio::time::timeout;

use crate::handshakes::SlowTls;
use crate::support::{
    DEADLINE, account, ask, ask_bytes, assert_pass, at, client, detector, gate, only_code,
    portrait, start,
};

/// Asks about an image that is public somewhere.
async fn ask_published(detector: &Detector, number: u32) -> Report {
    let url = ImageUrl::parse("https://example.com/a.png").unwrap();
    let publish = async || Publication::Vouched(url);
    gate()
        .admit_bytes(detector, portrait(number), Ratio::Square, publish)
        .await
}

/// While its connection was being made, everything was stopped: nothing was sent, and nothing is
/// told as maybe charged.
#[tokio::test]
async fn what_was_connecting_at_a_stop_is_skipped() {
    for gives_up in [false, true] {
        let service = SlowTls::start(0).await;
        let detector = Detector::builder(service.client())
            .allowance(Arc::new(Unlimited))
            .build();
        let stop = async {
            service.connected(1).await;
            if gives_up {
                detector.interrupt();
            } else {
                detector.stop_sending();
            }
        };
        let both = async { tokio::join!(ask_published(&detector, 1), stop) };
        let (report, ()) = timeout(DEADLINE, both).await.expect("it hangs");
        assert_eq!(report.outcome(), Outcome::Skip, "{gives_up}: {report:?}");
        assert!(report.reason().unwrap().starts_with("interrupted before"));
        let account = account(&detector).await;
        assert_eq!((account.asked, account.maybe_charged), (0, 0), "{gives_up}");
        assert_eq!((account.not_asked, account.waiting), (1, 0), "{gives_up}");
        assert_eq!(service.requests(), 0);
    }
}

/// A ledger that can be read until it breaks.
#[derive(Debug, Default)]
struct Breaking {
    memory: MemoryLedger,
    is_broken: AtomicBool,
}

impl Ledger for Breaking {
    fn recall<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pending<'a, Result<Option<Known>, LedgerError>> {
        if self.is_broken.load(Ordering::Relaxed) {
            let error = std::io::Error::other("the disk is gone");
            return Box::pin(async { Err(LedgerError::NotRead(error.into())) });
        }
        self.memory.recall(question)
    }

    fn claim<'a>(&'a self, question: &'a Question) -> Pending<'a, Result<Claim, LedgerError>> {
        self.memory.claim(question)
    }

    fn spent(&self) -> Pending<'_, Result<Spent, LedgerError>> {
        self.memory.spent()
    }
}

#[tokio::test]
async fn what_was_connecting_at_a_halt_is_not_sent_and_told_so() {
    let service = SlowTls::start(0).await;
    let ledger = Arc::new(Breaking::default());
    let detector = Detector::builder(service.client())
        .ledger(ledger.clone())
        .build();
    let halt = async {
        service.connected(1).await;
        ledger.is_broken.store(true, Ordering::Relaxed);
        ask_published(&detector, 2).await
    };
    let both = async { tokio::join!(ask_published(&detector, 1), halt) };
    let (connecting, unread) = timeout(DEADLINE, both).await.expect("it hangs");
    for report in [&connecting, &unread] {
        assert_eq!(only_code(report), Code::NotRecorded);
        let finding = report.errors().next().unwrap();
        assert!(finding.message.starts_with("not sent: "), "{finding:?}");
        assert!(finding.message.contains("the disk is gone"), "{finding:?}");
        assert_eq!(report.advice(), Advice::Stop);
        assert!(report.remote().is_none(), "nothing was learned");
    }
    let account = account(&detector).await;
    assert_eq!((account.asked, account.not_asked), (0, 2));
    assert_eq!(detector.halted().unwrap().code, Code::NotRecorded);
}

/// Found by a mutation: what may have been paid for was told as not sent, where something else
/// halted everything before its answer came.
#[tokio::test]
async fn what_was_sent_before_a_halt_is_told_as_sent() {
    let slow = Standin::builder().service_time(std::time::Duration::from_secs(1));
    let standin = slow.start().await.unwrap();
    let ledger = Arc::new(Breaking::default());
    let detector = detector(&standin).ledger(ledger.clone()).build();
    standin.next(Fault::gateway(504, true));
    let halt = async {
        standin.reached(|stats| stats.face_detect == 1).await;
        ledger.is_broken.store(true, Ordering::Relaxed);
        ask_published(&detector, 2).await
    };
    let (sent, unsent) = tokio::join!(ask_bytes(&detector, &standin, portrait(1)), halt);
    assert_eq!(only_code(&unsent), Code::NotRecorded);
    assert_eq!(only_code(&sent), Code::OutcomeLost);
    let facts = sent.remote().unwrap();
    assert_eq!((facts.attempts, facts.charge), (1, Charge::Unknown));
    let account = account(&detector).await;
    assert_eq!((account.maybe_charged, account.not_asked), (1, 1));
}

/// A halt stops what costs: not what is known, and not by publishing images that cannot be asked
/// about.
#[tokio::test]
async fn under_a_halt_what_is_known_is_told_and_nothing_is_published() {
    let standin = start().await;
    let detector = detector(&standin).build();
    assert_pass(&ask(&detector, &standin, "anna.jpg").await);
    standin.next(Fault::error("Arrearage"));
    let halted = ask_bytes(&detector, &standin, portrait(1)).await;
    assert_eq!(only_code(&halted), Code::Account);
    assert!(halted.remote().unwrap().api_code.is_some());

    let known = ask(&detector, &standin, "anna.jpg").await;
    assert_pass(&known);
    assert!(known.remote().unwrap().cached);
    let published = AtomicBool::new(false);
    let publish = async || {
        published.store(true, Ordering::Relaxed);
        Publication::None
    };
    let unknown = gate()
        .admit_bytes(&detector, portrait(2), Ratio::Square, publish)
        .await;
    assert_eq!(only_code(&unknown), Code::Account);
    assert!(!published.into_inner());
    assert_eq!(standin.stats().face_detect, 2);
}

/// A test that only asked whether an image passed would not see a note too many, or a count that is
/// wrong.
#[tokio::test]
async fn a_verdict_comes_with_the_facts_of_its_call() {
    let standin = start().await;
    let detector = detector(&standin).build();
    standin.next(Fault::error("InternalError"));
    let live = ask_bytes(&detector, &standin, portrait(1)).await;
    let known = ask_bytes(&detector, &standin, portrait(1)).await;
    for (report, cached, attempts, status) in
        [(&live, false, 2, Some(200)), (&known, true, 0, None)]
    {
        assert_pass(report);
        let facts = report.remote().unwrap();
        assert_eq!((facts.cached, facts.attempts), (cached, attempts));
        assert_eq!((facts.http_status, facts.retry_after), (status, None));
        assert_eq!(facts.check_pass, Some(true));
        assert!(facts.request_id.is_some());
        let of_the_call = report.findings().iter();
        assert_eq!(
            of_the_call
                .filter(|it| it.code.stage() == Stage::Remote)
                .count(),
            0
        );
    }
    assert_eq!(live.remote().unwrap().charge, Charge::Yes);
    let account = account(&detector).await;
    assert_eq!((account.asked, account.charged), (2, 1));
    assert_eq!((account.cached, account.not_asked), (1, 0));
}

/// The next second from which it may be asked about again: not too early.
#[tokio::test]
async fn a_pause_is_told_in_whole_seconds_rounded_up() {
    let standin = start().await;
    let once = gate::Client::builder(gate::ApiKey::new(crate::support::KEY).unwrap())
        .base_url(client(&standin).base_url().clone())
        .unpaced()
        .tries(1.try_into().unwrap())
        .build()
        .unwrap();
    let detector = Detector::builder(once).build();
    standin.next(Fault::error("InternalError"));
    let report = ask_bytes(&detector, &standin, portrait(1)).await;
    assert_eq!(only_code(&report), Code::ServiceError);
    // Half a second and some jitter.
    assert_eq!(report.remote().unwrap().retry_after, Some(1));
    assert_eq!(report.remote().unwrap().service, Service::Emo);
}

#[tokio::test]
async fn an_image_that_is_being_published_is_counted_as_waiting() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let lent = standin.lend_bytes("p.png", portrait(1)).unwrap();
    let waiting = AtomicU64::new(0);
    let publish = async || {
        waiting.store(account(&detector).await.waiting, Ordering::Relaxed);
        at(&lent)
    };
    let report = gate()
        .admit_bytes(&detector, portrait(1), Ratio::Square, publish)
        .await;
    assert_pass(&report);
    assert_eq!(waiting.into_inner(), 1);
    assert_eq!(account(&detector).await.waiting, 0);
}

/// An image is uploaded once more only where the detector could not read an upload for the video
/// model.
#[tokio::test]
async fn nothing_is_uploaded_twice_without_need() {
    let lenient = Standin::builder().uploads(UploadBinding::Lenient);
    let standin = lenient.start().await.unwrap();
    let detector = detector(&standin).build();
    let publish = async || Publication::Upload(UploadFor::Video);
    let report = gate()
        .admit_bytes(&detector, portrait(1), Ratio::Square, publish)
        .await;
    assert_pass(&report);
    let stats = standin.stats();
    assert_eq!((stats.upload, stats.face_detect, stats.billable), (1, 1, 1));

    for _ in 0..3 {
        standin.next(Fault::error("InvalidURL"));
    }
    let unread = ask_bytes(&detector, &standin, portrait(2)).await;
    assert_eq!(only_code(&unread), Code::UrlNotFetched);
    assert_eq!(
        standin.stats().upload,
        1,
        "a public URL stays the one address"
    );
}

/// Every other upload would fail alike, unless it is the video model alone that is refused.
#[tokio::test]
async fn a_refused_upload_halts() {
    for (upload, error, code) in [
        (UploadFor::Detector, "InvalidApiKey", Code::KeyRefused),
        (UploadFor::Detector, "ModelNotFound", Code::Account),
        (UploadFor::Video, "InvalidApiKey", Code::KeyRefused),
    ] {
        let standin = start().await;
        let detector = detector(&standin).build();
        standin.next_at(Endpoint::Policy, Fault::error(error));
        let publish = async || Publication::Upload(upload);
        let report = gate()
            .admit_bytes(&detector, portrait(1), Ratio::Square, publish)
            .await;
        assert_eq!(only_code(&report), code, "{upload:?}");
        let halt = detector.halted().map(|halt| halt.code);
        assert_eq!(halt, Some(code), "{upload:?} {error}");
    }
}

/// Where the image is stored turned by a quarter, boxes that fit it one way round will do.
#[tokio::test]
async fn boxes_fit_an_image_that_is_stored_turned_either_way_round() {
    let (width, height) = (500, 600);
    // By its corner: beyond the right side as stored, inside as turned; the other way round; beyond
    // both.
    let turned = [width - 10, 20];
    let stored = [20, width - 10];
    let neither = [height - 10, 20];
    for (corner, orientation, is_doubtful) in [
        (turned, 4, true),
        (turned, 5, false),
        (turned, 8, false),
        (stored, 1, false),
        (stored, 5, false),
        (neither, 8, true),
    ] {
        let [x, y] = corner;
        let standin = start().await;
        standin.next(Fault::set("/output/ext_bbox", vec![x, y, x + 100, y + 100]));
        let detector = detector(&standin).build();
        let image = crate::verdicts::with_orientation(&jpeg(width, height), orientation);
        let report = ask_bytes(&detector, &standin, image).await;
        assert_pass(&report);
        let outside = |finding: &&gate::Finding| finding.message.contains("reaches out of");
        let said = report.findings().iter().find(outside);
        assert_eq!(
            said.is_some(),
            is_doubtful,
            "{corner:?} {orientation}: {report:?}"
        );
        // Where neither way round fits, it is told as it is stored.
        let sides = format!("{width} x {height} px");
        assert!(
            said.is_none_or(|it| it.message.contains(&sides)),
            "{said:?}"
        );
    }
}

/// A grey JPEG of these sides.
fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(width, height, image::Luma([7]))
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

/// A hand-off is sent, or it is uploaded again; the type says which.
#[cfg(feature = "test-util")]
#[test]
fn an_upload_whose_model_is_not_known_is_uploaded_again() {
    for (url, is_ready) in [
        ("https://a.example/a.png", true),
        ("oss://bucket/a.png", false),
    ] {
        let report = gate::test_util::passed(url);
        let handoff = report.handoff().unwrap();
        assert_eq!(handoff.ready().is_some(), is_ready, "{url}");
        let call = handoff.call();
        assert_eq!(call.input.image_url.as_deref(), Some(url));
        assert_eq!(call.headers.is_empty(), is_ready, "{url}");
    }
}

/// The fetcher of a gate can be asked what it may fetch.
#[test]
fn a_gate_shows_its_fetcher() {
    let fetcher = Fetcher::builder().concurrency(3).build().unwrap();
    let gate = gate::Gate::builder(gate::Profile::emo())
        .fetcher(fetcher)
        .build();
    assert_eq!(gate.fetcher().concurrency(), 3);
}
