//! One question that is being asked, and its calls.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use gate::{Asking, CallId, LedgerError, Pending, Question, Settlement};
use remote::Charge;

use crate::call::{self, Intent};
use crate::claim::Claimed;
use crate::shared::{Shared, locked, not_written};
use crate::store::Durability;
use crate::unsaved::Unsaved;

/// The right to ask a question. Its drop frees the question.
pub(crate) struct Ask {
    shared: Arc<Shared>,
    question: Question,
    claimed: Claimed,
    /// Its calls that were intended, and neither withdrawn nor settled.
    open: Mutex<HashSet<i64>>,
}

impl Ask {
    pub(crate) fn new(shared: Arc<Shared>, question: Question, claimed: Claimed) -> Self {
        Self {
            shared,
            question,
            claimed,
            open: Mutex::default(),
        }
    }

    async fn intend(&self) -> Result<CallId, LedgerError> {
        let (worker, run) = self.shared.writer()?;
        let (shared, question) = (Arc::clone(&self.shared), self.question.clone());
        let budget = self.shared.budget_per_day;
        let intent = worker.ask(move |session| {
            let intent = session.store.write(Durability::Disk, |conn, with| {
                call::intend(conn, with, run, &question, budget)
            })?;
            Ok(match intent {
                Intent::Written { call, open_before } => {
                    Ok((Fresh(Some(call), shared), open_before))
                }
                Intent::DayBudget { limit } => Err(LedgerError::DayBudget { limit }),
            })
        });
        let (fresh, open_before) = intent.await.map_err(not_written)??;
        let call = fresh.taken();
        if open_before > 0 {
            self.shared.asked_again.fetch_add(1, Ordering::Relaxed);
        }
        let mut spent = locked(&self.shared.spent);
        spent.asked += 1;
        spent.in_flight += 1;
        locked(&self.open).insert(call);
        Ok(CallId(call.unsigned_abs()))
    }

    /// Ends an open call. `None` if the call is not open.
    fn end(&self, call: CallId) -> Option<i64> {
        let call = i64::try_from(call.0).ok()?;
        if !locked(&self.open).remove(&call) {
            return None;
        }
        locked(&self.shared.spent).in_flight -= 1;
        Some(call)
    }

    async fn withdraw(&self, call: CallId) -> Result<(), LedgerError> {
        let Some(call) = self.end(call) else {
            return Ok(());
        };
        locked(&self.shared.spent).asked -= 1;
        self.save(call, Unsaved::Withdrawal { call }).await
    }

    async fn settle(&self, call: CallId, settlement: &Settlement) -> Result<(), LedgerError> {
        let Some(call) = self.end(call) else {
            return Ok(());
        };
        {
            let mut spent = locked(&self.shared.spent);
            match settlement.charge {
                Charge::No => {}
                Charge::Unknown => spent.maybe_charged += 1,
                Charge::Yes => spent.charged += 1,
            }
        }
        let end = Unsaved::Settlement {
            call,
            question: self.question.clone(),
            settlement: Box::new(settlement.clone()),
        };
        self.save(call, end).await
    }

    /// Writes down how a call ended. Until that is done, it is kept in memory.
    async fn save(&self, call: i64, end: Unsaved) -> Result<(), LedgerError> {
        let (worker, _) = self.shared.writer()?;
        let shared = Arc::clone(&self.shared);
        locked(&shared.unsaved).insert(call, end.clone());
        let saved = worker.ask(move |session| {
            session
                .store
                .write(Durability::Disk, |conn, with| end.write(conn, with))?;
            locked(&shared.unsaved).remove(&call);
            Ok(())
        });
        saved.await.map_err(not_written)
    }
}

impl Asking for Ask {
    fn intend(&self) -> Pending<'_, Result<CallId, LedgerError>> {
        Box::pin(self.intend())
    }

    fn withdraw(&self, call: CallId) -> Pending<'_, Result<(), LedgerError>> {
        Box::pin(self.withdraw(call))
    }

    fn settle<'a>(
        &'a self,
        call: CallId,
        settlement: &'a Settlement,
    ) -> Pending<'a, Result<(), LedgerError>> {
        Box::pin(self.settle(call, settlement))
    }
}

impl Drop for Ask {
    fn drop(&mut self) {
        let open = u64::try_from(locked(&self.open).len()).unwrap_or(u64::MAX);
        let mut spent = locked(&self.shared.spent);
        spent.in_flight -= open;
        spent.maybe_charged += open;
        drop(spent);
        self.shared.release(self.claimed.clone());
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("question", &self.question)
            .finish_non_exhaustive()
    }
}

/// An intent that is written down but not handed to the caller yet. Dropping it withdraws the
/// intent, because the caller cannot have sent anything.
struct Fresh(Option<i64>, Arc<Shared>);

impl Fresh {
    fn taken(mut self) -> i64 {
        self.0.take().unwrap_or_default()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let (Some(call), Ok((worker, _))) = (self.0, self.1.writer()) else {
            return;
        };
        worker.tell(move |session| {
            session
                .store
                .write(Durability::Disk, |conn, _| call::withdraw(conn, call))
        });
    }
}
