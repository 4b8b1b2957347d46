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

/// Tasks that are remembered. One that is forgotten is UNKNOWN, as a task of the service is after 24 h.
const MAX_TASKS: usize = 10_000;

/// What a made-up video is said to last, s.
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

    /// The state of a task, as an answer without its request id.
    pub(crate) async fn poll(&self, task_id: &str) -> Value {
        let (ratio, submitted_at, mut end) = {
            let mut tasks = self.lock();
            let Some(task) = tasks.get_mut(task_id) else {
                return json!({"output": {"task_id": task_id, "task_status": "UNKNOWN"}});
            };
            if !task.has_been_seen_running {
                task.has_been_seen_running = true;
                return json!({"output": {
                    "task_id": task_id,
                    "task_status": "RUNNING",
                    "submit_time": time(task.submitted_at),
                    "scheduled_time": time(task.submitted_at),
                }});
            }
            (task.ratio, task.submitted_at, task.end.clone())
        };
        let end = match end.wait_for(Option::is_some).await {
            Ok(end) => end.clone(),
            Err(_) => None,
        };
        let mut output = json!({
            "task_id": task_id,
            "submit_time": time(submitted_at),
            "scheduled_time": time(submitted_at),
            "end_time": time(Timestamp::now()),
        });
        match end.unwrap_or_else(|| Err(ApiError::new("InternalError"))) {
            Ok(()) => {
                output["task_status"] = "SUCCEEDED".into();
                output["results"] = json!({"video_url": format!("{MADE_UP_HOST}/{task_id}.mp4")});
                let usage =
                    json!({"video_duration": MADE_UP_DURATION, "video_ratio": ratio.name()});
                json!({"output": output, "usage": usage})
            }
            Err(error) => {
                output["task_status"] = "FAILED".into();
                output["code"] = error.code.into();
                output["message"] = error.message.into();
                json!({"output": output})
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Bounded<String, Task>> {
        // A task is whole before it is put in.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As the service writes a time.
fn time(time: Timestamp) -> String {
    time.strftime("%F %T%.3f").to_string()
}
