//! The ledger as `gate` and a command use it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gate::{Claim, Known, Ledger, LedgerError, Pending, Question, Spent};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::asking::{Ask, Unsaved};
use crate::call;
use crate::claim::{self, Attempt, Claimed};
use crate::fault::Fault;
use crate::info::{OpenRun, open_runs};
use crate::open_error::OpenError;
use crate::options::Options;
use crate::pace::SharedPace;
use crate::run::{self, Run};
use crate::store::{Durability, Store};
use crate::verdict;
use crate::worker::{Session, Worker};

/// A ledger in a file that all processes of one user on one machine share. Clones share it.
///
/// It works on a thread of its own: no future of it blocks, and each ends within a bounded time. End
/// with [`close`](Self::close).
#[derive(Clone, Debug)]
pub struct SqliteLedger {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) run: Option<i64>,
    /// `None` if there is no ledger, and only reading was asked for.
    worker: Option<Worker>,
    pub(crate) budget_per_day: Option<u64>,
    patience: Duration,
    place: PathBuf,
    before: Vec<OpenRun>,
    pub(crate) spent: Mutex<Spent>,
    pub(crate) asked_again: AtomicU64,
    /// How calls ended, by their numbers, until it is written down.
    pub(crate) unsaved: Mutex<BTreeMap<i64, Unsaved>>,
    /// Somebody in this process ended asking.
    pub(crate) freed: Notify,
    pace: Option<SharedPace>,
}

/// Opens a ledger, and makes it where there is none: the folder and the file are for this user alone.
/// The run that begins with it is written down, so a ledger that cannot be written is found out here.
///
/// Blocks for some milliseconds; while another process holds the lock, for at most twice
/// [`Options::lock_wait`].
///
/// # Errors
///
/// If the place is not a folder and a file of this user, if the file is not a ledger, a damaged one
/// or that of a newer program, or if it cannot be read and written. Nothing is lost or changed then.
pub fn open(options: &Options) -> Result<SqliteLedger, OpenError> {
    let mut store = Store::open(options)?;
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::File { path, source }
    };
    let start = Instant::now();
    let begun = store.write(Durability::System, |conn, with| {
        run::bury_the_dead(conn, with.folder)?;
        let before = open_runs(conn, with.folder)?;
        Ok((Run::begin(conn, with.folder, with.now)?, before))
    });
    let path = store.place.file.clone();
    let begun = begun.map_err(|fault| fault.after(start.elapsed()));
    let (run, before) = begun.map_err(file(&path))?;
    let id = run.id;
    let session = Session {
        store,
        run: Some(run),
    };
    let worker = Worker::start(session, options.lock_wait)
        .map_err(Fault::of_io)
        .map_err(file(&path))?;
    let pace = SharedPace::new(worker.clone(), options.per_second);
    let shared = Shared::new(options, path, before);
    Ok(SqliteLedger::of(Shared {
        run: Some(id),
        worker: Some(worker),
        pace: Some(pace),
        ..shared
    }))
}

/// Opens a ledger to read it: verdicts are recalled, nothing can be claimed, nothing is made. Where
/// there is no ledger, nothing is known.
///
/// Blocks as [`open`] does.
///
/// # Errors
///
/// As [`open`], but for what is about writing.
pub fn open_for_reading(options: &Options) -> Result<SqliteLedger, OpenError> {
    let Some(store) = Store::open_for_reading(options)? else {
        let path = options.folder.join(crate::place::FILE_NAME);
        return Ok(SqliteLedger::of(Shared::new(options, path, Vec::new())));
    };
    let path = store.place.file.clone();
    let failed = |source| OpenError::File {
        path: path.clone(),
        source,
    };
    let before = open_runs(store.conn(), &store.place.folder).map_err(failed)?;
    let worker = Worker::start(Session { store, run: None }, options.lock_wait)
        .map_err(Fault::of_io)
        .map_err(failed)?;
    let shared = Shared::new(options, path.clone(), before);
    Ok(SqliteLedger::of(Shared {
        worker: Some(worker),
        ..shared
    }))
}

impl SqliteLedger {
    fn of(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.place
    }

    /// The pace that this run keeps with all others; `None` if the ledger was opened for reading.
    #[must_use]
    pub fn pace(&self) -> Option<SharedPace> {
        self.shared.pace.clone()
    }

    /// Calls that runs which were gone when this ledger was opened have left open, and that no run has
    /// told of yet: each may have been charged. A run that is [closed](Self::close) has told of them.
    #[must_use]
    pub fn open_before(&self) -> &[OpenRun] {
        &self.shared.before
    }

    /// Requests of this run about images about which a run that is gone has left a call open: if that
    /// call was charged, the image was paid for twice.
    #[must_use]
    pub fn asked_again(&self) -> u64 {
        self.shared.asked_again.load(Ordering::Relaxed)
    }

