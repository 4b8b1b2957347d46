//! How many paid requests may be sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A number of paid requests, shared by whoever spends them. Clones share it.
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicU32>,
}

impl Budget {
    /// A budget of so many requests, retries included.
    #[must_use]
    pub fn new(requests: u32) -> Self {
        Self { left: Arc::new(AtomicU32::new(requests)) }
    }

    /// Requests that may still be sent.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left.load(Ordering::Relaxed)
    }

    /// Takes one request, if one is left.
    pub(crate) fn take(&self) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_once_whoever_spends_it() {
        let budget = Budget::new(1000);
        let taken: usize = std::thread::scope(|scope| {
            let spenders: Vec<_> = (0..4)
                .map(|_| {
                    let budget = budget.clone();
                    scope.spawn(move || (0..500).filter(|_| budget.take()).count())
                })
                .collect();
            spenders.into_iter().map(|spender| spender.join().unwrap()).sum()
        });
        assert_eq!((taken, budget.left()), (1000, 0));
    }
}
