//! What was asked, and what that cost.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Spent;

/// The calls of a [`Detector`](crate::Detector), and their cost. The counts of requests come from
/// its ledger.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Account {
    /// Images whose verdict was known.
    pub cached: u64,
    /// Requests that left or were about to, retries included.
    pub asked: u64,
    /// Requests that are charged.
    pub charged: u64,
    /// Requests that may be charged: sent, and the answer lost or not understood.
    pub maybe_charged: u64,
    /// Requests that are not answered yet.
    pub in_flight: u64,
    /// Images that wait to be asked about.
    pub waiting: u64,
    /// Images that passed the free stages and were not asked about: no budget, no address, a halt,
    /// or a stop.
    pub not_asked: u64,
    /// Requests that the allowance would give leave for now, if it sets a limit.
    pub left: Option<u64>,
    /// Calls of earlier runs that were never settled: each may have been charged.
    pub open_before: u64,
}

/// Counts of images. The ledger counts requests only.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) cached: AtomicU64,
    pub(super) not_asked: AtomicU64,
    waiting: AtomicU64,
}

impl Counts {
    pub(super) fn account(&self, spent: Spent, left: Option<u64>) -> Account {
        let Spent {
            asked,
            charged,
            maybe_charged,
            in_flight,
            open_before,
        } = spent;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Account {
            cached: read(&self.cached),
            asked,
            charged,
            maybe_charged,
            in_flight,
            waiting: read(&self.waiting),
            not_asked: read(&self.not_asked),
            left,
            open_before,
        }
    }

    /// One more image waits, until the guard is dropped.
    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }
}

pub(super) struct Waiting<'a>(&'a AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
