//! How a ledger is to be opened.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::seal::SealKey;

/// Which verdicts count.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Recall {
    /// All of them, however old.
    #[default]
    All,
    /// Those that are at most so old. One that claims to be from the future is as old as it is far
    /// away: some clock was wrong.
    NotOlderThan(Duration),
    /// Those that were written down since this ledger was opened, by this run or another: older
    /// verdicts are asked for again.
    SinceOpened,
}

/// How a ledger is to be opened; see [`open`](crate::open).
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) seal_key: Option<SealKey>,
    pub(crate) recall: Recall,
    pub(crate) budget_per_day: Option<u64>,
    pub(crate) per_second: NonZeroU32,
    pub(crate) patience: Duration,
    pub(crate) lock_wait: Duration,
    pub(crate) clock: fn() -> Timestamp,
}

impl Options {
    /// Requests that may leave this machine in any one second: the service's own limit.
    pub const PER_SECOND: NonZeroU32 = NonZeroU32::new(5).unwrap();

    /// How long a question is waited for that another run asks: as long as within one process.
    pub const PATIENCE: Duration = gate::MemoryLedger::DEFAULT_PATIENCE;

    /// How long a lock on the file is waited for. Others hold it for milliseconds.
    pub const LOCK_WAIT: Duration = Duration::from_secs(5);

    /// A ledger in this folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            seal_key: None,
            recall: Recall::default(),
            budget_per_day: None,
            per_second: Self::PER_SECOND,
            patience: Self::PATIENCE,
            lock_wait: Self::LOCK_WAIT,
            clock: Timestamp::now,
        }
    }

    /// Seals verdicts with this key. Without one no verdict is believed, and none is kept.
    #[must_use]
    pub fn seal_key(mut self, key: SealKey) -> Self {
        self.seal_key = Some(key);
        self
    }

    /// Which verdicts count.
    #[must_use]
    pub fn recall(mut self, recall: Recall) -> Self {
        self.recall = recall;
        self
    }

    /// Requests that all runs with this ledger may send on one day (UTC), each retry one.
    #[must_use]
    pub fn budget_per_day(mut self, requests: u64) -> Self {
        self.budget_per_day = Some(requests);
        self
    }

    /// Requests that may leave this machine in any one second; see
    /// [`SharedPace`](crate::SharedPace).
    #[must_use]
    pub fn per_second(mut self, requests: NonZeroU32) -> Self {
        self.per_second = requests;
        self
    }

    /// How long a question is waited for that another run asks.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long a lock on the file is waited for, when it is opened and for each reading and
    /// writing.
    #[must_use]
    pub fn lock_wait(mut self, wait: Duration) -> Self {
        self.lock_wait = wait;
        self
    }

    /// The clock that tells what day it is and how old a verdict is. For tests.
    #[must_use]
    pub fn clock(mut self, clock: fn() -> Timestamp) -> Self {
        self.clock = clock;
        self
    }
}
