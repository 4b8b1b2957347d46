//! The tries of one call, or of one upload.

use std::time::Duration;

use tracing::debug;

use crate::error::{Error, ErrorDraft};
use crate::retry::{Retry, Tries, is_due};
use crate::transport::departure::Departure;

/// The one place that decides whether a call, or an upload, is tried again.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) most: u32,
    pub(crate) tries: Tries,
}

impl Attempts {
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            tries: Tries::default(),
        }
    }

    /// After a try that failed: the error to end with, and the pause before the next try, if there
    /// should be one.
    pub(crate) fn failed(
        &self,
        draft: ErrorDraft,
        departure: &Departure,
    ) -> (Error, Option<Duration>) {
        let is_due = is_due(draft.classified.retry, self.tries.attempts, self.most);
        let error = draft.into_error(self.tries);
        let pause = match error.retry() {
            // A try that could only begin past the deadline is not worth waiting for.
            Retry::After(pause) if is_due && pause < departure.left() => Some(pause),
            _ => None,
        };
        debug!(attempt = self.tries.attempts, %error, again = pause.is_some(), "no answer of use");
        (error, pause)
    }
}
