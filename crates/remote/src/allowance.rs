//! Leave to send: how a caller counts, or stops, requests that may cost money.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Asked before every request of a paid call, retries included; [`Budget`] is the usual one.
///
/// The client calls [`take`](Allowance::take) when everything else is ready, with no `await`
/// between a granted request and the start of its sending: what is dropped while it waits has
/// taken nothing.
pub trait Allowance: Send + Sync {
    /// Takes leave for one request; `false` forbids it.
    ///
    /// A call whose first request is forbidden fails as [`ErrorKind::Vetoed`]; one whose retry is
    /// forbidden fails with what its last try met.
    ///
    /// [`ErrorKind::Vetoed`]: crate::ErrorKind::Vetoed
    fn take(&self) -> bool;

    /// Gives back the leave for a request of which, provably, no byte of the body was sent.
    fn give_back(&self) {}
}

/// No limit: what [`Client::detect`](crate::Client::detect) uses.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct Unlimited;

impl Allowance for Unlimited {
    fn take(&self) -> bool {
        true
    }
}

/// At most so many requests sent, over all calls that share it.
///
/// ```
/// use remote::{Allowance, Budget};
///
/// let budget = Budget::new(2);
/// assert!(budget.take() && budget.take());
/// assert!(!budget.take());
/// budget.give_back(); // the second could not connect
/// assert_eq!((budget.spent(), budget.left()), (1, 1));
/// ```
pub struct Budget {
    limit: u64,
    left: AtomicU64,
}

impl Budget {
    /// A budget of so many requests.
    #[must_use]
    pub const fn new(requests: u64) -> Self {
        Self {
            limit: requests,
            left: AtomicU64::new(requests),
        }
    }

    /// Requests that may still be sent.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// Requests that were sent, or are being sent.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.limit - self.left().min(self.limit)
    }
}

impl Allowance for Budget {
    fn take(&self) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }

    fn give_back(&self) {
        // Never above the limit, whoever calls it.
        let _ = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left < self.limit).then(|| left + 1)
            });
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("limit", &self.limit)
            .field("left", &self.left())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_together_take_no_more_than_the_limit() {
        let budget = Budget::new(1000);
        let taken: usize = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..400).filter(|_| budget.take()).count()))
                .collect();
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!((taken, budget.left(), budget.spent()), (1000, 0, 1000));
    }

    #[test]
    fn giving_back_never_makes_more_than_the_limit() {
        let budget = Budget::new(1);
        budget.give_back();
        assert_eq!((budget.left(), budget.spent()), (1, 0));
    }
}
