//! Locks of others: what waits for them, and what is known of the calls that could not be written down.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gate::{Asking, Claim, Ledger, LedgerError, Question};
use ledger::FILE_NAME;
use remote::{Charge, Ratio};
use rusqlite::Connection;
use support::{
    about, granted, intended, open, options, pass, pay, question, settlement, sha256, url,
};

#[tokio::test]
async fn a_lock_that_another_lets_go_in_time_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let asking = granted(&ledger, &question(1)).await;
    let freed = granted(&ledger, &question(2)).await;
    let other = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let let_go = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.execute_batch("ROLLBACK").unwrap();
    };
    let (intended, ()) = tokio::join!(asking.intend(), let_go);
    intended.unwrap();

    // Nor does a question stay taken that is given up meanwhile.
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    drop(freed);
    tokio::time::sleep(Duration::from_millis(300)).await;
    other.execute_batch("ROLLBACK").unwrap();
    let patience = Duration::from_secs(2);
    let next = ledger::open(&options(dir.path()).patience(patience)).unwrap();
    granted(&next, &question(2)).await;
}

/// Most questions of a second run are known already.
#[tokio::test]
async fn a_verdict_that_is_known_waits_for_no_lock() {
    let dir = tempfile::tempdir().unwrap();
    let quick = options(dir.path()).lock_wait(Duration::from_millis(100));
    let ledger = ledger::open(&quick).unwrap();
    let (bytes, place) = (about(Some(sha256(1)), None), about(None, Some(url(2))));
    for asked in [&bytes, &place] {
        pay(&ledger, asked, pass(1)).await;
    }
    let other = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for asked in [&bytes, &place] {
        let claim = ledger.claim(asked).await.unwrap();
        assert!(matches!(claim, Claim::Known(_)), "{asked:?}");
    }
    ledger.claim(&question(3)).await.unwrap_err();
}

#[tokio::test]
async fn many_that_wait_for_a_lock_wait_no_longer_than_one() {
    let dir = tempfile::tempdir().unwrap();
    let quick = options(dir.path()).lock_wait(Duration::from_millis(300));
    let ledger = ledger::open(&quick).unwrap();
    let asking: Arc<dyn Asking> = Arc::from(granted(&ledger, &question(1)).await);
    let other = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let asking = Arc::clone(&asking);
        waiting.spawn(async move { asking.intend().await.map_err(|error| format!("{error:?}")) });
    }
    for intent in waiting.join_all().await {
        let error = intent.unwrap_err();
        assert!(error.contains("Locked"), "{error}");
    }
    // One after another they would take six seconds.
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_verdict_that_could_not_be_written_answers_its_own_question_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let asked = about(Some(sha256(1)), Some(url(1)));
    let (asking, call) = intended(&ledger, &asked).await;
    let (nameless, nameless_call) = intended(&ledger, &about(None, None)).await;
    ledger.close().await.unwrap();
    let end = settlement(Charge::Yes, Ok(pass(1)));
    asking.settle(call, &end).await.unwrap_err();
    nameless.settle(nameless_call, &end).await.unwrap_err();
    for same in [
        asked.clone(),
        about(Some(sha256(1)), None),
        about(None, Some(url(1))),
        about(Some(sha256(1)), Some(url(2))),
        about(Some(sha256(2)), Some(url(1))),
    ] {
        let known = ledger.recall(&same).await.unwrap().unwrap();
        assert_eq!(known.answer, pass(1), "{same:?}");
    }
    for other in [
        about(Some(sha256(2)), Some(url(2))),
        about(Some(sha256(2)), None),
        about(None, Some(url(2))),
        about(None, None),
        Question {
            model: "emo-detect-v2".to_owned(),
            ..asked.clone()
        },
        Question {
            ratio: Ratio::ThreeFour,
            ..asked.clone()
        },
        Question {
            base_url: "http://127.0.0.1:1/api/v1".to_owned(),
            ..asked.clone()
        },
    ] {
        let answer = ledger.recall(&other).await;
        assert!(matches!(answer, Err(LedgerError::NotRead(_))), "{other:?}");
    }
}
