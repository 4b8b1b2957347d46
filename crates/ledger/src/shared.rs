//! The state that a ledger's handles and the questions it has open share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gate::{Known, LedgerError, Question, Spent};
use tokio::sync::Notify;

use crate::claim::{self, Claimed};
use crate::fault::Fault;
use crate::info::OpenRun;
use crate::options::Options;
use crate::pace::SharedPace;
use crate::store::Durability;
use crate::unsaved::Unsaved;
use crate::worker::Worker;

#[derive(Debug)]
pub(crate) struct Shared {
    /// `None` if the ledger was opened for reading.
    pub(crate) run: Option<i64>,
    /// `None` if the ledger was opened for reading and does not exist.
    pub(crate) worker: Option<Worker>,
    pub(crate) budget_per_day: Option<u64>,
    pub(crate) patience: Duration,
    /// The file.
    pub(crate) place: PathBuf,
    /// Runs that were gone when this one began, and that left calls open.
    pub(crate) before: Vec<OpenRun>,
    pub(crate) spent: Mutex<Spent>,
    pub(crate) asked_again: AtomicU64,
    /// How calls ended, by their numbers, until it is written down.
    pub(crate) unsaved: Mutex<BTreeMap<i64, Unsaved>>,
    /// Somebody in this process ended asking.
    pub(crate) freed: Notify,
    pub(crate) pace: Option<SharedPace>,
}

impl Shared {
    pub(crate) fn new(options: &Options, place: PathBuf, before: Vec<OpenRun>) -> Self {
        let spent = Spent {
            open_before: before.iter().map(|run| run.calls).sum(),
            ..Spent::default()
        };
        Self {
            run: None,
            worker: None,
            budget_per_day: options.budget_per_day,
            patience: options.patience,
            place,
            before,
            spent: Mutex::new(spent),
            asked_again: AtomicU64::new(0),
            unsaved: Mutex::default(),
            freed: Notify::new(),
            pace: None,
        }
    }

    /// The way to write, and the run that writes.
    pub(crate) fn writer(&self) -> Result<(&Worker, i64), LedgerError> {
        self.worker
            .as_ref()
            .zip(self.run)
            .ok_or_else(|| not_written(Fault::ReadOnly(None)))
    }

    /// A verdict that this process knows but could not write down.
    pub(crate) fn unsaved_verdict(&self, question: &Question) -> Option<Known> {
        locked(&self.unsaved)
            .values()
            .rev()
            .find_map(|unsaved| unsaved.answers(question))
    }

    /// Frees a question, and does not wait until that is written.
    pub(crate) fn release(self: &Arc<Self>, claimed: Claimed) {
        let Ok((worker, run)) = self.writer() else {
            return;
        };
        let shared = Arc::clone(self);
        worker.tell(move |session| {
            let freed = session.store.write(Durability::System, |conn, _| {
                claim::release(conn, run, &claimed)
            });
            shared.freed.notify_waiters();
            freed
        });
    }
}

pub(crate) fn not_written(fault: Fault) -> LedgerError {
    LedgerError::NotWritten(Box::new(fault))
}

/// The guarded values stay whole even if a thread panics while it holds the lock: they are numbers,
/// and a map that single steps change.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
