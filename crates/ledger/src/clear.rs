//! Forgetting a ledger's rows.

use rusqlite::Connection;
use serde::Serialize;

use crate::fault::Fault;
use crate::open_error::OpenError;
use crate::options::Options;
use crate::run;
use crate::store::{Durability, Store};

/// Which rows to forget.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClearWhat {
    /// Verdicts, and calls that have ended. Refused where calls are open. What was spent on each
    /// day stays, and with it the day's budget.
    Settled,
    /// All of it, open calls and days as well. Only calls of runs that still live stay.
    Everything,
}

/// How many rows were forgotten.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cleared {
    /// Verdicts.
    pub verdicts: u64,
    /// Calls that had ended without a verdict.
    pub calls: u64,
    /// Calls that were open.
    pub open_calls: u64,
    /// Open calls of runs that still live, which stay.
    pub in_flight: u64,
}

/// Why nothing was forgotten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClearError {
    /// Calls are open: they may have been charged, and nothing else says so.
    #[error(
        "expected no open calls, but found {calls}: each may have been charged, and nothing else \
         says so"
    )]
    OpenCalls {
        /// How many.
        calls: u64,
    },
    /// The ledger could not be opened or written.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Forgets rows of a ledger, and gives their room back to the device. Blocks; makes no ledger where
/// none is.
///
/// # Errors
///
/// [`ClearError::OpenCalls`] where [`ClearWhat::Settled`] would lose sight of a charge; otherwise
/// those of opening and writing. Nothing is forgotten then.
pub fn clear(options: &Options, what: ClearWhat) -> Result<Cleared, ClearError> {
    // A place without a ledger stays without one.
    if Store::open_for_reading(options)?.is_none() {
        return Ok(Cleared::default());
    }
    let mut store = Store::open(options)?;
    let path = store.place.file.clone();
    let failed = |source| OpenError::File {
        path: path.clone(),
        source,
    };
    let cleared = store.write(Durability::Disk, |conn, with| {
        let mut in_flight = 0;
        let mut living = Vec::new();
        for run in run::all(conn)? {
            if run.is_alive(with.folder) {
                in_flight += open_calls_of(conn, run.id)?;
                living.push(run.id);
            }
        }
        let open = count(conn, "SELECT count(*) FROM call WHERE settled IS NULL")? - in_flight;
        if what == ClearWhat::Settled && open > 0 {
            return Ok(Err(open));
        }
        let cleared = Cleared {
            verdicts: count(conn, "SELECT count(*) FROM verdict")?,
            calls: count(conn, "SELECT count(*) FROM call WHERE settled IS NOT NULL")?,
            open_calls: open,
            in_flight,
        };
        forget(conn, &living, what)?;
        Ok(Ok(cleared))
    });
    let cleared = cleared
        .map_err(failed)?
        .map_err(|calls| ClearError::OpenCalls { calls })?;
    // This fails while others use the file, or without room for a copy: the file stays large then.
    let _ = store.conn().execute_batch("VACUUM");
    Ok(cleared)
}

fn forget(conn: &Connection, living: &[i64], what: ClearWhat) -> Result<(), Fault> {
    conn.execute_batch("DELETE FROM verdict; DELETE FROM call WHERE settled IS NOT NULL;")?;
    let dead: Vec<_> = run::all(conn)?
        .into_iter()
        .map(|run| run.id)
        .filter(|run| !living.contains(run))
        .collect();
    for run in dead {
        conn.execute("DELETE FROM call WHERE run = ?1", [run])?;
        run::end(conn, run)?;
    }
    // A call of a run that no row tells of is nobody's.
    conn.execute_batch("DELETE FROM call WHERE run NOT IN (SELECT id FROM run)")?;
    conn.execute_batch(
        "DELETE FROM failure;
         DELETE FROM question WHERE id NOT IN (SELECT question FROM call)
           AND id NOT IN (SELECT question FROM claim);",
    )?;
    if what == ClearWhat::Everything {
        conn.execute_batch("DELETE FROM day")?;
    }
    Ok(())
}

fn open_calls_of(conn: &Connection, run: i64) -> Result<u64, Fault> {
    let sql = "SELECT count(*) FROM call WHERE settled IS NULL AND run = ?1";
    Ok(conn.query_row(sql, [run], |row| row.get(0))?)
}

fn count(conn: &Connection, sql: &str) -> Result<u64, Fault> {
    Ok(conn.query_row(sql, [], |row| row.get(0))?)
}