    /// Ends of calls of this run that are not written down, since the ledger could not be written. They
    /// are counted in [`spent`](Ledger::spent), and their verdicts are known until the process ends.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        locked(&self.shared.unsaved).len()
    }

    /// Ends the run: what could not be written is tried once more, what this run was told of earlier
    /// ones counts as told, and the file is closed. Whatever is asked of the ledger afterwards fails.
    ///
    /// Without it nothing is lost, but the next run tells again what this one has told.
    ///
    /// # Errors
    ///
    /// If something is still not written down; [`unsaved`](Self::unsaved) says how much.
    pub async fn close(&self) -> Result<(), LedgerError> {
        let shared = &self.shared;
        let (Some(worker), Some(run)) = (&shared.worker, shared.run) else {
            return Ok(());
        };
        let ending = Arc::clone(shared);
        let done = worker.finish(move |session| {
            let mut unsaved = locked(&ending.unsaved);
            session.store.write(Durability::Disk, |conn, with| {
                for unsaved in unsaved.values() {
                    unsaved.write(conn, with)?;
                }
                call::tell(conn, run, &ending.before)?;
                run::end(conn, run)
            })?;
            unsaved.clear();
            if let Some(run) = session.run.take() {
                run.ended();
            }
            Ok(())
        });
        done.await.map_err(not_written)
    }
}

impl Shared {
    fn new(options: &Options, place: PathBuf, before: Vec<OpenRun>) -> Self {
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

    /// A verdict that this process knows and could not write down.
    fn unsaved_verdict(&self, question: &Question) -> Option<Known> {
        locked(&self.unsaved)
            .values()
            .rev()
            .find_map(|unsaved| unsaved.answers(question))
    }

    async fn recall(&self, question: &Question) -> Result<Option<Known>, LedgerError> {
        if let Some(known) = self.unsaved_verdict(question) {
            return Ok(Some(known));
        }
        let Some(worker) = &self.worker else {
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

    async fn claim(self: &Arc<Self>, question: &Question) -> Result<Claim, LedgerError> {
        if let Some(known) = self.unsaved_verdict(question) {
            return Ok(Claim::Known(known));
        }
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // Heard from here on, so that no end is missed between the attempt and the wait.
            freed.as_mut().enable();
            // Asked before the attempt: a process that was stopped attempts once more when it wakes.
            let waited = begun.elapsed();
            match self.attempt(question).await? {
                Tried::Known(known) => return Ok(Claim::Known(known)),
                Tried::Granted(ask) => return Ok(Claim::Granted(Box::new(ask))),
                Tried::Held if waited >= self.patience => return Err(LedgerError::Busy { waited }),
                Tried::Held => {}
            }
            let pause_now = pause.min(self.patience.saturating_sub(begun.elapsed()));
            tokio::select! {
                () = freed => {}
                () = sleep(pause_now) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(self: &Arc<Self>, question: &Question) -> Result<Tried, LedgerError> {
        let (worker, run) = self.writer()?;
        let (shared, question) = (Arc::clone(self), question.clone());
        let tried = worker.ask(move |session| {
            // Reading waits for nobody: most questions of a second run end here.
            let store = &session.store;
            if let Some((known, record)) =
                verdict::recall(store.conn(), &store.context(), &question)?
                && !verdict::lacks_identity(&record, &question)
            {
                return Ok(Tried::Known(known));
            }
            let attempt = session.store.write(Durability::System, |conn, with| {
                claim::attempt(conn, with, run, &question)
            })?;
            Ok(match attempt {
                Attempt::Known(known) => Tried::Known(known),
                Attempt::Held => Tried::Held,
                // If nobody waits for it any more, its drop frees the question.
                Attempt::Granted(claimed) => Tried::Granted(Ask::new(shared, question, claimed)),
            })
        });
        tried.await.map_err(not_written)
    }

    /// Frees a question without waiting for it.
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

/// How long a question is left alone that another process asks: an answer takes half a second.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

enum Tried {
    Known(Known),
    Granted(Ask),
    Held,
}

impl Ledger for SqliteLedger {
    fn recall<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pending<'a, Result<Option<Known>, LedgerError>> {
        Box::pin(self.shared.recall(question))
    }

    fn claim<'a>(&'a self, question: &'a Question) -> Pending<'a, Result<Claim, LedgerError>> {
        Box::pin(self.shared.claim(question))
    }

    fn spent(&self) -> Pending<'_, Result<Spent, LedgerError>> {
        Box::pin(async { Ok(*locked(&self.shared.spent)) })
    }
}

pub(crate) fn not_written(fault: Fault) -> LedgerError {
    LedgerError::NotWritten(Box::new(fault))
}

fn not_read(fault: Fault) -> LedgerError {
    LedgerError::NotRead(Box::new(fault))
}

/// The guarded values stay whole even if a thread panics while it holds the lock: they are numbers,
/// and a map that single steps change.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
