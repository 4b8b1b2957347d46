//! `--dry-run`: what `--remote` would ask and cost, without asking.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gate::VerdictKey;
use report::RemoteTotals;

/// What a run would ask.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    contents: HashSet<VerdictKey>,
    /// Images that nothing tells from others: each is a question.
    others: u64,
    known: u64,
    without_address: u64,
}

impl Plan {
    /// An image that would be asked about, unless the same content would be already.
    pub(crate) fn ask(&self, key: Option<VerdictKey>) {
        let mut asked = self.lock();
        match key {
            None => asked.others += 1,
            Some(key) => {
                if !asked.contents.insert(key) {
                    asked.known += 1;
                }
            }
        }
    }

    /// An image whose verdict is known.
    pub(crate) fn known(&self) {
        self.lock().known += 1;
    }

    /// An image that the service has no address for.
    pub(crate) fn without_address(&self) {
        self.lock().without_address += 1;
    }

    /// What the run would do.
    pub(crate) fn totals(&self, budget: u64) -> RemoteTotals {
        let asked = self.lock();
        let questions = asked.contents.len() as u64 + asked.others;
        let mut totals = RemoteTotals::new(Some(budget));
        totals.is_plan = true;
        totals.eligible = questions + asked.known;
        totals.without_address = asked.without_address;
        totals.cached = asked.known;
        totals.not_asked = questions.saturating_sub(budget);
        totals
    }

    /// The counts are whole even if a thread panicked while it held the lock.
    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
