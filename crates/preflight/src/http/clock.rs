//! The time budgets of one fetch.

use core::future::Future;
use core::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::error::{FetchError, FetchErrorKind, FetchLimit, Phase};

/// A total that spans the fetch, and a limit for each phase of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    deadline: Instant,
    total: Duration,
}

impl Clock {
    pub(super) fn start(total: Duration) -> Self {
        Self {
            deadline: Instant::now() + total,
            total,
        }
    }

    /// Waits for what is not the server's fault; the total does not run meanwhile.
    pub(super) async fn stopped<F: Future>(&mut self, future: F) -> F::Output {
        let from = Instant::now();
        let output = future.await;
        self.deadline += from.elapsed();
        output
    }

    /// Gives a future until the phase's limit or the end of the total, whichever is first.
    pub(super) async fn within<F: Future>(
        &self,
        phase: Phase,
        limit: Duration,
        future: F,
    ) -> Result<F::Output, FetchError> {
        let phase_end = Instant::now() + limit;
        timeout_at(phase_end.min(self.deadline), future)
            .await
            .map_err(|_| {
                let (phase, limit) = if phase_end <= self.deadline {
                    (phase, limit)
                } else {
                    (Phase::Total, self.total)
                };
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
    async fn the_error_names_the_budget_that_ran_out() {
        let mut clock = Clock::start(secs(5));
        let time = |phase, limit| FetchErrorKind::Limit(FetchLimit::Time { phase, limit });

        let slow_head = clock.within(Phase::Head, secs(3), sleep(secs(4))).await;
        assert_eq!(*slow_head.unwrap_err().kind(), time(Phase::Head, secs(3)));

        clock.stopped(sleep(secs(60))).await;
        let slow_body = clock.within(Phase::Idle, secs(3), sleep(secs(60))).await;
        assert_eq!(*slow_body.unwrap_err().kind(), time(Phase::Total, secs(5)));
    }
}
