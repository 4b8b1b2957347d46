//! Questions, answers and ledgers for tests.
#![allow(dead_code, reason = "each test file uses some of it")]

#[cfg(unix)]
pub(crate) mod asker;
#[cfg(unix)]
pub(crate) mod process;
pub(crate) mod till;

use std::path::Path;
use std::time::Duration;

use gate::{
    Answer, Asking, CallId, Claim, ImageIdentity, Known, Ledger, Question, Settlement, Sha256,
    UrlIdentity,
};
use jiff::Timestamp;
use ledger::{Options, SealKey, SqliteLedger};
use remote::{ApiKey, Boxes, Charge, ErrorKind, Ratio, Verdict};

pub(crate) const KEY: &str = "sk-0123456789abcdef0123456789abcdef";

pub(crate) fn seal_key(text: &str) -> SealKey {
    SealKey::of(&ApiKey::new(text).unwrap())
}

/// A ledger with short waits.
pub(crate) fn options(folder: &Path) -> Options {
    Options::new(folder)
        .seal_key(seal_key(KEY))
        .patience(Duration::from_secs(20))
        .lock_wait(Duration::from_secs(5))
}

pub(crate) fn open(folder: &Path) -> SqliteLedger {
    ledger::open(&options(folder)).unwrap()
}

pub(crate) fn sha256(n: u64) -> Sha256 {
    Sha256::of(&n.to_be_bytes())
}

pub(crate) fn url(n: u64) -> UrlIdentity {
    UrlIdentity::from_bytes(*Sha256::of(format!("url {n}").as_bytes()).as_bytes())
}

pub(crate) fn about(sha256: Option<Sha256>, url: Option<UrlIdentity>) -> Question {
    Question {
        image: ImageIdentity { sha256, url },
        model: "emo-detect-v1".to_owned(),
        ratio: Ratio::Square,
        base_url: "https://dashscope.aliyuncs.com/api/v1".to_owned(),
    }
}

/// A question about the bytes of image `n`.
pub(crate) fn question(n: u64) -> Question {
    about(Some(sha256(n)), None)
}

/// A verdict that tells which image it is about.
pub(crate) fn pass(n: u64) -> Answer {
    let n = u32::try_from(n).unwrap();
    Answer {
        verdict: Verdict::Pass(Boxes {
            face: [302, 286, 610, 593 + n].into(),
            ext: [71, 9, 840, 778 + n].into(),
        }),
        humanoid: None,
        made_up: false,
    }
}

pub(crate) fn fail() -> Answer {
    let failure = serde_json::json!({
        "reason": "no-human",
        "code": "InvalidFile.NoHuman",
        "message": "No human detected in the image.",
    });
    Answer {
        verdict: Verdict::Fail(serde_json::from_value(failure).unwrap()),
        humanoid: Some(false),
        made_up: false,
    }
}

pub(crate) fn settlement(charge: Charge, outcome: Result<Answer, ErrorKind>) -> Settlement {
    Settlement {
        charge,
        http_status: Some(200),
        request_id: Some("7e6a1a4a-3a0b-9d3c-8b1f-0a1b2c3d4e5f".to_owned()),
        outcome,
        at: Timestamp::now(),
    }
}

/// The right to ask, where nothing is known.
pub(crate) async fn granted(ledger: &SqliteLedger, question: &Question) -> Box<dyn Asking> {
    match ledger.claim(question).await.unwrap() {
        Claim::Granted(asking) => asking,
        Claim::Known(known) => panic!("expected the right to ask, but found {known:?}"),
    }
}

pub(crate) async fn known(ledger: &SqliteLedger, question: &Question) -> Option<Known> {
    ledger.recall(question).await.unwrap()
}

/// Asks a question that nobody has asked, and gets this answer for money.
pub(crate) async fn pay(ledger: &SqliteLedger, question: &Question, answer: Answer) {
    let asking = granted(ledger, question).await;
    let call = asking.intend().await.unwrap();
    let settlement = settlement(Charge::Yes, Ok(answer));
    asking.settle(call, &settlement).await.unwrap();
}

pub(crate) async fn intended(
    ledger: &SqliteLedger,
    question: &Question,
) -> (Box<dyn Asking>, CallId) {
    let asking = granted(ledger, question).await;
    let call = asking.intend().await.unwrap();
    (asking, call)
}
