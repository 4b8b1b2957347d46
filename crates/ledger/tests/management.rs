//! The summary, the export, and forgetting.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gate::Ledger;
use ledger::{ClearError, ClearWhat, Cleared, Entry, Options, Verdicts};
use remote::{Charge, ErrorKind};
use serde_json::{Value, json};
use support::{
    about, fail, intended, known, open, options, pass, pay, question, settlement, sha256, url,
};

/// Two verdicts, a call in vain, and one that its run has left open.
async fn filled(folder: &std::path::Path) {
    let ledger = open(folder);
    pay(&ledger, &about(Some(sha256(1)), Some(url(1))), pass(1)).await;
    pay(&ledger, &question(2), fail()).await;
    let (asking, call) = intended(&ledger, &question(3)).await;
    let lost = settlement(Charge::Unknown, Err(ErrorKind::OutcomeUnknown));
    asking.settle(call, &lost).await.unwrap();
    let call = asking.intend().await.unwrap();
    asking
        .settle(call, &settlement(Charge::No, Err(ErrorKind::Throttled)))
        .await
        .unwrap();
    drop(asking);
    drop(intended(&ledger, &question(4)).await);
    ledger.close().await.unwrap();
}

/// Found by reading the code: the summary looked at the charges first and at the open calls later, so
/// that a call that was settled in between was in neither.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_settled_meanwhile_is_in_the_summary() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, billed) = (open(dir.path()), Arc::new(AtomicU64::new(0)));
    let bill = Arc::clone(&billed);
    let paying = tokio::spawn(async move {
        for n in 0..100 {
            let (asking, call) = intended(&ledger, &question(n)).await;
            bill.fetch_add(1, Ordering::SeqCst);
            let end = settlement(Charge::Yes, Ok(pass(n)));
            asking.settle(call, &end).await.unwrap();
        }
    });
    while !paying.is_finished() {
        let billed = billed.load(Ordering::SeqCst);
        let info = ledger::info(&options(dir.path())).unwrap();
        let open: u64 = info.open.iter().map(|run| run.calls).sum();
        assert!(info.ever.charged + open >= billed, "{billed}: {info:?}");
    }
    paying.await.unwrap();
}

#[tokio::test]
async fn info_tells_what_was_spent_and_what_is_open() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let info = ledger::info(&options(dir.path())).unwrap();
    assert_eq!(
        (
            info.verdicts.total,
            info.verdicts.passes,
            info.verdicts.sealed
        ),
        (2, 1, Some(2))
    );
    assert_eq!(
        (
            info.today.asked,
            info.today.charged,
            info.today.maybe_charged
        ),
        (5, 2, 1)
    );
    assert_eq!((info.today, info.in_vain), (info.ever, 1));
    let [run] = &info.open[..] else {
        panic!("{:?}", info.open)
    };
    assert_eq!(
        (run.pid, run.calls, run.alive),
        (std::process::id(), 1, false)
    );
    assert!(info.bytes > 4_096);
    // Its run has told of it: the next one does not.
    assert_eq!(open(dir.path()).spent().await.unwrap().open_before, 0);
}

#[tokio::test]
async fn without_a_key_verdicts_are_counted_and_not_judged() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let verdicts = ledger::info(&Options::new(dir.path())).unwrap().verdicts;
    assert_eq!((verdicts.total, verdicts.passes), (2, 1));
    let judged = (verdicts.sealed, verdicts.of_other_keys, verdicts.forged);
    assert_eq!(judged, (None, None, None));
}

#[tokio::test]
async fn the_spending_of_today_is_told_without_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let nothing = ledger::spent_today(&options(dir.path())).unwrap();
    assert_eq!(
        (nothing.asked, nothing.charged, nothing.maybe_charged),
        (0, 0, 0)
    );
    filled(dir.path()).await;
    let today = ledger::spent_today(&options(dir.path())).unwrap();
    assert_eq!((today.asked, today.charged, today.maybe_charged), (5, 2, 1));
}

#[test]
fn where_no_ledger_is_the_summary_says_where_it_would_be() {
    let dir = tempfile::tempdir().unwrap();
    for (options, none) in [
        (options(dir.path()), Some(0)),
        (Options::new(dir.path()), None),
    ] {
        let info = ledger::info(&options).unwrap();
        assert_eq!(info.path, dir.path().join(ledger::FILE_NAME));
        let Verdicts {
            total,
            sealed,
            of_other_keys,
            forged,
            ..
        } = info.verdicts;
        assert_eq!(
            (total, sealed, of_other_keys, forged),
            (0, none, none, none)
        );
    }
}

