//! How the requests of a call leave, and the time that their answers have.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use crate::pacer::Pace;

/// One call's requests on their way out.
///
/// The time of a call runs while it connects and while it waits for answers. It stands still while
/// the call waits for leave and for its turn, since the service does not cause that wait.
pub(crate) struct Departure {
    pace: Option<Arc<dyn Pace>>,
    timer: Mutex<Timer>,
    resumed: Notify,
    /// Told once when the turn is not waited for any longer.
    given_up: Notify,
    progress: watch::Sender<Progress>,
}

/// How far the request that is being sent has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// It has no connection yet, or the caller's last word is still to come.
    Connecting,
    /// Its connection stands, and it waits for the caller's last word.
    Connected,
    /// The caller has let it go: it leaves when its turn comes.
    Released,
    /// Its turn has come, or its connection has asked for it.
    Left,
}

/// The caller wants no request to leave any more.
#[derive(Debug, thiserror::Error)]
#[error("the caller wants no request to leave any more")]
pub(crate) struct GivenUp;

#[derive(Clone, Copy)]
enum Timer {
    Running { deadline: Instant },
    Stopped { left: Duration },
}

impl Departure {
    /// The time of a call begins now. Without a pace its requests leave at once.
    pub(crate) fn new(limit: Duration, pace: Option<Arc<dyn Pace>>) -> Arc<Self> {
        let deadline = Instant::now() + limit;
        Arc::new(Self {
            pace,
            timer: Mutex::new(Timer::Running { deadline }),
            resumed: Notify::new(),
            given_up: Notify::new(),
            progress: watch::Sender::new(Progress::Released),
        })
    }

    pub(crate) const fn is_paced(&self) -> bool {
        self.pace.is_some()
    }

    /// The next request begins. It does not leave before it is [released](Self::release).
    pub(crate) fn begin(&self) {
        self.progress.send_replace(Progress::Connecting);
    }

    /// Lets the request go when its turn comes.
    pub(crate) fn release(&self) {
        self.advance(Progress::Released);
    }

    /// The request leaves now.
    pub(crate) fn leave(&self) {
        self.advance(Progress::Left);
    }

    /// Waits for the turn to leave. To be called when the connection stands and the request's head
    /// can be written.
    pub(crate) async fn turn(&self) -> Result<(), GivenUp> {
        self.advance(Progress::Connected);
        let turn = async {
            tokio::select! {
                biased;
                () = self.given_up.notified() => Err(GivenUp),
                () = self.released_and_due() => Ok(()),
            }
        };
        self.paused(turn).await?;
        self.leave();
        Ok(())
    }

    async fn released_and_due(&self) {
        self.reached(Progress::Released).await;
        if let Some(pace) = &self.pace {
            pace.turn().await;
        }
    }

    /// Ends when the request has come so far.
    pub(crate) async fn reached(&self, progress: Progress) {
        // An error says that the sender is gone, which is a field of this value.
        let _ = self
            .progress
            .subscribe()
            .wait_for(|now| *now >= progress)
            .await;
    }

    pub(crate) fn has_left(&self) -> bool {
        *self.progress.borrow() == Progress::Left
    }

    fn advance(&self, to: Progress) {
        self.progress.send_modify(|now| *now = to.max(*now));
    }

    /// Waits for something that does not count towards the time of the call.
    pub(crate) async fn paused<T>(&self, waiting: impl Future<Output = T>) -> T {
        let _stopped = self.stop();
        waiting.await
    }

    /// A request whose turn has not come yet does not leave.
    pub(crate) fn give_up(&self) {
        self.given_up.notify_one();
    }

    /// The time left.
    pub(crate) fn left(&self) -> Duration {
        match *self.timer() {
            Timer::Running { deadline } => deadline.saturating_duration_since(Instant::now()),
            Timer::Stopped { left } => left,
        }
    }

    /// The output of the future, unless the time ends before.
    pub(crate) async fn within<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let (mut future, mut expired) = (pin!(future), pin!(self.expired()));
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => expired.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    async fn expired(&self) {
        loop {
            // Made before the look, so that no resumption is missed between the two.
            let resumed = self.resumed.notified();
            let timer = *self.timer();
            match timer {
                Timer::Running { deadline } if deadline <= Instant::now() => return,
                Timer::Running { deadline } => sleep_until(deadline).await,
                Timer::Stopped { .. } => resumed.await,
            }
        }
    }

    fn stop(&self) -> Stopped<'_> {
        let left = self.left();
        *self.timer() = Timer::Stopped { left };
        Stopped(self)
    }

    fn timer(&self) -> MutexGuard<'_, Timer> {
        // A plain value, which no panic leaves half written.
        self.timer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Departure")
            .field("pace", &self.pace)
            .field("left", &self.left())
            .finish()
    }
}

/// A call that waits for its turn. Its time runs again when this is dropped.
struct Stopped<'a>(&'a Departure);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        let deadline = Instant::now() + self.0.left();
        *self.0.timer() = Timer::Running { deadline };
        self.0.resumed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pending::Pending;

    #[derive(Debug)]
    struct After(Duration);

    impl Pace for After {
        fn turn(&self) -> Pending<'_, ()> {
            Box::pin(tokio::time::sleep(self.0))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_stands_still_while_a_call_waits_for_its_turn() {
        let pace = Arc::new(After(Duration::from_secs(100)));
        let departure = Departure::new(Duration::from_secs(10), Some(pace));
        let start = Instant::now();
        tokio::time::sleep(Duration::from_secs(4)).await;
        let turn_then_nothing = async {
            departure.turn().await.unwrap();
            std::future::pending::<()>().await;
        };
        assert_eq!(departure.within(turn_then_nothing).await, None);
        assert_eq!(start.elapsed(), Duration::from_secs(110));
        assert_eq!(departure.left(), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_turn_that_is_given_up_does_not_come() {
        let pace = Arc::new(After(Duration::from_secs(100)));
        let departure = Departure::new(Duration::from_secs(10), Some(pace));
        let (turn, ()) = tokio::join!(departure.turn(), async { departure.give_up() });
        assert!(turn.is_err());
    }
}
