//! Where a ledger lies, and what it leaves of the files beside it.
#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::{FILE_NAME, Fault, OpenError};
use rusqlite::Connection;
use support::{open, options, pass, pay, question};

#[cfg(target_os = "linux")]
#[test]
fn the_users_own_folder_comes_first_and_then_the_systems() {
    for (variables, place) in [
        (
            &[
                ("PREFLIGHT_CACHE_DIR", "/own"),
                ("XDG_CACHE_HOME", "/xdg"),
                ("HOME", "/home"),
            ][..],
            Some("/own"),
        ),
        (
            &[("PREFLIGHT_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/xdg")],
            Some("/xdg/preflight"),
        ),
        (
            &[("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home")],
            Some("/xdg/preflight"),
        ),
        (
            &[("XDG_CACHE_HOME", "relative"), ("HOME", "/home")],
            Some("/home/.cache/preflight"),
        ),
        (
            &[("XDG_CACHE_HOME", ""), ("HOME", "/home")],
            Some("/home/.cache/preflight"),
        ),
        (&[("XDG_CACHE_HOME", "relative")], None),
        (&[("HOME", "")], None),
        (&[], None),
    ] {
        let variable = |name: &str| -> Option<OsString> {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        };
        assert_eq!(
            ledger::place(variable),
            place.map(PathBuf::from),
            "{variables:?}"
        );
    }
}

#[test]
fn a_step_that_cannot_be_looked_at_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("file");
    fs::write(&plain, "").unwrap();
    let below = plain.join("below").join("cache");
    ledger::link_below(dir.path(), &below).unwrap_err();
    let found = ledger::link_below(dir.path(), &dir.path().join("none/below")).unwrap();
    assert_eq!(found, None, "what is not there yet is no link");
    for error in [
        ledger::open(&options(&below)).unwrap_err(),
        ledger::open_for_reading(&options(&below)).unwrap_err(),
    ] {
        assert!(matches!(error, OpenError::Place { .. }), "{error:?}");
    }
}

/// A folder of the system that takes no files, from nobody.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_file_is_told_as_such() {
    let error = ledger::open(&options(Path::new("/proc"))).unwrap_err();
    assert!(
        matches!(error, OpenError::Place { what: "make", .. }),
        "{error:?}"
    );
    ledger::open_for_reading(&options(Path::new("/proc"))).unwrap();
}

fn journal_of(folder: &Path) -> String {
    let conn = Connection::open(folder.join(FILE_NAME)).unwrap();
    conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap()
}

/// What holds on a device that can only be read, which `full.rs` mounts: a ledger that cannot be opened
/// as usual is read by itself, unless a log beside it may hold the last charges. Here a lock keeps it
/// from being opened as usual, and a folder takes the name of the file by which a place is tried.
#[tokio::test]
async fn a_ledger_is_read_by_itself_only_where_nobody_can_write_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path()).lock_wait(Duration::from_millis(50));
    let ledger = open(dir.path());
    pay(&ledger, &question(1), pass(1)).await;
    ledger.close().await.unwrap();
    let conn = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    conn.execute_batch("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE")
        .unwrap();
    let trial = dir
        .path()
        .join(format!("{FILE_NAME}-probe-{}", std::process::id()));
    let fault = || match ledger::info(&options) {
        Err(OpenError::File { source, .. }) => Some(source),
        Err(other) => panic!("{other:?}"),
        Ok(info) => {
            assert_eq!(info.ever.charged, 1);
            None
        }
    };
    assert!(
        matches!(fault(), Some(Fault::Locked { .. })),
        "others write"
    );
    fs::create_dir(&trial).unwrap();
    assert!(fault().is_none(), "nobody can write");
    conn.execute_batch("UPDATE day SET charged = 2").unwrap();
    assert!(
        matches!(fault(), Some(Fault::ReadOnly(Some(_)))),
        "a journal"
    );
    fs::remove_dir(&trial).unwrap();
    assert!(
        matches!(fault(), Some(Fault::Locked { .. })),
        "others write"
    );
}

/// A log is tried out on a file of another name, and where that name is taken it is not tried.
#[test]
fn a_ledger_whose_trial_cannot_be_made_keeps_a_rollback_journal() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let trial = format!("{FILE_NAME}-probe-{}", std::process::id());
    fs::write(dir.path().join(&trial), "").unwrap();
    drop(open(dir.path()));
    assert_eq!(journal_of(dir.path()), "delete");

    // A ledger that has a log needs no trial, and touches nothing.
    drop(open(other.path()));
    assert_eq!(journal_of(other.path()), "wal");
    fs::write(other.path().join(&trial), "theirs").unwrap();
    drop(open(other.path()));
    assert_eq!(fs::read(other.path().join(&trial)).unwrap(), b"theirs");
}
