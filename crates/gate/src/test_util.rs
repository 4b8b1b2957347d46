//! Reports, verdicts and hand-offs to test a service with, without a server. Feature `test-util`.
//!
//! They are made by the same code as real ones, so that what a service's tests see is what it will
//! see. [`ReportBuilder`] makes any other.
//!
//! ```
//! use gate::test_util;
//! use gate::{Advice, Charge, ErrorKind, FailureReason, HandOff, Ratio};
//!
//! let passed = test_util::passed("https://cdn.example.com/anna.jpg");
//! assert!(matches!(passed.handoff(), Some(HandOff::Ready(_))));
//! let rejected = test_util::rejected(FailureReason::NoHuman, Ratio::Square);
//! assert_eq!(rejected.advice(), Advice::Replace);
//! let lost = test_util::failed(ErrorKind::OutcomeUnknown, Charge::Unknown);
//! assert_eq!(lost.advice(), Advice::AskAgain { after: None, may_cost: true });
//! ```

use remote::{
    Charge, Detection, Error, ErrorKind, Failure, FailureReason, ImageUrl, Ratio, Verdict,
};

use crate::detector::{failed_report, judged_report};
use crate::{
    Answer, Cleared, Code, Facts, Finding, Gate, HandOff, HttpFacts, Profile, RemoteFacts, Report,
    Screening, Stage,
};

/// The header of a PNG of 1000 x 1200 px.
const PNG: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x03\
    \xe8\x00\x00\x04\xb0\x08\x02\x00\x00\x00\xe7\xbb\xf7\xa7";

const MODEL: &str = "emo-detect-v1";

/// The boxes of a pass: `[302, 286, 610, 593]` and `[71, 9, 840, 778]`.
#[must_use]
pub fn boxes() -> remote::Boxes {
    remote::Boxes {
        face: [302, 286, 610, 593].into(),
        ext: [71, 9, 840, 778].into(),
    }
}

/// The report of a PNG of 1000 x 1200 px that passed every stage, with a hand-off that is ready.
///
/// # Panics
///
/// If the service takes no such URL.
pub fn passed(image_url: &str) -> Report {
    #[expect(clippy::expect_used, reason = "documented, and for tests only")]
    let url = ImageUrl::parse(image_url).expect("a URL that the service takes");
    judged(Verdict::Pass(boxes()), Ratio::Square, Some(&url))
}

/// The report of an image that the service rejected.
pub fn rejected(reason: FailureReason, ratio: Ratio) -> Report {
    let code = reason.code().map(str::to_owned);
    let sentence = reason.sentences().first().map(|text| (*text).to_owned());
    judged(Verdict::Fail(Failure::new(code, sentence)), ratio, None)
}

/// The report of an image for which there is no verdict.
pub fn failed(kind: ErrorKind, charge: Charge) -> Report {
    let facts = RemoteFacts::new(MODEL, Ratio::Square);
    failed_report(cleared(), facts, &Error::for_tests(kind, charge), 1)
}

/// An answer of the client.
///
/// # Panics
///
/// Never: it is read from JSON that fits.
#[must_use]
pub fn detection(verdict: &Verdict, ratio: Ratio) -> Detection {
    #[expect(clippy::expect_used, reason = "each field is there, and nothing else")]
    serde_json::from_value(serde_json::json!({
        "verdict": verdict,
        "request_id": "7574ee8f-38a3-4b1e-9280-11c33ab46e51",
        "model": MODEL,
        "ratio": ratio,
        "charge": "yes",
        "attempts": 1,
        "sent": 1,
        "humanoid": null,
        "usage": {"image_count": 1},
        "http_status": 200,
        "made_up": false,
    }))
    .expect("the fields of a detection")
}

/// What the paid stage said, with nothing said yet.
#[must_use]
pub fn remote_facts(ratio: Ratio) -> RemoteFacts {
    RemoteFacts::new(MODEL, ratio)
}

fn judged(verdict: Verdict, ratio: Ratio, url: Option<&ImageUrl>) -> Report {
    let mut facts = RemoteFacts::new(MODEL, ratio);
    facts.http_status = Some(200);
    facts.charge = Charge::Yes;
    facts.attempts = 1;
    let answer = Answer {
        verdict,
        humanoid: None,
        made_up: false,
    };
    judged_report(cleared(), facts, &answer, url)
}

fn cleared() -> Cleared {
    let gate = Gate::builder(Profile::emo()).build();
    match gate.screen_bytes(PNG) {
        Screening::Cleared(cleared) => cleared,
        Screening::Ended(report) => unreachable!("the header above passes: {report:?}"),
    }
}

/// Builds any report.
///
/// ```
/// use gate::test_util::ReportBuilder;
/// use gate::{Code, Outcome};
///
/// let report = ReportBuilder::new().finding(Code::HttpStatus, "503 Service Unavailable").build();
/// assert_eq!(report.outcome(), Outcome::Unknown);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct ReportBuilder {
    report: Report,
}

impl ReportBuilder {
    /// An image of which nothing was seen, and that passed nevertheless.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was seen of the image.
    pub fn facts(mut self, facts: Facts) -> Self {
        self.report.facts = facts;
        self
    }

    /// What was seen of its server.
    pub fn http(mut self, facts: HttpFacts) -> Self {
        self.report.http = Some(Box::new(facts));
        self
    }

    /// What the paid stage said.
    pub fn remote(mut self, facts: RemoteFacts) -> Self {
        self.report.remote = Some(Box::new(facts));
        self
    }

    /// What the video call wants.
    pub fn handoff(mut self, handoff: HandOff) -> Self {
        self.report.handoff = Some(Box::new(handoff));
        self
    }

    /// The last stage that ran. A finding ends it at its own.
    pub fn stage(mut self, stage: Stage) -> Self {
        self.report.enter(stage);
        self
    }

    /// A finding of this code, with its usual effect.
    pub fn finding(mut self, code: Code, message: impl Into<String>) -> Self {
        self.report.enter(code.stage());
        self.report.add(Finding::new(code, message));
        self
    }

    /// The report.
    pub fn build(self) -> Report {
        self.report
    }
}
