//! The three requests that a client makes, and the faults lined up for each.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::fault::Fault;

/// A request that a fault can be ordered for.
#[expect(
    clippy::exhaustive_enums,
    reason = "the three requests of the API, no more"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST …/face-detect`.
    FaceDetect,
    /// `GET …/uploads?action=getPolicy`.
    Policy,
    /// `POST` to the temporary store.
    Upload,
}

/// Faults that wait for a request, first in, first out.
#[derive(Debug, Default)]
pub(crate) struct FaultQueues {
    face_detect: Mutex<VecDeque<Fault>>,
    policy: Mutex<VecDeque<Fault>>,
    upload: Mutex<VecDeque<Fault>>,
}

impl FaultQueues {
    pub(crate) fn push(&self, endpoint: Endpoint, fault: Fault) {
        self.lock(endpoint).push_back(fault);
    }

    pub(crate) fn pop(&self, endpoint: Endpoint) -> Option<Fault> {
        self.lock(endpoint).pop_front()
    }

    pub(crate) fn waiting(&self) -> usize {
        [Endpoint::FaceDetect, Endpoint::Policy, Endpoint::Upload]
            .into_iter()
            .map(|endpoint| self.lock(endpoint).len())
            .sum()
    }

    fn lock(&self, endpoint: Endpoint) -> std::sync::MutexGuard<'_, VecDeque<Fault>> {
        let queue = match endpoint {
            Endpoint::FaceDetect => &self.face_detect,
            Endpoint::Policy => &self.policy,
            Endpoint::Upload => &self.upload,
        };
        // A queue of plain values cannot be left half-changed.
        queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
