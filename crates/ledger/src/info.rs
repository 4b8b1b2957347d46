//! The summary of a ledger: what was spent, what is open, what is known.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;

use crate::clock::day_of;
use crate::fault::Fault;
use crate::open_error::OpenError;
use crate::options::Options;
use crate::place::FILE_NAME;
use crate::run;
use crate::standing::{self, Verdicts};
use crate::store::{Store, bytes_of};

/// The summary of a ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Info {
    /// The file. It need not be there.
    pub path: PathBuf,
    /// Bytes that it takes, with what SQLite keeps beside it.
    pub bytes: u64,
    /// The verdicts.
    pub verdicts: Verdicts,
    /// The spending of all runs today (UTC).
    pub today: Total,
    /// The spending of all runs since the ledger was made.
    pub ever: Total,
    /// Calls that have ended without a verdict and that cost something, or may have.
    pub in_vain: u64,
    /// Runs with calls that were sent, or about to be, and have not ended.
    pub open: Vec<OpenRun>,
}

/// Requests and what they cost, each retry one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Total {
    /// Requests that were sent, or were about to be.
    pub asked: u64,
    /// Those that are charged.
    pub charged: u64,
    /// Those whose answer was lost or not understood: each may be charged. Open calls are not among
    /// them.
    pub maybe_charged: u64,
}

/// A run, and its calls that have not ended.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OpenRun {
    #[serde(skip)]
    pub(crate) id: i64,
    /// When it began.
    pub started: Timestamp,
    /// The number of its process.
    pub pid: u32,
    /// Whether it still runs. Else its calls were never answered: each may have been charged.
    pub alive: bool,
    /// Its calls that have not ended.
    pub calls: u64,
    #[serde(skip)]
    told: bool,
}

/// Sums up a ledger. Blocks, and makes nothing. Looks at each verdict and its seal, if a key was
/// given; see [`spent_today`] for the spending alone.
///
/// # Errors
///
/// As [`open_for_reading`](crate::open_for_reading).
pub fn info(options: &Options) -> Result<Info, OpenError> {
    let none = options.seal_key.as_ref().map(|_| 0);
    let nothing = || Info {
        path: options.folder.join(FILE_NAME),
        verdicts: Verdicts {
            sealed: none,
            of_other_keys: none,
            forged: none,
            ..Verdicts::default()
        },
        ..Info::default()
    };
    Ok(read_from(options, read)?.unwrap_or_else(nothing))
}

/// The spending of all runs today (UTC). Blocks for some milliseconds, and makes nothing.
///
/// # Errors
///
/// As [`open_for_reading`](crate::open_for_reading).
pub fn spent_today(options: &Options) -> Result<Total, OpenError> {
    Ok(read_from(options, today)?.unwrap_or_default())
}

/// Reads from a ledger. `None` if no ledger exists.
fn read_from<T>(
    options: &Options,
    read: impl FnOnce(&Store) -> Result<T, Fault>,
) -> Result<Option<T>, OpenError> {
    let Some(store) = Store::open_for_reading(options)? else {
        return Ok(None);
    };
    read(&store).map(Some).map_err(|source| OpenError::File {
        path: store.place.file.clone(),
        source,
    })
}

fn read(store: &Store) -> Result<Info, Fault> {
    let verdicts = standing::count(store)?;
    // All that is about money is read at one moment: a call that is settled between two looks would
    // be in neither.
    let conn = store.conn().unchecked_transaction()?;
    let in_vain = "SELECT count(*) FROM call WHERE settled IS NOT NULL";
    Ok(Info {
        path: store.place.file.clone(),
        bytes: bytes_of(&store.place),
        verdicts,
        today: today(store)?,
        ever: total(&conn, "")?,
        in_vain: conn.query_row(in_vain, [], |row| row.get(0))?,
        open: with_open_calls(&conn, &store.place.folder)?,
    })
}

fn today(store: &Store) -> Result<Total, Fault> {
    let today = day_of(store.context().now);
    total(store.conn(), &format!("WHERE day = {today}"))
}

fn total(conn: &Connection, which: &str) -> Result<Total, Fault> {
    let sql = format!(
        "SELECT ifnull(sum(asked), 0), ifnull(sum(charged), 0), ifnull(sum(maybe_charged), 0)
         FROM day {which}"
    );
    Ok(conn.query_row(&sql, [], |row| {
        Ok(Total {
            asked: row.get(0)?,
            charged: row.get(1)?,
            maybe_charged: row.get(2)?,
        })
    })?)
}

/// Runs that are gone and have left calls open of which nobody was told yet.
pub(crate) fn open_runs(conn: &Connection, folder: &Path) -> Result<Vec<OpenRun>, Fault> {
    let mut runs = with_open_calls(conn, folder)?;
    runs.retain(|run| !run.alive && !run.told);
    Ok(runs)
}

fn with_open_calls(conn: &Connection, folder: &Path) -> Result<Vec<OpenRun>, Fault> {
    let mut statement = conn.prepare(
        "SELECT count(*), min(told) FROM call WHERE run = ?1 AND settled IS NULL HAVING count(*) > 0",
    )?;
    let mut open = Vec::new();
    for run in run::all(conn)? {
        let calls = statement
            .query_row([run.id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((calls, told)) = calls {
            open.push(OpenRun {
                id: run.id,
                started: run.started,
                pid: run.pid,
                alive: run.is_alive(folder),
                calls,
                told,
            });
        }
    }
    open.sort_by_key(|run| run.started);
    Ok(open)
}
