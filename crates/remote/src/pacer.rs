//! When the next request may leave.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep_until};

/// Lets requests go one by one, in the order in which they asked, a fixed interval apart: a bucket
/// that saves up nothing, so that no burst follows a quiet spell.
///
/// The one whose turn is next holds the lock while it sleeps. If it is dropped there, the lock goes
/// to the one behind it, which finds the departure time unchanged: nothing is lost by cancelling.
#[derive(Debug)]
pub(crate) struct Pacer {
    interval: Duration,
    next: Mutex<Instant>,
}

impl Pacer {
    /// The service counts arrivals, we departures, and the network shakes the distance between
    /// them. A twentieth more than `1 / rate` keeps any closed second at `rate` departures (with
    /// exactly `1 / rate` it would hold one more) and leaves 50 ms for the shaking.
    const MARGIN: f64 = 1.05;

    pub(crate) fn per_second(rate: f64) -> Self {
        Self {
            interval: Duration::from_secs_f64(Self::MARGIN / rate),
            next: Mutex::new(Instant::now()),
        }
    }

    pub(crate) fn unlimited() -> Self {
        Self {
            interval: Duration::ZERO,
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits for one's turn. Cancel safe; the turn counts only once it [departs](Turn::depart).
    pub(crate) async fn turn(&self) -> Turn<'_> {
        let next = self.next.lock().await;
        sleep_until(*next).await;
        Turn {
            next,
            interval: self.interval,
        }
    }
}

/// The right to be the next to leave; dropped unused, it passes to the one behind.
#[must_use]
pub(crate) struct Turn<'a> {
    next: MutexGuard<'a, Instant>,
    interval: Duration,
}

impl Turn<'_> {
    /// Leaves now: the next turn comes an interval after this moment, not after the planned one,
    /// since a late departure must not be followed too closely.
    pub(crate) fn depart(mut self) {
        *self.next = Instant::now() + self.interval;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn departures(pacer: &Arc<Pacer>, count: usize) -> Vec<Instant> {
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let pacer = Arc::clone(pacer);
                tokio::spawn(async move {
                    pacer.turn().await.depart();
                    Instant::now()
                })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.push(task.await.unwrap());
        }
        times.sort();
        times
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_than_the_rate_even_after_a_quiet_spell() {
        let pacer = Arc::new(Pacer::per_second(5.0));
        let start = Instant::now();
        tokio::time::sleep(Duration::from_secs(60)).await;
        let times = departures(&pacer, 50).await;
        assert_eq!(
            times[0] - start,
            Duration::from_secs(60),
            "the first waits for nothing"
        );
        for window in times.windows(6) {
            assert!(window[5] - window[0] > Duration::from_secs(1));
        }
        // 50 at five a second take 9.8 s at best; the margin may add a twentieth.
        assert!(times[49] - times[0] < Duration::from_millis(9_800 * 21 / 20 + 100));
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_dropped_costs_nobody_anything() {
        let pacer = Arc::new(Pacer::per_second(1.0));
        pacer.turn().await.depart();
        let start = Instant::now();
        for _ in 0..10 {
            let waiting = pacer.turn();
            assert!(
                tokio::time::timeout(Duration::from_millis(10), waiting)
                    .await
                    .is_err()
            );
        }
        drop(pacer.turn().await); // vetoed: had its turn, did not leave
        pacer.turn().await.depart();
        assert!(
            start.elapsed() <= Duration::from_millis(1_052),
            "{:?}",
            start.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nothing_waits() {
        let pacer = Arc::new(Pacer::unlimited());
        let start = Instant::now();
        departures(&pacer, 100).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
