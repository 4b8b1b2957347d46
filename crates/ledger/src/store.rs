//! The file while it is open: one connection, and transactions on it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::fault::Fault;
use crate::file_id::FileId;
use crate::journal;
use crate::open_error::OpenError;
use crate::options::{Options, Recall};
use crate::place::Place;
use crate::schema::{self, Kind};
use crate::seal::{KeyName, SealKey};

/// How sure a transaction must be to outlive a loss of power. A crash of the process loses neither.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Durability {
    /// On the disk when it returns: what is about money.
    Disk,
    /// With the operating system when it returns: for rows that a restart of the machine voids
    /// anyway.
    System,
}

/// An open ledger. It blocks, so it lives on a thread of its own.
#[derive(Debug)]
pub(crate) struct Store {
    conn: Connection,
    pub(crate) place: Place,
    opened: FileId,
    durability: Durability,
    seal_key: Option<SealKey>,
    recall: Recall,
    newest_before: i64,
    clock: fn() -> Timestamp,
}

impl Store {
    /// Opens the ledger to write to it, and makes it where there is none.
    pub(crate) fn open(options: &Options) -> Result<Self, OpenError> {
        let place = Place::make(&options.folder)?;
        let opened = Self::connect(&place, options, Access::Shared, |conn| {
            // Another process may set up the same file at this moment.
            patiently(options.lock_wait, || journal::set(conn, &place.folder))?;
            patiently(options.lock_wait, || schema::migrate(conn))
        });
        opened.map_err(|error| match error {
            // SQLite does not say why it could make no file beside its own.
            OpenError::File {
                path,
                source: Fault::Other(source),
            } => OpenError::File {
                path,
                source: place.why_not_written().unwrap_or(Fault::Other(source)),
            },
            // Nor that a lock failed because the file system has none.
            OpenError::File {
                path,
                source: source @ Fault::Locked { .. },
            } => OpenError::File {
                path,
                source: place.why_not_locked().unwrap_or(source),
            },
            other => other,
        })
    }

    /// Opens the ledger to read it. `None` if there is none.
    pub(crate) fn open_for_reading(options: &Options) -> Result<Option<Self>, OpenError> {
        let Some(place) = Place::find(&options.folder)? else {
            return Ok(None);
        };
        let look = |conn: &mut Connection| {
            let kind = patiently(options.lock_wait, || schema::kind(conn))?;
            conn.pragma_update(None, "query_only", true)?;
            Ok(kind)
        };
        // To read a ledger that others write to, SQLite makes files beside it, and removes them at
        // the end. Where it may not, nobody writes, and it reads the file alone.
        let shared = Self::connect(&place, options, Access::Shared, look);
        let opened = match shared {
            Err(OpenError::File { path, .. })
                if is_being_written(&path) && place.why_not_written().is_some() =>
            {
                // The file alone does not hold the last charges.
                let beside = "its last charges stand in the log beside it, which cannot be opened";
                let source = Fault::ReadOnly(Some(beside.into()));
                return Err(OpenError::File { path, source });
            }
            Err(OpenError::File { .. }) if place.why_not_written().is_some() => {
                Self::connect(&place, options, Access::Alone, look)?
            }
            other => other?,
        };
        let empty = matches!(schema::kind(&opened.conn), Ok(Kind::Empty));
        Ok((!empty).then_some(opened))
    }

    fn connect(
        place: &Place,
        options: &Options,
        access: Access,
        set_up: impl FnOnce(&mut Connection) -> Result<Kind, Fault>,
    ) -> Result<Self, OpenError> {
        let begun = Instant::now();
        let file = |source: Fault| OpenError::File {
            path: place.file.clone(),
            source: source.after(begun.elapsed()),
        };
        let opened = FileId::of(&place.file).map_err(|error| file(Fault::of_io(error)))?;
        let conn = connection(&place.file, access, options.lock_wait);
        let mut conn = conn.map_err(|error| file(error.into()))?;
        patiently(options.lock_wait, || schema::kind(&conn)).map_err(file)?;
        refuse_stump(&conn, &place.file).map_err(file)?;
        match set_up(&mut conn).map_err(file)? {
            Kind::Empty | Kind::Ledger { .. } => {}
            Kind::Newer { version } => {
                return Err(OpenError::Newer {
                    path: place.file.clone(),
                    found: version,
                    known: schema::VERSION,
                });
            }
            Kind::Foreign => {
                return Err(OpenError::NotALedger {
                    path: place.file.clone(),
                });
            }
        }
        let mut store = Self {
            conn,
            opened,
            durability: Durability::Disk,
            seal_key: options.seal_key.clone(),
            recall: options.recall,
            newest_before: 0,
            clock: options.clock,
            place: place.clone(),
        };
        store.newest_before = store.newest().map_err(file)?;
        Ok(store)
    }

