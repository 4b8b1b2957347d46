//! Claims: which run asks which question, so that no other asks it as well.

use gate::{Known, Question};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::fault::Fault;
use crate::question::{self, Hash, Identities};
use crate::run;
use crate::store::Context;
use crate::verdict;

/// The end of an attempt to claim a question.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// Its verdict is known.
    Known(Known),
    /// It may be asked now, and by nobody else.
    Granted(Claimed),
    /// Somebody else asks it.
    Held,
}

/// The rows of a claim.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    question: i64,
    identities: Vec<Hash>,
}

/// Tries to claim a question under each identity of its image. Must run inside a transaction.
pub(crate) fn attempt(
    conn: &Connection,
    with: &Context<'_>,
    run: i64,
    asked: &Question,
) -> Result<Attempt, Fault> {
    if let Some((known, record)) = verdict::recall(conn, with, asked)? {
        if verdict::lacks_identity(&record, asked) {
            verdict::link(conn, with, asked, &record)?;
        }
        return Ok(Attempt::Known(known));
    }
    let claimed = Claimed {
        question: question::find_or_make(conn, asked, &with.key_name())?,
        identities: Identities::from(&asked.image).each().collect(),
    };
    for identity in &claimed.identities {
        if is_held(conn, with, claimed.question, identity)? {
            return Ok(Attempt::Held);
        }
    }
    for identity in &claimed.identities {
        // A claim of a run that is gone is taken over.
        conn.prepare_cached("REPLACE INTO claim (question, identity, run) VALUES (?1, ?2, ?3)")?
            .execute(params![claimed.question, identity, run])?;
    }
    Ok(Attempt::Granted(claimed))
}

/// Frees a question. Must run inside a transaction.
pub(crate) fn release(conn: &Connection, run: i64, claimed: &Claimed) -> Result<(), Fault> {
    for identity in &claimed.identities {
        conn.prepare_cached(
            "DELETE FROM claim WHERE question = ?1 AND identity = ?2 AND run = ?3",
        )?
        .execute(params![claimed.question, identity, run])?;
    }
    Ok(())
}

fn is_held(
    conn: &Connection,
    with: &Context<'_>,
    question: i64,
    identity: &Hash,
) -> Result<bool, Fault> {
    let holder: Option<i64> = conn
        .prepare_cached("SELECT run FROM claim WHERE question = ?1 AND identity = ?2")?
        .query_row(params![question, identity], |row| row.get(0))
        .optional()?;
    let Some(holder) = holder else {
        return Ok(false);
    };
    Ok(run::find(conn, holder)?.is_some_and(|run| run.is_alive(with.folder)))
}
