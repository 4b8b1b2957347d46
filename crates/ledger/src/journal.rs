//! How SQLite makes a transaction whole: by a write-ahead log or by a rollback journal.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::fault::Fault;
use crate::place::{make_file, probe_name};

/// A write-ahead log where the file system can: readers and the writer do not wait for each other,
/// and a commit is one write. It needs memory that processes share, which file systems over a
/// network have not.
pub(crate) fn set(conn: &Connection, folder: &Path) -> Result<(), Fault> {
    let found: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if found.eq_ignore_ascii_case("wal") || is_over_a_network(folder) || !can_keep_a_log(folder) {
        return Ok(());
    }
    match change_to_log(conn).map_err(Fault::from) {
        // Others use the file as it is, and so can this process.
        Err(fault) if fault.is_locked() => Ok(()),
        changed => changed.map(drop),
    }
}

/// Tries it on another file: once a file says that it has a log, it cannot be opened without one, not
/// even to change that.
fn can_keep_a_log(folder: &Path) -> bool {
    let probe = folder.join(probe_name());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let kept = make_file(&probe).is_ok()
        && Connection::open_with_flags(&probe, flags)
            .and_then(|conn| {
                let is_log = change_to_log(&conn)?;
                conn.execute_batch("CREATE TABLE probe (n)")?;
                Ok(is_log)
            })
            .unwrap_or(false);
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut path = probe.clone().into_os_string();
        path.push(end);
        let _ = fs::remove_file(path);
    }
    kept
}

/// Whether the file has a write-ahead log now.
fn change_to_log(conn: &Connection) -> rusqlite::Result<bool> {
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    Ok(mode.eq_ignore_ascii_case("wal"))
}

/// File systems whose memory maps machines do not share, or that may have none:
/// statfs(2), linux/magic.h.
#[cfg(target_os = "linux")]
const NETWORK: [u32; 9] = [
    0x6969,      // NFS
    0xff53_4d42, // CIFS
    0xfe53_4d42, // SMB2
    0x517b,      // SMB
    0x0102_1997, // 9P
    0x00c3_6400, // Ceph
    0x5346_414f, // AFS
    0x6573_5546, // FUSE: sshfs and its like
    0x0bd0_0bd0, // Lustre
];

#[cfg(target_os = "linux")]
fn is_over_a_network(folder: &Path) -> bool {
    // The kernel's type is 64 bits wide on one machine and 32 on another.
    rustix::fs::statfs(folder).is_ok_and(|found| NETWORK.contains(&(found.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn is_over_a_network(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use super::*;

    /// SQLite's own way to files that have neither locks nor shared memory.
    const WITHOUT_SHARED_MEMORY: &str = "unix-dotfile";

    #[test]
    fn without_shared_memory_a_rollback_journal_takes_the_logs_place() {
        for (vfs, expected) in [("unix", "wal"), (WITHOUT_SHARED_MEMORY, "delete")] {
            let dir = tempfile::tempdir().unwrap();
            let open = || {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
                Connection::open_with_flags_and_vfs(dir.path().join("file"), flags, vfs).unwrap()
            };
            let (one, other) = (open(), open());
            other.busy_timeout(Duration::ZERO).unwrap();
            set(&one, dir.path()).unwrap();
            let mode: String = one
                .query_row("PRAGMA journal_mode", [], |row| row.get(0))
                .unwrap();
            assert_eq!(mode, expected, "{vfs}");
            one.execute_batch("CREATE TABLE t (n); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
                .unwrap();
            let locked = Fault::from(other.execute_batch("BEGIN IMMEDIATE").unwrap_err());
            assert!(locked.is_locked(), "{vfs}: {locked:?}");
            one.execute_batch("COMMIT").unwrap();
            other.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        }
    }

    #[test]
    fn a_file_that_others_use_stays_as_it_is_and_any_other_fault_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        let (one, other) = (Connection::open(&file), Connection::open(&file));
        let (one, other) = (one.unwrap(), other.unwrap());
        one.execute_batch("CREATE TABLE t (n); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
            .unwrap();
        other.busy_timeout(Duration::ZERO).unwrap();
        set(&other, dir.path()).unwrap();
        one.execute_batch("COMMIT").unwrap();
        let mode = "PRAGMA journal_mode";
        let mode: String = other.query_row(mode, [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "delete");

        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let reader = Connection::open_with_flags(&file, flags).unwrap();
        let fault = set(&reader, dir.path()).unwrap_err();
        assert!(matches!(fault, Fault::ReadOnly(_)), "{fault:?}");
    }
}
