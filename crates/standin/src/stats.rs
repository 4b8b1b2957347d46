//! Counters and the bill: the only witness of what a client really sent and would be charged.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;

use crate::endpoint::Endpoint;
use crate::reply::Reply;

/// Images that are counted one by one, and calls on the bill; beyond that only the totals grow, so
/// that memory does not.
const MAX_ENTRIES: usize = 10_000;

/// Counters since the start. Also at `GET /standin/stats`.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests to face-detect, whatever became of them.
    pub face_detect: u64,
    /// Requests for leave to upload.
    pub policy: u64,
    /// Requests to the store.
    pub upload: u64,
    /// Requests to video-synthesis, whatever became of them.
    pub video_synthesis: u64,
    /// Video calls that were found right and given a task, even where the answer was lost on its
    /// way.
    pub videos_accepted: u64,
    /// Requests about a task.
    pub task: u64,
    /// Face-detect calls that the service would charge, one image each: those that reached a
    /// verdict sent as HTTP 200, even where the answer was lost on its way.
    pub billable: u64,
    /// The calls that make up `billable`, in order. At most 10,000.
    pub bill: Vec<BilledCall>,
    /// `billable` by the key that the calls were made with, as [`key_id`](crate::key_id) shows it.
    /// At most 10,000 keys.
    pub billable_by_key: BTreeMap<String, u64>,
    /// Calls turned away by the rate limit.
    pub throttled: u64,
    /// Most face-detect requests under way at one time.
    pub busiest: u64,
    /// Connections closed as soon as they were made.
    pub refused_connections: u64,
    /// Answers meant, by status and reason: `"200"`, `"200 InvalidFile.NoHuman"`, `"400
    /// InvalidURL"`; `"cut"` where the connection was cut before any work.
    pub answers: BTreeMap<String, u64>,
    /// By image: the `image_url` without its query, which may hold a signature. At most 10,000.
    pub images: BTreeMap<String, ImageStats>,
}

/// Counters of one image.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageStats {
    /// Face-detect requests about it that were looked into. What an ordered fault or the rate limit
    /// met before is in the totals only.
    pub requests: u64,
    /// Those that would be charged.
    pub billable: u64,
    /// Lower-case hexadecimal sha256 of its bytes, once they were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A call that the service would charge.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BilledCall {
    /// The id that it was answered under.
    pub request_id: String,
    /// Whose call it was, as [`key_id`](crate::key_id) shows a key.
    pub key_id: String,
    /// The `image_url` without its query.
    pub image_url: String,
    /// Lower-case hexadecimal sha256 of the image's bytes.
    pub sha256: String,
}

/// Which image a call was about, and whose call it was.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) key_id: String,
    /// Without its query.
    pub(crate) url: String,
    pub(crate) sha256: Option<String>,
}

/// Where the counters are kept.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    state: Mutex<State>,
    written: Notify,
}

#[derive(Debug)]
struct State {
    stats: Stats,
    under_way: u64,
    /// Entries of each list in `stats`.
    most: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            stats: Stats::default(),
            under_way: 0,
            most: MAX_ENTRIES,
        }
    }
}

impl Counters {
    /// Counts a request in; it counts as under way until the guard is dropped.
    pub(crate) fn arrive(&self, endpoint: Endpoint) -> UnderWay<'_> {
        self.write(|state| match endpoint {
            Endpoint::FaceDetect => {
                state.stats.face_detect += 1;
                state.under_way += 1;
                state.stats.busiest = state.stats.busiest.max(state.under_way);
            }
            Endpoint::Policy => state.stats.policy += 1,
            Endpoint::Task => state.stats.task += 1,
            Endpoint::Upload => state.stats.upload += 1,
            Endpoint::VideoSynthesis => state.stats.video_synthesis += 1,
        });
        UnderWay {
            counters: self,
            endpoint,
        }
    }

    /// Counts an answer; none where the connection was cut before any work.
    pub(crate) fn answered(
        &self,
        reply: Option<&Reply>,
        subject: Option<&Subject>,
        request_id: &str,
    ) {
        let is_billable = reply.is_some_and(Reply::is_billable);
        let name = match reply {
            None => "cut".to_owned(),
            Some(Reply {
                status,
                code: Some(code),
                ..
            }) => format!("{status} {code}"),
            Some(reply) => reply.status.to_string(),
        };
        self.write(|state| {
            *state.stats.answers.entry(name).or_default() += 1;
            if let Some(subject) = subject {
                state.count(subject, is_billable);
            }
            if is_billable {
                state.bill(subject, request_id);
            }
        });
    }

    pub(crate) fn video_accepted(&self) {
        self.write(|state| state.stats.videos_accepted += 1);
    }

    pub(crate) fn throttled(&self) {
        self.write(|state| state.stats.throttled += 1);
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats.clone()
    }

    /// Waits until no face-detect request is under way.
    pub(crate) async fn settled(&self) {
        self.until(|| self.lock().under_way == 0).await;
    }

    /// Waits until `done` is true; it is asked again whenever something was counted.
    pub(crate) async fn until(&self, mut done: impl FnMut() -> bool) {
        loop {
            let written = self.written.notified();
            tokio::pin!(written);
            // Heard from here on, so that nothing is missed between the look and the wait.
            written.as_mut().enable();
            if done() {
                return;
            }
            written.await;
        }
    }

    fn write(&self, entry: impl FnOnce(&mut State)) {
        entry(&mut self.lock());
        self.written.notify_waiters();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Counters: each is sound by itself, whatever happened to the others.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, subject: &Subject, is_billable: bool) {
        let images = &mut self.stats.images;
        if images.len() >= self.most && !images.contains_key(&subject.url) {
            return;
        }
        let image = images.entry(subject.url.clone()).or_default();
        image.requests += 1;
        image.billable += u64::from(is_billable);
        if subject.sha256.is_some() {
            image.sha256.clone_from(&subject.sha256);
        }
    }

    fn bill(&mut self, subject: Option<&Subject>, request_id: &str) {
        self.stats.billable += 1;
        let Some(subject) = subject else { return };
        let by_key = &mut self.stats.billable_by_key;
        if by_key.len() < self.most || by_key.contains_key(&subject.key_id) {
            *by_key.entry(subject.key_id.clone()).or_default() += 1;
        }
        if self.stats.bill.len() < self.most {
            self.stats.bill.push(BilledCall {
                request_id: request_id.to_owned(),
                key_id: subject.key_id.clone(),
                image_url: subject.url.clone(),
                sha256: subject.sha256.clone().unwrap_or_default(),
            });
        }
    }
}

/// A request under way.
pub(crate) struct UnderWay<'a> {
    counters: &'a Counters,
    endpoint: Endpoint,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.endpoint == Endpoint::FaceDetect {
            self.counters.write(|state| state.under_way -= 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::reply::Origin;

    #[test]
    fn lists_are_bounded_and_totals_are_not() {
        let counters = Counters::default();
        counters.lock().most = 3;
        for n in 0..5 {
            let subject = Subject {
                key_id: n.to_string(),
                url: format!("http://a/{n}.png"),
                sha256: Some(n.to_string()),
            };
            let pass = Reply::pass(Some(json!([])), None, None, Origin::MadeUp, "id");
            counters.answered(Some(&pass), Some(&subject), &format!("id-{n}"));
        }
        let stats = counters.stats();
        assert_eq!(stats.billable, 5);
        let lists = [
            stats.bill.len(),
            stats.images.len(),
            stats.billable_by_key.len(),
        ];
        assert_eq!(lists, [3, 3, 3]);
        assert_eq!(stats.bill[2].request_id, "id-2");
    }
}
