//! Places that cannot hold a ledger: a clear line for each, nothing changed, no hang.
#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gate::Ledger;
use ledger::{FILE_NAME, Fault, OpenError, SqliteLedger};
use rusqlite::Connection;
use support::{known, open, options, pass, pay, question};

fn file(folder: &Path) -> PathBuf {
    folder.join(FILE_NAME)
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// A ledger with one verdict.
async fn ledger_of_one(folder: &Path) -> SqliteLedger {
    let ledger = open(folder);
    pay(&ledger, &question(1), pass(1)).await;
    ledger
}

/// Neither opens, and both say why. The words of the error and its sources.
fn refused(folder: &Path) -> String {
    let words = |error: OpenError| {
        let mut words = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            words = format!("{words}: {error}");
            source = error.source();
        }
        words
    };
    let writing = words(ledger::open(&options(folder)).unwrap_err());
    let reading = words(ledger::open_for_reading(&options(folder)).unwrap_err());
    assert_eq!(writing, reading);
    assert!(ledger::info(&options(folder)).is_err() && ledger::export(&options(folder)).is_err());
    writing
}

#[tokio::test]
async fn what_is_made_is_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new").join("preflight");
    let ledger = ledger_of_one(&folder).await;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(ledger.path(), fs::canonicalize(file(&folder)).unwrap());
}

#[test]
fn reading_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("none");
    ledger::open_for_reading(&options(&folder)).unwrap();
    assert_eq!(ledger::info(&options(&folder)).unwrap().ever.asked, 0);
    assert_eq!(ledger::export(&options(&folder)).unwrap().count(), 0);
    ledger::clear(&options(&folder), ledger::ClearWhat::Everything).unwrap();
    assert!(!folder.exists());
    fs::create_dir(&folder).unwrap();
    ledger::open_for_reading(&options(&folder)).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    // Nor is an empty file made a ledger.
    fs::write(file(&folder), "").unwrap();
    ledger::open_for_reading(&options(&folder)).unwrap();
    assert_eq!(fs::read(file(&folder)).unwrap(), b"");
}

#[tokio::test]
async fn a_dry_run_beside_others_sees_what_they_have_settled() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger_of_one(dir.path()).await;
    let dry = ledger::open_for_reading(&options(dir.path())).unwrap();
    assert!(known(&dry, &question(1)).await.is_some());
    pay(&ledger, &question(2), pass(2)).await;
    assert!(known(&dry, &question(2)).await.is_some());
    assert!(dry.claim(&question(3)).await.is_err() && dry.pace().is_none());
}

#[test]
fn an_empty_file_is_a_new_ledger() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(file(dir.path()), "").unwrap();
    open(dir.path());
}

#[test]
fn what_is_no_file_is_refused() {
    type Make = fn(&Path);
    let makes: [(&str, Make); 5] = [
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a symbolic link", |path| {
            symlink("/dev/zero", path).unwrap();
        }),
        ("a symbolic link", |path| symlink("nowhere", path).unwrap()),
        ("a FIFO, a socket or a device", |path| {
            let rights = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, rights, 0)
                .unwrap();
        }),
        ("a FIFO, a socket or a device", |path| {
            drop(UnixListener::bind(path).unwrap());
        }),
    ];
    for (found, make) in makes {
        for end in ["", "-wal", "-shm", "-journal"] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(format!("{FILE_NAME}{end}"));
            make(&path);
            let words = refused(dir.path());
            assert!(
                words.contains(found) && words.contains(path.to_str().unwrap()),
                "{words}"
            );
            assert!(!dir.path().join("nowhere").exists());
        }
    }
}

#[test]
fn what_is_no_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link, plain) = (
        dir.path().join("real"),
        dir.path().join("link"),
        dir.path().join("file"),
    );
    fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    symlink("nowhere", dir.path().join("dangling")).unwrap();
    fs::write(&plain, "").unwrap();
    for place in [
        link.clone(),
        dir.path().join("link/"),
        dir.path().join("link/."),
        dir.path().join("dangling"),
    ] {
        let words = refused(&place);
        assert!(words.contains("found a symbolic link"), "{words}");
    }
    assert!(refused(&plain).contains("found a file"));
    let below = ledger::open(&options(&plain.join("below"))).unwrap_err();
    assert!(matches!(below, OpenError::Place { .. }), "{below}");
    assert_eq!(fs::read_dir(&real).unwrap().count(), 0);
    // Links above the folder are the user's own; the caller may ask for them.
    open(&link.join("cache"));
    let found = ledger::link_below(dir.path(), &link.join("cache")).unwrap();
    assert_eq!(found, Some(link.clone()));
    assert_eq!(
        ledger::link_below(&link, &link.join("cache/deeper")).unwrap(),
        None
    );
    assert_eq!(
        ledger::link_below(&real, &link.join("cache")).unwrap(),
        None
    );
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (mode, opens) in [
        (0o777, false),
        (0o770, false),
        (0o702, false),
        (0o1777, true),
        (0o755, true),
    ] {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        let opened = ledger::open(&options(dir.path()));
        assert_eq!(opened.is_ok(), opens, "{mode:o}: {opened:?}");
        if let Err(error) = opened {
            assert!(error.to_string().contains(&format!("{mode:o}")), "{error}");
        }
    }
}

