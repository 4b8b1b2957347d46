//! The requests that a client makes, and the faults lined up for each.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fault::Fault;

/// A request that a fault can be ordered for.
#[expect(
    clippy::exhaustive_enums,
    reason = "the five requests of the API, no more"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST …/face-detect`.
    FaceDetect,
    /// `GET …/uploads?action=getPolicy`.
    Policy,
    /// `GET …/tasks/{task_id}`.
    Task,
    /// `POST` to the temporary store.
    Upload,
    /// `POST …/video-synthesis`.
    VideoSynthesis,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::FaceDetect => "face-detect",
            Self::Policy => "uploads",
            Self::Task => "tasks",
            Self::Upload => "the store",
            Self::VideoSynthesis => "video-synthesis",
        })
    }
}

/// Faults that wait for a request, first in, first out.
#[derive(Debug, Default)]
pub(crate) struct FaultQueues(Mutex<HashMap<Endpoint, VecDeque<Fault>>>);

impl FaultQueues {
    pub(crate) fn push(&self, endpoint: Endpoint, fault: Fault) {
        self.lock().entry(endpoint).or_default().push_back(fault);
    }

    pub(crate) fn pop(&self, endpoint: Endpoint) -> Option<Fault> {
        self.lock().get_mut(&endpoint)?.pop_front()
    }

    /// Each fault that waits, with the request that it waits for.
    pub(crate) fn waiting(&self) -> Vec<(Endpoint, Fault)> {
        let queues = self.lock();
        let waiting = queues
            .iter()
            .flat_map(|(endpoint, queue)| queue.iter().map(|fault| (*endpoint, fault.clone())));
        waiting.collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Endpoint, VecDeque<Fault>>> {
        // Queues of plain values cannot be left half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
