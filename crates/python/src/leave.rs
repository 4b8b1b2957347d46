//! Whether a paid call may still be dropped: an `await` that is cancelled must neither pay for what
//! nobody wants any more, nor lose what is paid for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use gate::{Allowance, Pending, RequestBudget};
use remote::Veto;

tokio::task_local! {
    /// The leave of the image that this task asks about.
    pub(crate) static LEAVE: Arc<Leave>;
}

const OPEN: u8 = 0;
const GIVEN: u8 = 1;
const CANCELLED: u8 = 2;

/// Who came first: the first request of a call, or its cancellation.
#[derive(Debug, Default)]
pub(crate) struct Leave(AtomicU8);

impl Leave {
    /// Leave for a request. None is given once the call was cancelled.
    fn give(&self) -> bool {
        self.swap_open(GIVEN) != CANCELLED
    }

    /// Cancels the call if nothing was sent for it. Otherwise it goes on to its end, and the ledger
    /// keeps its verdict.
    pub(crate) fn cancel(&self) -> bool {
        self.swap_open(CANCELLED) != GIVEN
    }

    /// What it was before.
    fn swap_open(&self, to: u8) -> u8 {
        self.0
            .compare_exchange(OPEN, to, Ordering::AcqRel, Ordering::Acquire)
            .unwrap_or_else(|found| found)
    }
}

/// Lets requests leave for everybody whose `await` was not cancelled. How many there may be is said
/// by the run's budget, and the ledger's.
#[derive(Debug)]
pub(crate) struct UnlessCancelled;

impl RequestBudget for UnlessCancelled {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        let is_given = LEAVE.try_with(|leave| leave.give()).unwrap_or(true);
        Box::pin(std::future::ready(if is_given {
            Ok(())
        } else {
            Err(Veto::new("the await was cancelled"))
        }))
    }
}

impl Allowance for UnlessCancelled {
    fn left(&self) -> Option<u64> {
        None
    }
}
