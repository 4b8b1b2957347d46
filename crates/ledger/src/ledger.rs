//! The ledger as `gate` and a command use it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use gate::{Claim, Known, Ledger, LedgerError, Pending, Question, Spent};

use crate::call;
use crate::claiming;
use crate::fault::Fault;
use crate::info::{OpenRun, open_runs};
use crate::open_error::OpenError;
use crate::options::Options;
use crate::pace::SharedPace;
use crate::run::{self, Run};
use crate::shared::{Shared, locked, not_written};
use crate::store::{Durability, Store};
use crate::worker::{Session, Worker};

/// A ledger in a file that all processes of one user on one machine share. Clones share it.
///
/// It works on a thread of its own: no future of it blocks, and each ends within a bounded time.
/// End with [`close`](Self::close).
#[derive(Clone, Debug)]
pub struct SqliteLedger {
    shared: Arc<Shared>,
}

/// Opens a ledger, and makes it where there is none: the folder and the file are for this user
/// alone. The run that begins with it is written down, so a ledger that cannot be written is found
/// out here.
///
/// Blocks for some milliseconds; while another process holds the lock, for at most twice
/// [`Options::lock_wait`].
///
/// # Errors
///
/// If the place is not a folder and a file of this user, if the file is not a ledger, a damaged one
/// or that of a newer program, or if it cannot be read and written. Nothing is lost or changed
/// then.
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

/// Opens a ledger to read it: verdicts are recalled, nothing can be claimed, nothing is made. If no
/// ledger exists, no verdict is known.
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

    /// Calls that runs which were gone when this ledger was opened have left open, and that no run
    /// has told of yet: each may have been charged. A run that is [closed](Self::close) has told of
    /// them.
    #[must_use]
    pub fn open_before(&self) -> &[OpenRun] {
        &self.shared.before
    }

    /// Requests of this run about images about which a run that is gone has left a call open: if
    /// that call was charged, the image was paid for twice.
    #[must_use]
    pub fn asked_again(&self) -> u64 {
        self.shared.asked_again.load(Ordering::Relaxed)
    }

    /// Ends of calls of this run that are not written down, since the ledger could not be written.
    /// They are counted in [`spent`](Ledger::spent), and their verdicts are known until the process
    /// ends.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        locked(&self.shared.unsaved).len()
    }

    /// Ends the run: what could not be written is tried once more, what this run was told of
    /// earlier ones counts as told, and the file is closed. Whatever is asked of the ledger
    /// afterwards fails.
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

impl Ledger for SqliteLedger {
    fn recall<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pending<'a, Result<Option<Known>, LedgerError>> {
        Box::pin(claiming::recall(&self.shared, question))
    }

    fn claim<'a>(&'a self, question: &'a Question) -> Pending<'a, Result<Claim, LedgerError>> {
        Box::pin(claiming::claim(&self.shared, question))
    }

    fn spent(&self) -> Pending<'_, Result<Spent, LedgerError>> {
        Box::pin(async { Ok(*locked(&self.shared.spent)) })
    }
}
