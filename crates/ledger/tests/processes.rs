//! Several processes on one ledger, at a service that keeps its own bill.
#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::time::{Duration, Instant};

use gate::{Claim, Ledger, LedgerError};
use ledger::OpenRun;
use rustix::process::Signal;
use support::process::{Orders, help, output_of, signal, spawn, told, until};
use support::till::Till;
use support::{granted, open, options, pass, pay, question};

#[test]
#[ignore = "not a test: the process that the tests start"]
fn helper() {
    help();
}

fn orders(till: &Till, images: u64) -> Orders {
    Orders {
        service: till.address,
        images,
        budget_per_day: None,
    }
}

/// Loss 1: a run of many calls was killed, 19 of them were in flight, and nobody ever said so.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_has_sent_is_told_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let till = Till::start(Duration::from_millis(1_500)).await;
    let mut child = spawn(dir.path(), orders(&till, 20));
    until("requests are in flight", || till.total() >= 6).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let billed_before = till.total();

    let next = told(&output_of(spawn(dir.path(), orders(&till, 20))).await);
    assert!(next.open_before > 0);
    let info = ledger::info(&options(dir.path())).unwrap();
    let kept = info.verdicts.sealed.unwrap() - next.charged;
    // The settled images are not asked about again; the calls in flight are told.
    assert!(
        kept + next.open_before >= billed_before,
        "{kept} + {} < {billed_before}",
        next.open_before
    );
    assert_eq!(next.charged, 20 - kept);
    assert!(info.ever.charged + next.open_before >= till.total());
    let [run] = &info.open[..] else {
        panic!("{:?}", info.open)
    };
    assert_eq!((run.calls, run.alive), (next.open_before, false));
    assert_eq!(run.pid, child.id());

    // Told once; `info` goes on saying so.
    let third = told(&output_of(spawn(dir.path(), orders(&till, 20))).await);
    assert_eq!((third.charged, third.open_before), (0, 0));
    assert_eq!(ledger::info(&options(dir.path())).unwrap().open.len(), 1);
}

/// Loss 2: three processes paid for each image three times, fifteen requests a second.
#[tokio::test(flavor = "multi_thread")]
async fn three_processes_ask_about_each_image_once_and_keep_one_pace() {
    let dir = tempfile::tempdir().unwrap();
    let till = Till::start(Duration::from_millis(50)).await;
    let began = Instant::now();
    let children: Vec<_> = (0..3)
        .map(|_| spawn(dir.path(), orders(&till, 30)))
        .collect();
    let mut charged = 0;
    for child in children {
        let output = output_of(child).await;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        charged += told(&output).charged;
    }
    let bill = till.by_image();
    assert_eq!(bill.len(), 30);
    assert!(bill.values().all(|times| *times == 1), "{bill:?}");
    assert_eq!(charged, 30);
    assert!(till.most_in_a_second() <= 5, "{}", till.most_in_a_second());
    println!("30 requests of three processes in {:?}", began.elapsed());
    let info = ledger::info(&options(dir.path())).unwrap();
    assert_eq!(
        (info.today.asked, info.today.charged, info.open.len()),
        (30, 30, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_share_the_budget_of_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let till = Till::start(Duration::from_millis(10)).await;
    let orders = Orders {
        budget_per_day: Some(7),
        ..orders(&till, 12)
    };
    let children: Vec<_> = (0..3).map(|_| spawn(dir.path(), orders)).collect();
    let mut over = 0;
    for child in children {
        over += told(&output_of(child).await).over_budget;
    }
    assert_eq!((till.total(), over), (7, 3 * 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_is_alive_and_a_killed_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let till = Till::start(Duration::from_secs(600)).await;
    let mut child = spawn(dir.path(), orders(&till, 1));
    until("it asks", || till.total() == 1).await;
    signal(&child, Signal::STOP);

    let patience = Duration::from_secs(1);
    let ledger = ledger::open(&options(dir.path()).patience(patience)).unwrap();
    assert_eq!(ledger.open_before(), &[], "its call is not over");
    let held = ledger.claim(&question(0)).await.unwrap_err();
    assert!(matches!(held, LedgerError::Busy { .. }), "{held}");
    let info = ledger::info(&options(dir.path())).unwrap();
    assert!(matches!(
        &info.open[..],
        [OpenRun {
            alive: true,
            calls: 1,
            ..
        }]
    ));

    // Killed while somebody waits for it: the question is free at once.
    let waiting = tokio::spawn({
        let ledger = open(dir.path());
        async move { matches!(ledger.claim(&question(0)).await.unwrap(), Claim::Granted(_)) }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(waiting.await.unwrap());

    let asking = granted(&ledger, &question(0)).await;
    asking.intend().await.unwrap();
    assert_eq!(ledger.asked_again(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_lock_somebody_removed_still_lives() {
    let dir = tempfile::tempdir().unwrap();
    let one = open(dir.path());
    let _asking = granted(&one, &question(1)).await;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("-run-") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let other = ledger::open(&options(dir.path()).patience(Duration::from_millis(100))).unwrap();
    if cfg!(target_os = "linux") {
        assert!(matches!(
            other.claim(&question(1)).await,
            Err(LedgerError::Busy { .. })
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_end_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..3 {
        let ledger = open(dir.path());
        pay(&ledger, &question(n), pass(n)).await;
        ledger.close().await.unwrap();
    }
    // One that was not closed is swept up by the next.
    drop(open(dir.path()));
    tokio::time::sleep(Duration::from_millis(200)).await;
    open(dir.path()).close().await.unwrap();
    let names: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["ledger.sqlite3"]);
}