#[test]
fn what_belongs_to_somebody_else_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return; // Only root can give files away.
    }
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let nobody = 65_534;
    std::os::unix::fs::chown(file(dir.path()), Some(nobody), None).unwrap();
    assert!(refused(dir.path()).contains("65534"));
    std::os::unix::fs::chown(file(dir.path()), Some(0), None).unwrap();
    std::os::unix::fs::chown(dir.path(), Some(nobody), None).unwrap();
    assert!(refused(dir.path()).contains("65534"));
}

#[tokio::test]
async fn a_cut_file_is_told_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    ledger_of_one(dir.path()).await.close().await.unwrap();
    let whole = fs::read(file(dir.path())).unwrap();
    for len in (1..200).chain((200..whole.len()).step_by(1_009)) {
        fs::write(file(dir.path()), &whole[..len]).unwrap();
        let words = refused(dir.path());
        assert!(
            words.contains("damaged") || words.contains("not an SQLite database"),
            "{len}: {words}"
        );
        assert_eq!(fs::read(file(dir.path())).unwrap(), whole[..len]);
    }
}

#[tokio::test]
async fn damage_anywhere_is_an_error_or_a_verdict_less_and_never_another_verdict() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    for n in 0..20 {
        pay(&ledger, &question(n), pass(n)).await;
    }
    ledger.close().await.unwrap();
    let whole = fs::read(file(dir.path())).unwrap();
    for at in (0..whole.len()).step_by(307) {
        let mut damaged = whole.clone();
        for byte in damaged.iter_mut().skip(at).take(40) {
            *byte ^= 0xa5;
        }
        fs::write(file(dir.path()), &damaged).unwrap();
        let Ok(ledger) = ledger::open_for_reading(&options(dir.path())) else {
            continue;
        };
        for n in 0..20 {
            if let Ok(Some(known)) = ledger.recall(&question(n)).await {
                assert_eq!(known.answer, pass(n), "damage at {at}");
            }
        }
        let _ = ledger::info(&options(dir.path()));
    }
}

#[test]
fn other_files_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(file(dir.path()), "verdict,image\n".repeat(1_000)).unwrap();
    assert!(refused(dir.path()).contains("not an SQLite database"));
    fs::remove_file(file(dir.path())).unwrap();
    Connection::open(file(dir.path()))
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a)")
        .unwrap();
    assert!(refused(dir.path()).contains("the database of another program"));
    fs::remove_file(file(dir.path())).unwrap();
    drop(open(dir.path()));
    std::thread::sleep(Duration::from_millis(200));
    let conn = Connection::open(file(dir.path())).unwrap();
    conn.pragma_update(None, "user_version", 1_000).unwrap();
    drop(conn);
    assert!(refused(dir.path()).contains("found version 1000"));
}

#[tokio::test]
async fn a_lock_that_another_keeps_is_waited_for_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let quick = options(dir.path()).lock_wait(Duration::from_millis(300));
    let ledger = ledger::open(&quick).unwrap();
    let (asking, call) = support::intended(&ledger, &question(1)).await;
    let other = Connection::open(file(dir.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let began = Instant::now();
    let error = ledger::open(&quick).unwrap_err();
    assert!(
        matches!(
            &error,
            OpenError::File {
                source: Fault::Locked { waited },
                ..
            } if *waited >= Duration::from_millis(300)
        ),
        "{error:?}"
    );
    let intent = asking.intend().await.map_err(|error| format!("{error:?}"));
    let error = intent.unwrap_err();
    assert!(error.contains("Locked"), "{error}");
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );

    // The call in flight is settled in memory, told, and its verdict is known.
    let end = support::settlement(remote::Charge::Yes, Ok(pass(1)));
    asking.settle(call, &end).await.unwrap_err();
    assert_eq!(ledger.spent().await.unwrap().charged, 1);
    assert_eq!(ledger.unsaved(), 1);
    assert_eq!(known(&ledger, &question(1)).await.unwrap().answer, pass(1));
    assert!(matches!(
        ledger.claim(&question(1)).await.unwrap(),
        gate::Claim::Known(_)
    ));

    // When the lock is free again, it is written down after all.
    other.execute_batch("ROLLBACK").unwrap();
    ledger.close().await.unwrap();
    assert_eq!(ledger.unsaved(), 0);
    let info = ledger::info(&options(dir.path())).unwrap();
    assert_eq!(
        (info.ever.charged, info.verdicts.sealed, info.open.len()),
        (1, Some(1), 0)
    );
}

#[tokio::test]
async fn a_folder_that_is_removed_or_exchanged_stops_the_spending() {
    type Take = fn(&Path);
    let takes: [(&str, Take); 3] = [
        ("folder", |folder| fs::remove_dir_all(folder).unwrap()),
        ("file", |folder| fs::remove_file(file(folder)).unwrap()),
        ("another", |folder| {
            fs::rename(file(folder), folder.join("away")).unwrap();
            fs::write(file(folder), "").unwrap();
        }),
    ];
    for (what, take) in takes {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("cache");
        let ledger = open(&folder);
        let (asking, call) = support::intended(&ledger, &question(1)).await;
        take(&folder);
        let error = asking.intend().await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("removed or replaced"), "{what}: {source}");
        let end = support::settlement(remote::Charge::Yes, Ok(pass(1)));
        asking.settle(call, &end).await.unwrap_err();
        assert_eq!(ledger.spent().await.unwrap().charged, 1);
        assert!(ledger.close().await.is_err());
        assert_eq!(ledger.unsaved(), 1, "{what}");
    }
}
