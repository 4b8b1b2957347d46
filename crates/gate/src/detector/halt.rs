//! Halts: nothing is sent while every call would fail alike.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::{Code, Finding};

/// Why nothing is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Halt {
    /// The code of the answer that halted the detector.
    pub code: Code,
    /// Its words.
    pub cause: String,
    /// How long it lasts before one call may try again; `None` for until it is resumed.
    pub remaining: Option<Duration>,
}

impl Halt {
    /// The finding for an image that was not asked about.
    pub(super) fn finding(&self) -> Finding {
        Finding::new(self.code, format!("not sent: {}", self.cause))
    }
}

/// A circuit breaker: closed, open, and after the cool-down half open for one call at a time.
///
/// It counts on a clock that nobody can set.
#[derive(Debug)]
pub(super) struct Halting {
    cool_down: Option<Duration>,
    open: Mutex<Option<Open>>,
    /// Whether it is open, for those who wait for that.
    is_open: watch::Sender<bool>,
}

#[derive(Debug)]
struct Open {
    code: Code,
    cause: String,
    /// When the next call may try.
    until: Option<Instant>,
}

impl Open {
    fn halt(&self) -> Halt {
        Halt {
            code: self.code,
            cause: self.cause.clone(),
            remaining: self
                .until
                .map(|until| until.saturating_duration_since(Instant::now())),
        }
    }

    fn has_cooled_down(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }
}

/// Leave to send, as far as halts go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Leave {
    Plain,
    /// It is the one that tries whether the fault is mended.
    Trial,
}

impl Halting {
    pub(super) fn new(cool_down: Option<Duration>) -> Self {
        Self {
            cool_down,
            open: Mutex::new(None),
            is_open: watch::Sender::new(false),
        }
    }

    pub(super) fn halt(&self) -> Option<Halt> {
        self.open().as_ref().map(Open::halt)
    }

    /// Why nothing would be sent now; takes no trial.
    pub(super) fn forbids(&self) -> Option<Halt> {
        let open = self.open();
        open.as_ref()
            .filter(|open| !open.has_cooled_down())
            .map(Open::halt)
    }

    /// Leave to send one request.
    pub(super) fn leave(&self) -> Result<Leave, Halt> {
        match &mut *self.open() {
            None => Ok(Leave::Plain),
            Some(open) if open.has_cooled_down() => {
                // The next may try after another cool-down, whatever becomes of this one.
                open.until = self.cool_down.map(|pause| Instant::now() + pause);
                Ok(Leave::Trial)
            }
            Some(open) => Err(open.halt()),
        }
    }

    pub(super) fn begin(&self, code: Code, cause: String) {
        let mut open = self.open();
        if open.is_none() {
            tracing::warn!(code = code.id(), cause, "nothing more is sent");
        }
        let until = self.cool_down.map(|pause| Instant::now() + pause);
        *open = Some(Open { code, cause, until });
        self.is_open.send_replace(true);
    }

    /// Ends when a halt begins, or at once if there is one.
    pub(super) async fn begun(&self) {
        // An error says that the sender is gone, which we hold.
        let _ = self.is_open.subscribe().wait_for(|is_open| *is_open).await;
    }

    pub(super) fn lift(&self) {
        if self.open().take().is_some() {
            self.is_open.send_replace(false);
            tracing::warn!("calls are sent again");
        }
    }

    /// Whole even if a thread panicked while it held the lock: it is replaced as one.
    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn after_the_cool_down_one_call_may_try() {
        let halting = Halting::new(Some(HOUR));
        assert_eq!(halting.leave(), Ok(Leave::Plain));
        halting.begin(Code::Account, "arrears".to_owned());
        assert_eq!(halting.leave().unwrap_err().remaining, Some(HOUR));
        tokio::time::advance(HOUR).await;
        assert_eq!(halting.forbids(), None);
        assert_eq!(halting.leave(), Ok(Leave::Trial));
        assert!(halting.leave().is_err() && halting.forbids().is_some());
        // The first was never answered: another may try an hour later.
        tokio::time::advance(HOUR).await;
        assert_eq!(halting.leave(), Ok(Leave::Trial));
        halting.lift();
        assert_eq!((halting.leave(), halting.halt()), (Ok(Leave::Plain), None));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_cool_down_it_lasts_until_it_is_lifted() {
        let halting = Halting::new(None);
        halting.begin(Code::KeyRefused, "refused".to_owned());
        tokio::time::advance(HOUR * 1000).await;
        assert_eq!(halting.leave().unwrap_err().remaining, None);
    }
}
