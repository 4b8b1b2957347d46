//! The way to a verdict, or to the right to ask for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gate::{Claim, Known, LedgerError, Question};
use tokio::time::sleep;

use crate::asking::Ask;
use crate::claim::{self, Attempt};
use crate::fault::Fault;
use crate::shared::{Shared, not_written};
use crate::store::Durability;
use crate::verdict;

/// The verdict of a question, if it is known.
pub(crate) async fn recall(
    shared: &Shared,
    question: &Question,
) -> Result<Option<Known>, LedgerError> {
    if let Some(known) = shared.unsaved_verdict(question) {
        return Ok(Some(known));
    }
    let Some(worker) = &shared.worker else {
        return Ok(None);
    };
    let question = question.clone();
    let found = worker.ask(move |session| {
        let store = &session.store;
        verdict::recall(store.conn(), &store.context(), &question)
    });
    let found = found.await.map_err(not_read)?;
    Ok(found.map(|(known, _)| known))
}

/// The verdict of a question, or the right to ask it. Waits while another process asks it, but not
/// longer than the ledger's patience.
pub(crate) async fn claim(shared: &Arc<Shared>, question: &Question) -> Result<Claim, LedgerError> {
    if let Some(known) = shared.unsaved_verdict(question) {
        return Ok(Claim::Known(known));
    }
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let freed = shared.freed.notified();
        tokio::pin!(freed);
        // Heard from here on, so that no end is missed between the attempt and the wait.
        freed.as_mut().enable();
        // Asked before the attempt: a process that was stopped attempts once more when it wakes.
        let waited = begun.elapsed();
        match attempt(shared, question).await? {
            Attempted::Known(known) => return Ok(Claim::Known(known)),
            Attempted::Granted(ask) => return Ok(Claim::Granted(Box::new(ask))),
            Attempted::Held if waited >= shared.patience => {
                return Err(LedgerError::Busy { waited });
            }
            Attempted::Held => {}
        }
        let pause_now = pause.min(shared.patience.saturating_sub(begun.elapsed()));
        tokio::select! {
            () = freed => {}
            () = sleep(pause_now) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn attempt(shared: &Arc<Shared>, question: &Question) -> Result<Attempted, LedgerError> {
    let (worker, run) = shared.writer()?;
    let (asker, question) = (Arc::clone(shared), question.clone());
    let attempted = worker.ask(move |session| {
        // Reading waits for nobody: most questions of a second run end here.
        let store = &session.store;
        if let Some((known, record)) = verdict::recall(store.conn(), &store.context(), &question)?
            && !verdict::lacks_identity(&record, &question)
        {
            return Ok(Attempted::Known(known));
        }
        let attempt = session.store.write(Durability::System, |conn, with| {
            claim::attempt(conn, with, run, &question)
        })?;
        Ok(match attempt {
            Attempt::Known(known) => Attempted::Known(known),
            Attempt::Held => Attempted::Held,
            // If nobody waits for it any more, its drop frees the question.
            Attempt::Granted(claimed) => Attempted::Granted(Ask::new(asker, question, claimed)),
        })
    });
    attempted.await.map_err(not_written)
}

/// How long a question is left alone that another process asks: an answer takes half a second.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// The end of an attempt to claim a question.
enum Attempted {
    Known(Known),
    Granted(Ask),
    Held,
}

fn not_read(fault: Fault) -> LedgerError {
    LedgerError::NotRead(Box::new(fault))
}
