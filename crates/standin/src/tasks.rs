//! Tasks of video calls: PENDING when they are submitted, RUNNING at the first look, then over.
//!
//! Looks are counted rather than seconds, so that a test sees each state and never waits.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::api_error::ApiError;
use crate::bounded::Bounded;
use crate::boxes::Ratio;

/// Tasks that are remembered. One that is forgotten is UNKNOWN, as a task of the service is after
/// 24 h.
const MAX_TASKS: usize = 10_000;

/// The length that a made-up video is said to have, s.
const MADE_UP_DURATION: f64 = 10.0;

/// Where a made-up video is said to be. RFC 2606 keeps the name from leading anywhere.
const MADE_UP_HOST: &str = "http://standin.invalid";

#[derive(Debug)]
pub(crate) struct Tasks(Mutex<Bounded<String, Task>>);

#[derive(Debug)]
struct Task {
    ratio: Ratio,
    submitted_at: Timestamp,
    has_been_seen_running: bool,
    /// None until it is over.
    end: watch::Receiver<Option<Result<(), ApiError>>>,
}

/// The state of a task, as a request for it shows it.
#[derive(Debug)]
pub(crate) enum State {
    Unknown,
    Running {
        submitted_at: Timestamp,
    },
    Ended {
        submitted_at: Timestamp,
        ended_at: Timestamp,
        result: Result<Ratio, ApiError>,
    },
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Bounded::new(MAX_TASKS)))
    }

    /// Starts a task that ends as `work` does.
    pub(crate) fn start(
        &self,
        task_id: &str,
        ratio: Ratio,
        work: impl Future<Output = Result<(), ApiError>> + Send + 'static,
    ) {
        let (ended, end) = watch::channel(None);
        tokio::spawn(async move { ended.send_replace(Some(work.await)) });
        self.lock().entry(task_id.to_owned(), || Task {
            ratio,
            submitted_at: Timestamp::now(),
            has_been_seen_running: false,
            end,
        });
    }

    /// Looks at a task. The second look and later ones wait for its end.
    pub(crate) async fn poll(&self, task_id: &str) -> State {
        let (ratio, submitted_at, mut end) = {
            let mut tasks = self.lock();
            let Some(task) = tasks.get_mut(task_id) else {
                return State::Unknown;
            };
            if !task.has_been_seen_running {
                task.has_been_seen_running = true;
                return State::Running {
                    submitted_at: task.submitted_at,
                };
            }
            (task.ratio, task.submitted_at, task.end.clone())
        };
        let ended = match end.wait_for(Option::is_some).await {
            Ok(end) => end.clone(),
            // The work was given up with the runtime, or by a mistake of ours.
            Err(_) => None,
        };
        State::Ended {
            submitted_at,
            ended_at: Timestamp::now(),
            result: ended
                .unwrap_or_else(|| Err(ApiError::new("InternalError")))
                .map(|()| ratio),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Bounded<String, Task>> {
        // A task is whole before it is put in.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// "output" and "usage" of the answer about a task in this state.
    pub(crate) fn to_json(&self, task_id: &str, request_id: &str) -> Value {
        let output = match self {
            Self::Unknown => json!({"task_id": task_id, "task_status": "UNKNOWN"}),
            Self::Running { submitted_at } => json!({
                "task_id": task_id,
                "task_status": "RUNNING",
                "submit_time": time(*submitted_at),
                "scheduled_time": time(*submitted_at),
            }),
            Self::Ended {
                submitted_at,
                ended_at,
                result: Err(error),
            } => json!({
                "task_id": task_id,
                "task_status": "FAILED",
                "submit_time": time(*submitted_at),
                "scheduled_time": time(*submitted_at),
                "end_time": time(*ended_at),
                "code": error.code,
                "message": error.message,
            }),
            Self::Ended {
                submitted_at,
                ended_at,
                result: Ok(ratio),
            } => {
                let output = json!({
                    "task_id": task_id,
                    "task_status": "SUCCEEDED",
                    "submit_time": time(*submitted_at),
                    "scheduled_time": time(*submitted_at),
                    "end_time": time(*ended_at),
                    "results": {"video_url": format!("{MADE_UP_HOST}/{task_id}.mp4")},
                });
                let usage =
                    json!({"video_duration": MADE_UP_DURATION, "video_ratio": ratio.name()});
                return json!({"request_id": request_id, "output": output, "usage": usage});
            }
        };
        json!({"request_id": request_id, "output": output})
    }
}

/// As the service writes a time.
fn time(time: Timestamp) -> String {
    time.strftime("%F %T%.3f").to_string()
}
