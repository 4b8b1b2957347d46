//! The runs that use a ledger, and which of them still live.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::fault::Fault;
use crate::place::{FILE_NAME, make_file};

/// This process, as long as it has the ledger open.
///
/// A run holds a lock on a file of its own, which the system takes back when the process ends,
/// however it ends. A process that is stopped keeps it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: i64,
    lock: PathBuf,
    /// The lock lasts as long as this.
    _held: File,
}

impl Run {
    /// Writes down that this process begins. Must run inside a transaction, so that no other run
    /// sees the file without its lock or its row.
    pub(crate) fn begin(conn: &Connection, folder: &Path, now: Timestamp) -> Result<Self, Fault> {
        let (name, held) = locked_file(folder).map_err(Fault::of_io)?;
        let lock = folder.join(&name);
        let inserted = conn
            .prepare_cached(
                "INSERT INTO run (lock, pid, process, started) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                name,
                std::process::id(),
                process_mark(std::process::id()).unwrap_or_default(),
                now.as_millisecond()
            ]);
        if let Err(error) = inserted {
            let _ = fs::remove_file(lock);
            return Err(error.into());
        }
        Ok(Self {
            id: conn.last_insert_rowid(),
            lock,
            _held: held,
        })
    }

    /// Takes away the lock of a run whose end is written down.
    pub(crate) fn ended(self) {
        // A file that stays is swept up by a later run.
        let _ = fs::remove_file(&self.lock);
    }
}

/// Writes down that a run ends: it is forgotten, unless it leaves calls open. Must run inside a
/// transaction.
pub(crate) fn end(conn: &Connection, run: i64) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM claim WHERE run = ?1")?
        .execute([run])?;
    conn.prepare_cached(
        "DELETE FROM run WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM call WHERE run = ?1)",
    )?
    .execute([run])?;
    // The process may go on, but not as this run.
    conn.prepare_cached("UPDATE run SET process = '' WHERE id = ?1")?
        .execute([run])?;
    Ok(())
}

/// Forgets what the dead hold, and those of them that left nothing open. Must run inside a
/// transaction.
pub(crate) fn bury_the_dead(conn: &Connection, folder: &Path) -> Result<(), Fault> {
    let mut living = Vec::new();
    for run in all(conn)? {
        if run.is_alive(folder) {
            living.push(run.lock);
            continue;
        }
        end(conn, run.id)?;
    }
    sweep(folder, &living);
    Ok(())
}

/// A run as it stands in the file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    lock: String,
    pub(crate) pid: u32,
    process: String,
    pub(crate) started: Timestamp,
}

impl Entry {
    /// Whether the process still lives: it holds its lock. Where somebody has removed the lock's
    /// file, the process is looked for by its number and the time at which it began.
    pub(crate) fn is_alive(&self, folder: &Path) -> bool {
        // Only names as we give them: the file may be a stranger's.
        if !is_lock_name(&self.lock) {
            return false;
        }
        match open_lock(&folder.join(&self.lock)) {
            Ok(lock) => matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                !self.process.is_empty()
                    && process_mark(self.pid).is_some_and(|mark| mark == self.process)
            }
            // It cannot be told: rather wait for a dead one than pay twice beside a living one.
            Err(_) => true,
        }
    }
}

/// Every run that stands in the file.
pub(crate) fn all(conn: &Connection) -> Result<Vec<Entry>, Fault> {
    let mut statement = conn.prepare_cached("SELECT id, lock, pid, process, started FROM run")?;
    let rows = statement.query_map([], entry)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One run.
pub(crate) fn find(conn: &Connection, id: i64) -> Result<Option<Entry>, Fault> {
    use rusqlite::OptionalExtension as _;
    let mut statement =
        conn.prepare_cached("SELECT id, lock, pid, process, started FROM run WHERE id = ?1")?;
    Ok(statement.query_row([id], entry).optional()?)
}

fn entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        lock: row.get(1)?,
        pid: row.get(2)?,
        process: row.get(3)?,
        started: crate::clock::timestamp(row.get(4)?),
    })
}

const LOCK_PREFIX: &str = "-run-";

fn is_lock_name(name: &str) -> bool {
    let rest = name
        .strip_prefix(FILE_NAME)
        .and_then(|rest| rest.strip_prefix(LOCK_PREFIX));
    rest.is_some_and(|rest| {
        rest.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    })
}

/// A new file with a lock on it. Its name tells processes apart that share a number, as those of
/// two containers may.
fn locked_file(folder: &Path) -> io::Result<(String, File)> {
    loop {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let name = format!(
            "{FILE_NAME}{LOCK_PREFIX}{}-{}",
            std::process::id(),
            now.as_nanos()
        );
        let path = folder.join(&name);
        let file = match make_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            other => other?,
        };
        match file.try_lock() {
            Ok(()) if excludes_others(&path)? => return Ok((name, file)),
            Ok(()) => {
                let _ = fs::remove_file(path);
                let why = "its file system takes locks and does not keep them";
                return Err(io::Error::new(io::ErrorKind::Unsupported, why));
            }
            Err(TryLockError::Error(error)) => {
                let _ = fs::remove_file(path);
                return Err(io::Error::new(io::ErrorKind::Unsupported, error));
            }
            // Somebody tests whether it is held.
            Err(TryLockError::WouldBlock) => drop(fs::remove_file(path)),
        }
    }
}

/// Whether a lock that is held keeps others out. Where it does not, each living run would look dead,
/// and its questions would be paid for twice.
fn excludes_others(path: &Path) -> io::Result<bool> {
    let other = open_lock(path)?;
    Ok(matches!(
        other.try_lock_shared(),
        Err(TryLockError::WouldBlock)
    ))
}

fn open_lock(path: &Path) -> io::Result<File> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    OpenOptions::new().read(true).open(path)
}

/// Removes the lock files of the dead.
fn sweep(folder: &Path, living: &[String]) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| is_lock_name(name)) else {
            continue;
        };
        if !living.iter().any(|lock| lock == name) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Tells a process from all others that have had its number: by the start of the machine, and by
/// the time since then at which the process began (proc_pid_stat(5), field 22).
#[cfg(target_os = "linux")]
fn process_mark(pid: u32) -> Option<String> {
    let boot = crate::clock::boot_id()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name in brackets, which may hold anything.
    let (_, after_name) = stat.rsplit_once(')')?;
    let start = after_name.split_ascii_whitespace().nth(19)?;
    Some(format!("{boot} {start}"))
}

#[cfg(not(target_os = "linux"))]
fn process_mark(_: u32) -> Option<String> {
    None
}
