//! File systems that lack what SQLite needs. `strace` answers in their place.
#![cfg(target_os = "linux")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use ledger::FILE_NAME;
use rusqlite::Connection;
use support::{granted, known, open, options, pass, pay, question};

const FOLDER: &str = "LEDGER_TEST_FOLDER";

#[tokio::test]
#[ignore = "not a test: the process that the tests start"]
async fn helper() {
    let folder = std::env::var(FOLDER).unwrap();
    match ledger::open(&options(Path::new(&folder))) {
        Ok(ledger) => {
            pay(&ledger, &question(1), pass(1)).await;
            assert!(known(&ledger, &question(1)).await.is_some());
            ledger.close().await.unwrap();
            println!("\npaid");
        }
        Err(error) => println!("\nrefused: {error:?}"),
    }
}

/// Pays in a process for which a system call about a file ends otherwise.
fn pay_where(folder: &Path, file: &str, call: &str, inject: &str) -> String {
    let output: Output = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("trace={call}"))
        .arg("-e")
        .arg(format!("inject={call}:{inject}"))
        .args(if file.is_empty() { None } else { Some("-P") })
        .args((!file.is_empty()).then(|| folder.join(file)))
        .arg(std::env::current_exe().unwrap())
        .args(["helper", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = stdout
        .lines()
        .find(|line| line.starts_with("paid") || line.starts_with("refused"));
    line.unwrap_or_else(|| panic!("{stdout}{stderr}"))
        .to_owned()
}

fn journal_of(folder: &Path) -> String {
    let conn = Connection::open(folder.join(FILE_NAME)).unwrap();
    conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap()
}

/// As on a network file system, or on one in user space.
#[tokio::test]
#[ignore = "needs strace"]
async fn where_files_cannot_be_mapped_a_rollback_journal_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let shared_memory = format!("{FILE_NAME}-shm");
    let end = pay_where(dir.path(), &shared_memory, "mmap", "error=ENODEV");
    assert_eq!(end, "paid");
    assert_eq!(journal_of(dir.path()), "delete");

    // A run of this machine later goes on with the same file.
    let ledger = open(dir.path());
    assert!(known(&ledger, &question(1)).await.is_some());
    drop(granted(&ledger, &question(2)).await);
    ledger.close().await.unwrap();
}

/// As on NFS without its lock service: the system's answer to each lock is ENOLCK.
#[test]
#[ignore = "needs strace"]
fn without_locks_nothing_is_paid() {
    for call in ["fcntl", "flock"] {
        let dir = tempfile::tempdir().unwrap();
        let file = if call == "fcntl" { FILE_NAME } else { "" };
        let end = pay_where(dir.path(), file, call, "error=ENOLCK");
        assert!(
            end.starts_with("refused") && end.contains("NoLocks"),
            "{call}: {end}"
        );
    }
}

/// A file system that says yes to each lock and keeps none: a living run would look like a dead one.
#[test]
#[ignore = "needs strace"]
fn where_locks_are_not_kept_nothing_is_paid() {
    let dir = tempfile::tempdir().unwrap();
    let end = pay_where(dir.path(), "", "flock", "retval=0");
    assert!(
        end.starts_with("refused") && end.contains("NoLocks"),
        "{end}"
    );
}
