//! The time that one fetch has.

use core::future::Future;
use core::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::http::error::{FetchError, FetchErrorKind, FetchLimit, Phase};
use crate::http::limits::Times;

/// A total that spans the fetch, and a limit for each phase of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    deadline: Instant,
    times: Times,
}

impl Clock {
    pub(crate) fn start(times: Times) -> Self {
        Self {
            deadline: Instant::now() + times.limit(Phase::Total),
            times,
        }
    }

    /// The time left of the total.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.duration_since(Instant::now())
    }

    /// Waits for what is our own and not the server's; the total does not run meanwhile.
    pub(crate) async fn stopped<F: Future>(&mut self, future: F) -> F::Output {
        let from = Instant::now();
        let output = future.await;
        self.deadline += from.elapsed();
        output
    }

    /// Gives a future until the phase's limit or the end of the total, whichever is first.
    pub(crate) async fn within<F: Future>(
        &self,
        phase: Phase,
        future: F,
    ) -> Result<F::Output, FetchError> {
        let phase_end = Instant::now() + self.times.limit(phase);
        timeout_at(phase_end.min(self.deadline), future)
            .await
            .map_err(|_| {
                let phase = if phase_end <= self.deadline {
                    phase
                } else {
                    Phase::Total
                };
                let limit = self.times.limit(phase);
                FetchErrorKind::Limit(FetchLimit::Time { phase, limit }).into()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::time::sleep;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_names_the_limit_that_ran_out() {
        let mut clock = Clock::start(Times::of(secs(5)));
        let time = |phase, limit| FetchErrorKind::Limit(FetchLimit::Time { phase, limit });

        let slow_head = clock.within(Phase::Head, sleep(secs(4))).await;
        assert_eq!(*slow_head.unwrap_err().kind(), time(Phase::Head, secs(3)));

        clock.stopped(sleep(secs(60))).await;
        let slow_body = clock.within(Phase::Head, sleep(secs(60))).await;
        assert_eq!(*slow_body.unwrap_err().kind(), time(Phase::Total, secs(5)));
        assert_eq!(clock.left(), secs(0));
    }
}
