//! Calls: written down before a request leaves, and settled with what came of it.

use gate::{Question, Settlement};
use remote::Charge;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::clock;
use crate::fault::Fault;
use crate::info::OpenRun;
use crate::question::{self, Identities};
use crate::request_id::RequestId;
use crate::run;
use crate::store::Context;
use crate::verdict;

/// The answer to an intent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Intent {
    /// It is written down.
    Written {
        call: i64,
        /// Calls about the same image that runs which are gone have left open.
        open_before: u64,
    },
    /// The day's requests are used up.
    DayBudget { limit: u64 },
}

/// Writes down that a request is about to leave. Must run inside a transaction.
pub(crate) fn intend(
    conn: &Connection,
    with: &Context<'_>,
    run: i64,
    asked: &Question,
    budget_per_day: Option<u64>,
) -> Result<Intent, Fault> {
    let day = clock::day_of(with.now);
    if let Some(limit) = budget_per_day
        && asked_on(conn, day)? >= limit
    {
        return Ok(Intent::DayBudget { limit });
    }
    let question = question::find_or_make(conn, asked, &with.key_name())?;
    let image = Identities::from(&asked.image);
    let open_before = open_of_the_gone(conn, with, run, question, &image)?;
    conn.prepare_cached(
        "INSERT INTO call (run, question, sha256, url, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        run,
        question,
        image.sha256,
        image.url,
        with.now.as_millisecond()
    ])?;
    let call = conn.last_insert_rowid();
    add_to_day(conn, day, [1, 0, 0])?;
    Ok(Intent::Written { call, open_before })
}

/// Takes an intent back whose request did not leave. Must run inside a transaction.
pub(crate) fn withdraw(conn: &Connection, call: i64) -> Result<(), Fault> {
    let deleted = conn
        .prepare_cached("DELETE FROM call WHERE id = ?1 AND settled IS NULL RETURNING at")?
        .query_row([call], |row| row.get(0))
        .optional()?;
    match deleted {
        Some(at) => add_to_day(conn, clock::day_of(clock::timestamp(at)), [-1, 0, 0]),
        None => Ok(()),
    }
}

/// Writes down what came of a call, and keeps its verdict. Must run inside a transaction.
///
/// A call that brought a verdict is deleted, because the verdict's row takes its place. So is a
/// call that was certainly not charged. Every other call stays: it cost something, or may have.
pub(crate) fn settle(
    conn: &Connection,
    with: &Context<'_>,
    call: i64,
    asked: &Question,
    settlement: &Settlement,
) -> Result<(), Fault> {
    let open = conn
        .prepare_cached("SELECT at FROM call WHERE id = ?1 AND settled IS NULL")?
        .query_row([call], |row| row.get(0))
        .optional()?;
    if let Some(at) = open {
        let (charged, maybe_charged) = match settlement.charge {
            Charge::No => (0, 0),
            Charge::Unknown => (0, 1),
            Charge::Yes => (1, 0),
        };
        add_to_day(
            conn,
            clock::day_of(clock::timestamp(at)),
            [0, charged, maybe_charged],
        )?;
    }
    let Err(fault) = &settlement.outcome else {
        delete(conn, call)?;
        return match settlement.known() {
            Some(known) => verdict::keep(conn, with, asked, &known),
            None => Ok(()),
        };
    };
    if settlement.charge == Charge::No {
        return delete(conn, call);
    }
    conn.prepare_cached(
        "UPDATE call SET settled = ?2, charge = ?3, http_status = ?4, request_id = ?5, fault = ?6
         WHERE id = ?1 AND settled IS NULL",
    )?
    .execute(params![
        call,
        settlement.at.as_millisecond(),
        settlement.charge.as_str(),
        settlement.http_status,
        settlement.request_id.clone().map(RequestId),
        fault.name(),
    ])?;
    Ok(())
}

/// Marks open calls as told: those of this run, and those of runs that are gone.
pub(crate) fn tell(conn: &Connection, run: i64, gone: &[OpenRun]) -> Result<(), Fault> {
    let mut told =
        conn.prepare_cached("UPDATE call SET told = 1 WHERE run = ?1 AND settled IS NULL")?;
    for run in gone.iter().map(|gone| gone.id).chain([run]) {
        told.execute([run])?;
    }
    Ok(())
}

/// Requests of a day, of all runs: intents that were not taken back.
fn asked_on(conn: &Connection, day: i64) -> Result<u64, Fault> {
    let mut statement = conn.prepare_cached("SELECT asked FROM day WHERE day = ?1")?;
    let asked: Option<i64> = statement.query_row([day], |row| row.get(0)).optional()?;
    Ok(asked.map_or(0, |asked| asked.try_into().unwrap_or_default()))
}

fn add_to_day(conn: &Connection, day: i64, [asked, charged, maybe]: [i64; 3]) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO day (day, asked, charged, maybe_charged) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (day) DO UPDATE SET asked = asked + ?2, charged = charged + ?3,
         maybe_charged = maybe_charged + ?4",
    )?
    .execute([day, asked, charged, maybe])?;
    Ok(())
}

fn delete(conn: &Connection, call: i64) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM call WHERE id = ?1")?
        .execute([call])?;
    Ok(())
}

fn open_of_the_gone(
    conn: &Connection,
    with: &Context<'_>,
    run: i64,
    question: i64,
    image: &Identities,
) -> Result<u64, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT run, count(*) FROM call WHERE settled IS NULL AND run <> ?1 AND question = ?2
         AND (sha256 = ?3 OR url = ?4) GROUP BY run",
    )?;
    let rows = statement.query_map(params![run, question, image.sha256, image.url], |row| {
        Ok((row.get(0)?, row.get::<_, u32>(1)?))
    })?;
    let mut open = 0;
    for row in rows {
        let (run, calls) = row?;
        if !run::find(conn, run)?.is_some_and(|run| run.is_alive(with.folder)) {
            open += u64::from(calls);
        }
    }
    Ok(open)
}
