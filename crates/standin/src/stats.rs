//! What the server saw: the only witness of what a client really sent and what it would be charged.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;

use crate::endpoint::Endpoint;
use crate::reply::Reply;

/// Pictures that are counted one by one; beyond that only the totals grow, so that memory does not.
const MAX_IMAGES: usize = 10_000;

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
    /// Calls that the service would charge: those that reached a verdict sent as HTTP 200, even where the answer was
    /// lost on its way.
    pub billable: u64,
    /// Calls turned away by the rate limit.
    pub throttled: u64,
    /// Most face-detect requests under way at one time.
    pub busiest: u64,
    /// Connections closed as soon as they were made.
    pub refused_connections: u64,
    /// Answers meant, by status and code: `"200"`, `"200 InvalidFile.NoHuman"`, `"400 InvalidURL"`; `"cut"` where the
    /// connection was cut before any work.
    pub answers: BTreeMap<String, u64>,
    /// By picture: the `image_url` without its query, which may hold a signature. At most 10,000.
    pub images: BTreeMap<String, ImageStats>,
}

/// Counters of one picture.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageStats {
    /// Requests about it that were looked into. What an ordered fault or the rate limit met before is in the totals only.
    pub requests: u64,
    /// Those that would be charged.
    pub billable: u64,
    /// Lower-case hexadecimal sha256 of its bytes, once they were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Which picture a call was about.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) url: String,
    pub(crate) sha256: Option<String>,
}

/// Where the counters are kept.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pages: Mutex<Pages>,
    left: Notify,
}

#[derive(Debug, Default)]
struct Pages {
    stats: Stats,
    under_way: u64,
}

impl Ledger {
    /// Counts a request in; it counts as under way until the guard is dropped.
    pub(crate) fn arrive(&self, endpoint: Endpoint) -> UnderWay<'_> {
        self.write(|pages| match endpoint {
            Endpoint::FaceDetect => {
                pages.stats.face_detect += 1;
                pages.under_way += 1;
                pages.stats.busiest = pages.stats.busiest.max(pages.under_way);
            }
            Endpoint::Policy => pages.stats.policy += 1,
            Endpoint::Upload => pages.stats.upload += 1,
        });
        UnderWay {
            ledger: self,
            endpoint,
        }
    }

    /// Counts an answer; none where the connection was cut before any work.
    pub(crate) fn answered(&self, reply: Option<&Reply>, subject: Option<&Subject>) {
        let billable = u64::from(reply.is_some_and(Reply::is_billable));
        let name = match reply {
            None => "cut".to_owned(),
            Some(Reply {
                status,
                code: Some(code),
                ..
            }) => format!("{status} {code}"),
            Some(reply) => reply.status.to_string(),
        };
        self.write(|pages| {
            pages.stats.billable += billable;
            *pages.stats.answers.entry(name).or_default() += 1;
            let Some(subject) = subject else { return };
            let images = &mut pages.stats.images;
            if images.len() >= MAX_IMAGES && !images.contains_key(&subject.url) {
                return;
            }
            let image = images.entry(subject.url.clone()).or_default();
            image.requests += 1;
            image.billable += billable;
            if subject.sha256.is_some() {
                image.sha256.clone_from(&subject.sha256);
            }
        });
    }

    pub(crate) fn throttled(&self) {
        self.write(|pages| pages.stats.throttled += 1);
    }

    pub(crate) fn stats(&self) -> Stats {
        self.write(|pages| pages.stats.clone())
    }

    /// Waits until no face-detect request is under way.
    pub(crate) async fn settled(&self) {
        loop {
            let left = self.left.notified();
            tokio::pin!(left);
            // Heard from here on, so that none can leave between the look and the wait.
            left.as_mut().enable();
            if self.write(|pages| pages.under_way) == 0 {
                return;
            }
            left.await;
        }
    }

    fn write<T>(&self, entry: impl FnOnce(&mut Pages) -> T) -> T {
        // Counters: each is sound by itself, whatever happened to the others.
        entry(&mut self.pages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A request under way.
pub(crate) struct UnderWay<'a> {
    ledger: &'a Ledger,
    endpoint: Endpoint,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.endpoint == Endpoint::FaceDetect {
            self.ledger.write(|pages| pages.under_way -= 1);
            self.ledger.left.notify_waiters();
        }
    }
}