#[tokio::test]
async fn an_export_holds_all_that_stands_in_it() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let lines: Vec<Value> = ledger::export(&options(dir.path()))
        .unwrap()
        .map(|entry| serde_json::to_value(entry.unwrap()).unwrap())
        .collect();
    let types: Vec<_> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["day", "call", "call", "verdict", "verdict"]);
    assert_eq!(
        (&lines[0]["asked"], &lines[0]["charged"]),
        (&json!(5), &json!(2))
    );
    let call = &lines[1];
    assert_eq!(
        (&call["open"], &call["charge"]),
        (&json!(false), &json!("unknown"))
    );
    assert_eq!(
        (&call["fault"], &call["sha256"]),
        (&json!("outcome-unknown"), &json!(sha256(3).to_string()))
    );
    assert_eq!(
        (&lines[2]["open"], &lines[2]["run_pid"]),
        (&json!(true), &json!(std::process::id()))
    );
    let verdict = &lines[3];
    assert_eq!(verdict["sha256"], json!(sha256(1).to_string()));
    assert_eq!(
        verdict["verdict"]["pass"]["face"],
        json!([302, 286, 610, 594])
    );
    assert_eq!(
        (&verdict["standing"], &verdict["ratio"]),
        (&json!("sealed"), &json!("1:1"))
    );
    assert!(verdict["url_identity"].is_string() && lines[4].get("url_identity").is_none());
    assert_eq!(
        lines[4]["verdict"]["fail"]["code"],
        json!("InvalidFile.NoHuman")
    );
}

#[tokio::test]
async fn open_calls_are_forgotten_only_when_told_so() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let options = options(dir.path());
    let error = ledger::clear(&options, ClearWhat::Settled).unwrap_err();
    assert!(
        matches!(error, ClearError::OpenCalls { calls: 1 }),
        "{error}"
    );
    assert_eq!(ledger::info(&options).unwrap().verdicts.total, 2);
    let cleared = ledger::clear(&options, ClearWhat::Everything).unwrap();
    assert_eq!(
        (
            cleared.verdicts,
            cleared.calls,
            cleared.open_calls,
            cleared.in_flight
        ),
        (2, 1, 1, 0)
    );
    let info = ledger::info(&options).unwrap();
    assert_eq!(
        (info.verdicts.total, info.ever.asked, info.open.len()),
        (0, 0, 0)
    );
    assert_eq!(known(&open(dir.path()), &question(1)).await, None);
}

#[tokio::test]
async fn what_is_in_flight_is_never_forgotten_and_days_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _idle) = (open(dir.path()), open(dir.path()));
    pay(&ledger, &question(1), pass(1)).await;
    let (asking, call) = intended(&ledger, &question(2)).await;
    let options = options(dir.path());
    let cleared = ledger::clear(&options, ClearWhat::Settled).unwrap();
    assert_eq!(
        (cleared.verdicts, cleared.open_calls, cleared.in_flight),
        (1, 0, 1)
    );
    assert_eq!(ledger::info(&options).unwrap().today.asked, 2);
    let cleared = ledger::clear(&options, ClearWhat::Everything).unwrap();
    assert_eq!((cleared.open_calls, cleared.in_flight), (0, 1));
    // The run goes on.
    asking
        .settle(call, &settlement(Charge::Yes, Ok(pass(2))))
        .await
        .unwrap();
    drop(asking);
    assert!(known(&ledger, &question(2)).await.is_some());
    pay(&ledger, &question(1), pass(1)).await;
    ledger.close().await.unwrap();
    assert_eq!(
        ledger::clear(&options, ClearWhat::Settled).unwrap(),
        Cleared::clone(&{
            let mut expected = cleared;
            (expected.verdicts, expected.in_flight) = (2, 0);
            expected
        })
    );
}

#[tokio::test]
async fn a_large_export_comes_whole() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    pay(&ledger, &question(1), pass(1)).await;
    ledger.close().await.unwrap();
    let conn = rusqlite::Connection::open(dir.path().join(ledger::FILE_NAME)).unwrap();
    conn.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
         INSERT INTO verdict (question, sha256, at, boxes, made_up, seal)
         SELECT question, randomblob(32), at, boxes, made_up, seal FROM verdict, n",
        [],
    )
    .unwrap();
    drop(conn);
    let verdicts = ledger::export(&options(dir.path()))
        .unwrap()
        .filter(|entry| matches!(entry, Ok(Entry::Verdict(_))));
    assert_eq!(verdicts.count(), 2_101);
    let verdicts = ledger::info(&options(dir.path())).unwrap().verdicts;
    assert_eq!(
        (verdicts.total, verdicts.sealed, verdicts.forged),
        (2_101, Some(1), Some(2_100))
    );
}