    fn newest(&self) -> Result<i64, Fault> {
        if schema::kind(&self.conn)? == Kind::Empty {
            return Ok(0);
        }
        let newest = "SELECT ifnull(max(id), 0) FROM verdict";
        Ok(self.conn.query_row(newest, [], |row| row.get(0))?)
    }

    /// The connection, for reading.
    pub(crate) fn conn(&self) -> &Connection {
        &self.conn
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            seal_key: self.seal_key.as_ref(),
            recall: self.recall,
            newest_before: self.newest_before,
            now: (self.clock)(),
            folder: &self.place.folder,
        }
    }

    /// Lets what follows wait for the locks of others, until this deadline.
    pub(crate) fn wait_until(&self, deadline: Instant) -> Result<(), Fault> {
        let left = deadline.saturating_duration_since(Instant::now());
        Ok(self.conn.busy_timeout(left.max(LEAST_WAIT))?)
    }

    /// One transaction, alone with the file. It is rolled back unless all of it goes well.
    pub(crate) fn write<T>(
        &mut self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>, &Context<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if FileId::of(&self.place.file).ok().as_ref() != Some(&self.opened) {
            return Err(Fault::Moved);
        }
        if self.durability != durability {
            let level = match durability {
                Durability::Disk => "FULL",
                Durability::System => "NORMAL",
            };
            self.conn.pragma_update(None, "synchronous", level)?;
            self.durability = durability;
        }
        let transaction = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?;
        let done = work(&transaction, &self.context())?;
        transaction.commit()?;
        Ok(done)
    }
}

/// The settings that reading and writing follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) seal_key: Option<&'a SealKey>,
    pub(crate) recall: Recall,
    /// The newest verdict when the ledger was opened.
    pub(crate) newest_before: i64,
    pub(crate) now: Timestamp,
    pub(crate) folder: &'a Path,
}

impl Context<'_> {
    /// The name that the questions of this run are filed under.
    pub(crate) fn key_name(&self) -> KeyName {
        self.seal_key.map_or(NO_KEY, |key| *key.name())
    }
}

/// The name of the seal key in the calls of a run without one.
const NO_KEY: KeyName = [0; 8];

/// A process that was stopped finds its deadline over when it wakes. It may still take a free lock.
const LEAST_WAIT: Duration = Duration::from_millis(50);

/// How a file is opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Access {
    /// With the files beside it, by which processes tell each other what they do.
    Shared,
    /// By itself, since nobody can write to it.
    Alone,
}

fn connection(file: &Path, access: Access, lock_wait: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = match access {
        Access::Shared => {
            Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)?
        }
        Access::Alone => {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(immutable_uri(file), flags)?
        }
    };
    conn.busy_timeout(lock_wait)?;
    // The file may come from a stranger: nothing in it is run.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// SQLite writes whole pages, but reads a page that was cut as if zeros stood at its end, and a
/// file of one byte as an empty one.
///
/// The length is asked of the folder: to open the file here would give up the locks on it that this
/// process may hold (<https://sqlite.org/howtocorrupt.html>, section 2.2).
fn refuse_stump(conn: &Connection, file: &Path) -> Result<(), Fault> {
    let len = std::fs::symlink_metadata(file).map_err(Fault::of_io)?.len();
    let page_size: u64 = conn.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    if len.is_multiple_of(page_size) || (len > page_size && is_being_written(file)) {
        return Ok(());
    }
    let found = format!("expected whole pages of {page_size} bytes, but found {len} bytes");
    Err(Fault::Damaged(found.into()))
}

/// Whether a process writes the file, or was stopped while it did: what it had not finished is
/// then written or undone.
fn is_being_written(file: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|end| {
        let mut path = file.as_os_str().to_owned();
        path.push(end);
        std::fs::symlink_metadata(path).is_ok_and(|found| found.len() > 0)
    })
}

/// SQLite's name for a file that nobody changes (<https://sqlite.org/uri.html>).
fn immutable_uri(file: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            other => {
                // A `String` takes everything.
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri + "?immutable=1"
}

/// Tries again while another process holds the lock. SQLite itself does not wait where two set up
/// one file.
fn patiently<T>(wait: Duration, mut attempt: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    const PAUSE: Duration = Duration::from_millis(20);
    let start = Instant::now();
    loop {
        match attempt() {
            Err(fault) if fault.is_locked() => {
                let waited = start.elapsed();
                if waited >= wait {
                    return Err(Fault::Locked { waited });
                }
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// How many bytes the ledger takes on its device, with what SQLite keeps beside it.
pub(crate) fn bytes_of(place: &Place) -> u64 {
    ["", "-wal", "-journal"]
        .iter()
        .filter_map(|end| {
            let mut path = place.file.clone().into_os_string();
            path.push(end);
            std::fs::symlink_metadata(PathBuf::from(path)).ok()
        })
        .map(|found| found.len())
        .sum()
}

#[cfg(test)]
mod tests;
