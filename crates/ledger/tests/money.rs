//! The five losses that made this crate, with the real client and gate, at the stand-in's own bill.
#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use gate::{Ledger, Outcome};
use standin::{LocalUrl, Standin};
use support::asker::{ask, builder, detector, help, lend, spawn};
use support::process::{Told, output_of, told, until};
use support::{open, options};

#[test]
#[ignore = "not a test: the process that the tests start"]
fn helper() {
    help();
}

async fn run(folder: &Path, standin: &Standin, lent: &[LocalUrl]) -> Told {
    told(&output_of(spawn(folder, standin, lent)).await)
}

/// How often each content was billed.
fn bill(standin: &Standin) -> BTreeMap<String, u64> {
    let mut bill = BTreeMap::new();
    for call in standin.stats().bill {
        *bill.entry(call.sha256).or_default() += 1;
    }
    bill
}

async fn slow(time: Duration) -> Standin {
    Standin::builder().service_time(time).start().await.unwrap()
}

/// Found by killing a run of 500 images: 519 were billed after the rerun, and nothing said so.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_accounted_for() {
    let dir = tempfile::tempdir().unwrap();
    let standin = slow(Duration::from_millis(1_200)).await;
    let lent = lend(&standin, 20);
    let mut child = spawn(dir.path(), &standin, &lent);
    until("calls are billed and others in flight", || {
        standin.stats().billable >= 5
    })
    .await;
    child.kill().unwrap();
    child.wait().unwrap();
    // The calls in flight are billed all the same.
    tokio::time::sleep(Duration::from_secs(2)).await;

    let next = run(dir.path(), &standin, &lent).await;
    let billed = standin.stats().billable;
    let info = ledger::info(&options(dir.path())).unwrap();
    assert!(next.open_before > 0, "calls were in flight");
    assert!(
        info.ever.charged + next.open_before >= billed,
        "{info:?}, billed {billed}"
    );
    let twice: u64 = bill(&standin).values().map(|times| times - 1).sum();
    assert!(
        twice <= next.open_before,
        "only what was never answered is paid for twice"
    );
    assert_eq!(run(dir.path(), &standin, &lent).await.charged, 0);
    assert_eq!(standin.stats().billable, billed);
}

/// Found by three runs side by side: 120 billed for 40 images, 15 requests in one second.
#[tokio::test(flavor = "multi_thread")]
async fn three_processes_pay_for_each_image_once_at_one_pace() {
    let dir = tempfile::tempdir().unwrap();
    let standin = Standin::builder().rate(5).start().await.unwrap();
    let lent = lend(&standin, 25);
    let children: Vec<_> = (0..3).map(|_| spawn(dir.path(), &standin, &lent)).collect();
    let mut charged = 0;
    for child in children {
        charged += told(&output_of(child).await).charged;
    }
    let stats = standin.stats();
    assert_eq!((stats.billable, charged), (25, 25));
    assert_eq!(bill(&standin).len(), 25);
    assert_eq!(
        stats.throttled, 0,
        "the service has five requests a second: {stats:?}"
    );
}

/// Found by a run with a signature that was made anew: each object was paid for again.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_image_under_another_address_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let standin = slow(Duration::ZERO).await;
    for _ in 0..3 {
        let ledger = open(dir.path());
        let detector = detector(&standin.base_url(), &ledger);
        let lent = lend(&standin, 2);
        for (number, lent) in lent.iter().enumerate() {
            let report = ask(&detector, number, lent.url()).await;
            assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
        }
        ledger.close().await.unwrap();
    }
    assert_eq!(standin.stats().billable, 2);
}

/// Found with a cache that was turned read-only in the middle: the spending went on, exit 0.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_lost_in_the_middle_stops_the_spending_and_the_account_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("cache");
    let standin = slow(Duration::from_millis(800)).await;
    let lent = lend(&standin, 12);
    let ledger = open(&folder);
    let four = NonZeroUsize::new(4).unwrap();
    let detector = builder(&standin.base_url(), &ledger)
        .concurrency(four)
        .build();
    let mut tasks = tokio::task::JoinSet::new();
    for (number, lent) in lent.iter().enumerate() {
        let (detector, url) = (detector.clone(), lent.url().to_owned());
        tasks.spawn(async move { ask(&detector, number, &url).await });
    }
    until("calls are in flight", || standin.stats().face_detect >= 3).await;
    std::fs::remove_dir_all(&folder).unwrap();
    let reports = tasks.join_all().await;
    let (billed, spent) = (standin.stats().billable, ledger.spent().await.unwrap());
    assert!(billed < 12, "it stopped");
    assert_eq!((spent.charged, spent.in_flight), (billed, 0), "{spent:?}");
    let passed = reports
        .iter()
        .filter(|report| report.outcome() == Outcome::Pass)
        .count();
    assert_eq!(passed as u64, billed, "what was paid for is told");
    assert!(ledger.close().await.is_err());
    assert_eq!(ledger.unsaved() as u64, billed);
}

/// Found by a repository that held a cache of its own: its image passed the paid stage, unasked.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_somebody_else_passes_nothing() {
    let (theirs, mine) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let standin = slow(Duration::ZERO).await;
    let lent = lend(&standin, 1);
    let key = support::seal_key("sk-of-somebody-else");
    let ledger = ledger::open(&options(theirs.path()).seal_key(key)).unwrap();
    let report = ask(&detector(&standin.base_url(), &ledger), 0, lent[0].url()).await;
    assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
    ledger.close().await.unwrap();
    assert_eq!(standin.stats().billable, 1);
    std::fs::copy(
        theirs.path().join("ledger.sqlite3"),
        mine.path().join("ledger.sqlite3"),
    )
    .unwrap();
    let ledger = open(mine.path());
    let report = ask(&detector(&standin.base_url(), &ledger), 0, lent[0].url()).await;
    assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
    assert_eq!(standin.stats().billable, 2, "asked, not believed");
}
