//! Runs that are gone, and how they are told from those that live.
#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Barrier;

use gate::Ledger;
use ledger::FILE_NAME;
use rusqlite::Connection;
use support::process::until;
use support::{intended, open, options, question};

fn locks(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.to_string_lossy().contains("-run-"))
        .collect()
}

/// Whether the one run with open calls lives.
fn is_alive(folder: &Path) -> bool {
    ledger::info(&options(folder)).unwrap().open[0].alive
}

fn forge(folder: &Path, change: &str) {
    let conn = Connection::open(folder.join(FILE_NAME)).unwrap();
    let changed = conn.execute(&format!("UPDATE run SET {change}"), []);
    assert_eq!(changed.unwrap(), 1, "{change}");
}

#[tokio::test]
async fn what_a_run_that_is_gone_left_open_is_told_and_counted_when_it_is_asked_again() {
    let dir = tempfile::tempdir().unwrap();
    // It is dropped without an end, as in a crash.
    drop(intended(&open(dir.path()), &question(1)).await);
    until("it is gone", || !is_alive(dir.path())).await;

    let next = open(dir.path());
    let [run] = next.open_before() else {
        panic!("{:?}", next.open_before())
    };
    assert_eq!(
        (run.pid, run.calls, run.alive),
        (std::process::id(), 1, false)
    );
    assert_eq!(next.spent().await.unwrap().open_before, 1);
    let (_other, _) = intended(&next, &question(2)).await;
    assert_eq!(next.asked_again(), 0, "nobody has asked about this image");
    let (_same, _) = intended(&next, &question(1)).await;
    assert_eq!(next.asked_again(), 1);
}

#[test]
fn the_lock_of_a_run_that_lives_stays() {
    let dir = tempfile::tempdir().unwrap();
    let _runs = [open(dir.path()), open(dir.path()), open(dir.path())];
    assert_eq!(locks(dir.path()).len(), 3);
}

/// Somebody removed the lock's file: the process is known by its number and by when it began.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_process_with_the_same_number_is_another_run() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let _asking = intended(&ledger, &question(1)).await;
    for lock in locks(dir.path()) {
        std::fs::remove_file(lock).unwrap();
    }
    assert!(is_alive(dir.path()));
    forge(dir.path(), "pid = 1");
    assert!(!is_alive(dir.path()), "this number began at another time");
    forge(dir.path(), &format!("pid = {}", std::process::id()));
    assert!(is_alive(dir.path()));
    forge(dir.path(), "process = 'an earlier start 17'");
    assert!(!is_alive(dir.path()));
}

/// A run whose lock cannot be opened counts as alive. A lock whose name is not the ledger's own is
/// never opened.
#[tokio::test]
async fn a_run_whose_lock_cannot_be_opened_counts_as_alive() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    drop(intended(&ledger, &question(1)).await);
    ledger.close().await.unwrap();
    assert!(!is_alive(dir.path()));
    for (name, lives) in [
        (format!("{FILE_NAME}-run-{}", "1".repeat(300)), true),
        (format!("{FILE_NAME}-run-1"), false),
        (format!("../{FILE_NAME}-run-{}", "1".repeat(300)), false),
        ("1".repeat(300), false),
    ] {
        forge(dir.path(), &format!("lock = '{name}'"));
        assert_eq!(is_alive(dir.path()), lives, "{name}");
    }
}

/// One of them makes the file, and all of them use it.
#[test]
fn many_that_open_a_new_ledger_at_once_open_one() {
    for _ in 0..6 {
        let dir = tempfile::tempdir().unwrap();
        let (folder, all_are_there) = (dir.path().join("new"), Barrier::new(6));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    all_are_there.wait();
                    ledger::open(&options(&folder)).unwrap();
                });
            }
        });
        assert_eq!(ledger::info(&options(&folder)).unwrap().ever.asked, 0);
    }
}
