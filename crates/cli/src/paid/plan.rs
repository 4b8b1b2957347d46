//! `--dry-run`: the requests and the cost of `--remote`, without asking.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gate::ImageIdentity;
use report::RemoteTotals;

/// The requests that a run would send.
#[derive(Debug, Default)]
pub(super) struct Plan {
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    images: HashSet<ImageIdentity>,
    /// Images without a content hash; each counts as one request.
    others: u64,
    known: u64,
    without_address: u64,
}

impl Plan {
    /// An image that would be asked about, unless the same content would be already.
    pub(super) fn ask(&self, image: ImageIdentity) {
        let mut asked = self.lock();
        if !image.is_known() {
            asked.others += 1;
        } else if !asked.images.insert(image) {
            asked.known += 1;
        }
    }

    /// An image whose verdict is known.
    pub(super) fn known(&self) {
        self.lock().known += 1;
    }

    /// An image that the service has no address for.
    pub(super) fn without_address(&self) {
        self.lock().without_address += 1;
    }

    /// The totals with the requests of the run.
    pub(super) fn totals(&self, mut totals: RemoteTotals) -> RemoteTotals {
        let asked = self.lock();
        let questions = asked.images.len() as u64 + asked.others;
        totals.eligible = questions + asked.known;
        totals.without_address = asked.without_address;
        totals.cached = asked.known;
        totals.not_asked = questions.saturating_sub(totals.budget.unwrap_or(u64::MAX));
        totals
    }

    /// The counts are whole even if a thread panicked while it held the lock.
    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
