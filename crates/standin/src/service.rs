//! All that the handlers share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::endpoint::FaultQueues;
use crate::inspector::{Inspector, Location};
use crate::loans::Loans;
use crate::past_verdicts::PastVerdicts;
use crate::request::{AcceptedKey, MediaUrl, Place};
use crate::scratch::Scratch;
use crate::script::Script;
use crate::stats::Counters;
use crate::store::{Store, UploadBinding};
use crate::tasks::Tasks;
use crate::throttle::Throttle;
use crate::verdict::FailureShape;
use crate::wire::ListenerGate;
use crate::{MODEL, VIDEO_MODEL};

/// The state and the settings of the stand-in.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) key: AcceptedKey,
    pub(crate) models: Models,
    pub(crate) binding: UploadBinding,
    pub(crate) shape: FailureShape,
    pub(crate) service_time: Duration,
    pub(crate) script: Script,
    pub(crate) faults: FaultQueues,
    pub(crate) throttle: Option<Throttle>,
    pub(crate) counters: Counters,
    pub(crate) loans: Arc<Loans>,
    pub(crate) store: Store,
    pub(crate) past_verdicts: PastVerdicts,
    pub(crate) tasks: Tasks,
    pub(crate) listener_gate: Arc<ListenerGate>,
    pub(crate) inspector: Inspector,
    pub(crate) request_ids: RequestIds,
    pub(crate) scratch: Arc<Scratch>,
}

/// The models that are served, each by its path.
#[derive(Clone, Debug)]
pub(crate) struct Models {
    pub(crate) detect: Vec<String>,
    pub(crate) video: Vec<String>,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            detect: vec![MODEL.to_owned()],
            video: vec![VIDEO_MODEL.to_owned()],
        }
    }
}

/// Ids of requests, counted from the start of a stand-in: `standin-<start>-<port>-<number>`, which
/// cannot be taken for one of the service.
pub(crate) struct RequestIds {
    prefix: String,
    given: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let started = std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |since| since.as_secs());
        Self {
            prefix: format!("standin-{started:08x}-{:04x}", address.port()),
            given: AtomicU64::new(0),
        }
    }

    pub(crate) fn next(&self) -> String {
        let number = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{}-{number:06}", self.prefix)
    }
}

impl Service {
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    pub(crate) fn upload_host(&self) -> String {
        format!("http://{}/standin/store", self.address)
    }

    /// Where the image of a check by `model` is; None if it is nowhere that the detector can reach.
    pub(crate) fn locate_for_detection(&self, url: &MediaUrl, model: &str) -> Option<Location> {
        let binding = self.script.uploads().unwrap_or(self.binding);
        self.locate(url, |bound_to| {
            bound_to == model
                || (binding == UploadBinding::Lenient
                    && self.models.video.iter().any(|model| model == bound_to))
        })
    }

    /// Where a file of a video call is; None if it is nowhere that the video model can reach.
    pub(crate) fn locate_for_video(&self, url: &MediaUrl, model: &str) -> Option<Location> {
        self.locate(url, |bound_to| bound_to == model)
    }

    fn locate(&self, url: &MediaUrl, serves: impl Fn(&str) -> bool) -> Option<Location> {
        match &url.place {
            Place::Stored(key) => self.store.resolve(key, serves).map(Location::Stored),
            Place::Web(url) => match self.loans.find(url) {
                Some(source) => Some(Location::Lent(source)),
                None if self.loans.is_own(url) => None,
                None => Some(Location::Web(url.clone())),
            },
        }
    }
}
