//! One question on its way: what was set aside for it, and what it came to cost.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use remote::Allowance;
use tokio::sync::SemaphorePermit;

use super::known::Turn;
use super::{Inner, Totals};
use crate::{Cleared, RemoteFacts, VerdictKey};

/// Leave to ask about an image.
pub(crate) struct Ticket<'a> {
    pub(crate) cleared: Cleared,
    pub(super) key: Option<VerdictKey>,
    pub(super) call: Call<'a>,
    pub(super) _turn: Option<Turn<'a>>,
    pub(super) _lane: Option<SemaphorePermit<'a>>,
}

/// A call whose end is not known yet, and its leave to send requests.
///
/// Dropped before its end is known (whoever asked gave up), it counts as maybe charged if a request
/// may have been on its way.
pub(super) struct Call<'a> {
    inner: &'a Inner,
    /// Whether a request of the budget is set aside for it and not used yet.
    reserved: AtomicBool,
    /// Requests that leave was given for.
    taken: AtomicU32,
    ended: bool,
}

impl<'a> Call<'a> {
    /// Sets a request aside, if the budget holds one.
    pub(super) fn reserve(inner: &'a Inner) -> Option<Self> {
        inner.budget.take().then(|| Self {
            inner,
            reserved: AtomicBool::new(true),
            taken: AtomicU32::new(0),
            ended: false,
        })
    }

    pub(super) fn may_have_sent(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > 0
    }

    pub(super) fn ended(mut self, charge: remote::Charge) {
        self.ended = true;
        self.account(charge);
    }

    fn account(&self, charge: remote::Charge) {
        let Totals {
            asked,
            charged,
            maybe_charged,
            ..
        } = &self.inner.totals;
        asked.fetch_add(self.taken.load(Ordering::Relaxed).into(), Ordering::Relaxed);
        // Made-up verdicts cost nothing.
        if self.inner.service == RemoteFacts::STANDIN {
            return;
        }
        match charge {
            remote::Charge::No => {}
            remote::Charge::Unknown => drop(maybe_charged.fetch_add(1, Ordering::Relaxed)),
            remote::Charge::Yes => drop(charged.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

impl Allowance for Call<'_> {
    fn take(&self) -> bool {
        let taken = self.inner.halt.get().is_none()
            && (self.reserved.swap(false, Ordering::Relaxed) || self.inner.budget.take());
        self.taken.fetch_add(taken.into(), Ordering::Relaxed);
        taken
    }

    fn give_back(&self) {
        self.inner.budget.give_back();
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if self.reserved.load(Ordering::Relaxed) {
            self.inner.budget.give_back();
        }
        if !self.ended && self.may_have_sent() {
            self.account(remote::Charge::Unknown);
        }
    }
}
