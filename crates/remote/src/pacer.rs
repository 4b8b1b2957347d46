//! When the next request may leave.

use std::fmt;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::pending::Pending;

/// The order in which requests leave, and how fast: five a second unless told otherwise.
///
/// A pace of one's own ([`ClientBuilder::pace`]) can be shared by several clients or processes. How
/// long a request waits for its turn does not count towards its call's time.
///
/// [`ClientBuilder::pace`]: crate::ClientBuilder::pace
pub trait Pace: fmt::Debug + Send + Sync {
    /// Waits for the turn of one request. It is awaited when the request's connection stands, so
    /// that the request leaves the moment that this is ready.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it must have used up nothing.
    fn turn(&self) -> Pending<'_, ()>;
}

/// Lets requests go one by one, in the order in which they asked, a fixed interval apart: a bucket
/// that saves up nothing, so that no burst follows a quiet spell.
///
/// The one whose turn is next holds the lock while it sleeps. If it is dropped there, the lock goes
/// to the one behind it, which finds the time unchanged: nothing is lost by cancelling.
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
}

impl Pace for Pacer {
    fn turn(&self) -> Pending<'_, ()> {
        Box::pin(async {
            let mut next = self.next.lock().await;
            sleep_until(*next).await;
            // An interval after this moment, not after the planned one, since a late departure must
            // not be followed too closely.
            *next = Instant::now() + self.interval;
        })
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
                    pacer.turn().await;
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
        pacer.turn().await;
        let start = Instant::now();
        for _ in 0..10 {
            let waiting = pacer.turn();
            assert!(
                tokio::time::timeout(Duration::from_millis(10), waiting)
                    .await
                    .is_err()
            );
        }
        pacer.turn().await;
        assert!(
            start.elapsed() <= Duration::from_millis(1_052),
            "{:?}",
            start.elapsed()
        );
    }
}
