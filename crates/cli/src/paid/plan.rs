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

#[cfg(test)]
mod tests {
    use gate::Sha256;

    use super::*;

    fn image(byte: u8) -> ImageIdentity {
        ImageIdentity {
            sha256: Some(Sha256::from_bytes([byte; 32])),
            url: None,
        }
    }

    /// Each content is one request; what nothing tells from another is one each.
    #[test]
    fn a_plan_counts_requests_and_not_images() {
        let plan = Plan::default();
        for byte in [1, 2, 1, 3, 1] {
            plan.ask(image(byte));
        }
        for _ in 0..2 {
            plan.ask(ImageIdentity::default());
        }
        for _ in 0..4 {
            plan.known();
        }
        for _ in 0..3 {
            plan.without_address();
        }
        for (budget, not_asked) in [
            (None, 0),
            (Some(9), 0),
            (Some(5), 0),
            (Some(3), 2),
            (Some(0), 5),
        ] {
            let totals = plan.totals(RemoteTotals::new(budget));
            // Five requests; four known verdicts, and two images that are asked about already.
            assert_eq!((totals.eligible, totals.cached), (5 + 4 + 2, 4 + 2));
            assert_eq!(
                (totals.without_address, totals.not_asked),
                (3, not_asked),
                "{budget:?}"
            );
        }
    }
}
