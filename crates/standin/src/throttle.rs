//! A limit on requests a second, as the service has one.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A bucket that holds one second's worth of requests and fills steadily: a caller that keeps an
/// even pace is never turned away by jitter, a burst beyond the limit is.
#[derive(Debug)]
pub(crate) struct Throttle {
    per_second: f64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl Throttle {
    pub(crate) fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second);
        Self {
            per_second,
            bucket: Mutex::new(Bucket {
                tokens: per_second,
                filled_at: Instant::now(),
            }),
        }
    }

    /// Whether one more request may pass at `now`.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = now
            .saturating_duration_since(bucket.filled_at)
            .as_secs_f64();
        bucket.tokens = (bucket.tokens + idle * self.per_second).min(self.per_second);
        bucket.filled_at = bucket.filled_at.max(now);
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_cut_at_the_limit_and_an_even_pace_is_not() {
        let start = Instant::now();
        let throttle = Throttle::new(5);
        let passed = (0..20).filter(|_| throttle.admits(start)).count();
        assert_eq!(passed, 5);

        let throttle = Throttle::new(5);
        for tick in 0..50 {
            // A pace of five a second, each request up to 20 ms early.
            let due = start + Duration::from_millis(200 * tick + 20 - (tick * 7) % 20);
            assert!(throttle.admits(due), "request {tick}");
        }
    }
}
