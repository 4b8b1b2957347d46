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
use std::process::Command;

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

/// Pays in a process for which a system call ends otherwise, if it is about one of these files. `$$` in
/// a name is the number of the process.
fn pay_where(folder: &Path, files: &[&str], call: &str, inject: &str) -> String {
    // With `-D`, the traced process has the number of the shell.
    let mut script =
        format!("exec strace -D -f -qq -o /dev/null -e trace={call} -e inject={call}:{inject}");
    for file in files {
        script += &format!(" -P \"{}/{FILE_NAME}{file}\"", folder.display());
    }
    let output = Command::new("sh")
        .args(["-c", &(script + " \"$@\""), "sh"])
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

/// As on a file system in user space. Found by this test: the ledger was told to keep a log, could not,
/// and could not be opened again to be told otherwise.
#[tokio::test]
#[ignore = "needs strace"]
async fn where_files_cannot_be_mapped_a_rollback_journal_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let shared = ["-shm", "-probe-$$-shm"];
    let end = pay_where(dir.path(), &shared, "mmap", "error=ENODEV");
    assert_eq!(end, "paid");
    assert_eq!(journal_of(dir.path()), "delete");
    let left = std::fs::read_dir(dir.path()).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert_eq!(left, [FILE_NAME], "the probe is gone");

    // A run goes on with the same file where it can keep a log.
    let ledger = open(dir.path());
    assert!(known(&ledger, &question(1)).await.is_some());
    drop(granted(&ledger, &question(2)).await);
    ledger.close().await.unwrap();
    assert_eq!(journal_of(dir.path()), "wal");
}

/// As on NFS, whose maps machines do not share, by the type that statfs(2) gives: the first word of its
/// answer.
#[cfg(all(target_endian = "little", target_pointer_width = "64"))]
#[test]
#[ignore = "needs strace"]
fn on_a_file_system_over_a_network_a_rollback_journal_is_kept() {
    for (kind, journal) in [
        ("6969000000000000", "delete"), // NFS
        ("424d53fe00000000", "delete"), // SMB2
        ("53ef000000000000", "wal"),    // ext4
    ] {
        let dir = tempfile::tempdir().unwrap();
        let answer = format!("poke_exit=@arg2={kind}");
        assert_eq!(pay_where(dir.path(), &[], "statfs", &answer), "paid");
        assert_eq!(journal_of(dir.path()), journal, "{kind}");
    }
}

/// As on NFS without its lock service: the system's answer to each lock is ENOLCK, which SQLite takes
/// for a lock that somebody else holds.
#[test]
#[ignore = "needs strace"]
fn without_locks_nothing_is_paid() {
    for (call, files) in [("fcntl", &["", "-probe-$$"][..]), ("flock", &[])] {
        let dir = tempfile::tempdir().unwrap();
        let end = pay_where(dir.path(), files, call, "error=ENOLCK");
        let is_told = end.starts_with("refused") && end.contains("NoLocks");
        assert!(is_told, "{call}: {end}");
    }
}

/// A file system that says yes to each lock and keeps none: a living run would look like a dead one.
#[test]
#[ignore = "needs strace"]
fn where_locks_are_not_kept_nothing_is_paid() {
    let dir = tempfile::tempdir().unwrap();
    let end = pay_where(dir.path(), &[], "flock", "retval=0");
    let is_told = end.starts_with("refused") && end.contains("NoLocks");
    assert!(is_told, "{end}");
}
