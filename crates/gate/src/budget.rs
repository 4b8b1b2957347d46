//! Who may send how much: the allowance of a detector.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use remote::{Budget, Pending, RequestBudget, Unlimited, Veto};

/// Gives leave for paid requests, and knows how many there may still be.
///
/// A detector asks it before each request, retries included. [`DailyBudget`] is the usual one of a
/// service, [`Budget`] that of a batch; one that keeps an account for each tenant implements this
/// trait.
pub trait Allowance: RequestBudget + fmt::Debug {
    /// Requests that it would give leave for now; `None` where it sets no limit.
    fn left(&self) -> Option<u64>;
}

impl Allowance for Budget {
    fn left(&self) -> Option<u64> {
        Some(Self::left(self))
    }
}

impl Allowance for Unlimited {
    fn left(&self) -> Option<u64> {
        None
    }
}

/// At most so many requests a day. Days begin at midnight UTC.
///
/// A clock that is set back does not refill it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use gate::{Allowance, DailyBudget};
/// use remote::RequestBudget;
///
/// let budget = DailyBudget::new(2);
/// assert!(budget.withdraw().await.is_ok() && budget.withdraw().await.is_ok());
/// assert!(budget.withdraw().await.is_err());
/// assert_eq!(budget.left(), Some(0));
/// # });
/// ```
#[derive(Debug)]
pub struct DailyBudget {
    limit: u64,
    now: fn() -> Timestamp,
    day: Mutex<Day>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Day {
    /// Days since 1970.
    number: i64,
    spent: u64,
}

impl DailyBudget {
    /// A budget of so many requests a day.
    #[must_use]
    pub const fn new(requests: u64) -> Self {
        Self::with_clock(requests, Timestamp::now)
    }

    const fn with_clock(requests: u64, now: fn() -> Timestamp) -> Self {
        let day = Day {
            number: i64::MIN,
            spent: 0,
        };
        Self {
            limit: requests,
            now,
            day: Mutex::new(day),
        }
    }

    /// Gives today's requests back.
    pub fn reset(&self) {
        self.today().spent = 0;
    }

    fn today(&self) -> MutexGuard<'_, Day> {
        let number = (self.now)().as_second().div_euclid(24 * 60 * 60);
        // Two numbers that are written together: whole even after a panic.
        let mut day = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        if number > day.number {
            *day = Day { number, spent: 0 };
        }
        day
    }
}

impl Allowance for DailyBudget {
    fn left(&self) -> Option<u64> {
        Some(self.limit.saturating_sub(self.today().spent))
    }
}

impl RequestBudget for DailyBudget {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async {
            let mut today = self.today();
            if today.spent < self.limit {
                today.spent += 1;
                Ok(())
            } else {
                let limit = self.limit;
                Err(Veto::new(format!(
                    "the budget of {limit} paid requests a day is used up"
                )))
            }
        })
    }

    fn deposit(&self) -> Pending<'_, ()> {
        Box::pin(async {
            let mut today = self.today();
            today.spent = today.spent.saturating_sub(1);
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    #[tokio::test]
    async fn a_limit_tells_what_is_left_and_none_has_none() {
        let batch: &dyn Allowance = &Budget::new(7);
        batch.withdraw().await.unwrap();
        assert_eq!(batch.left(), Some(6));
        assert_eq!(Allowance::left(&Unlimited), None);
    }

    #[tokio::test]
    async fn each_day_has_its_own_and_a_clock_set_back_refills_nothing() {
        static NOW: AtomicI64 = AtomicI64::new(0);
        let budget = DailyBudget::with_clock(2, || {
            Timestamp::from_second(NOW.load(Ordering::Relaxed)).unwrap()
        });
        let spend_at = async |seconds: i64| {
            NOW.store(seconds, Ordering::Relaxed);
            budget.withdraw().await.is_ok()
        };
        assert!(spend_at(10 * DAY).await);
        assert!(spend_at(11 * DAY - 1).await);
        assert!(!spend_at(11 * DAY - 1).await);
        assert!(spend_at(11 * DAY).await);
        assert!(!(spend_at(3 * DAY).await && spend_at(10 * DAY).await));
        assert!(!spend_at(11 * DAY).await);
        budget.deposit().await;
        assert_eq!(budget.left(), Some(1));
        budget.reset();
        assert_eq!(budget.left(), Some(2));
    }
}
