//! All that the handlers share.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Url;
use tempfile::TempPath;
use tokio::sync::Semaphore;

use crate::detect::DetectRequest;
use crate::endpoint::FaultQueues;
use crate::fetch::Fetcher;
use crate::lending::Library;
use crate::picture::{Picture, Source};
use crate::request::{AcceptedKey, MediaUrl, Place};
use crate::said::Said;
use crate::scratch::Scratch;
use crate::script::Script;
use crate::stats::Ledger;
use crate::store::{Store, StoredFile, UploadBinding};
use crate::throttle::Throttle;
use crate::verdict::FailureShape;
use crate::video::Tasks;
use crate::wire::Door;
use crate::{MODEL, VIDEO_MODEL};

/// Pictures that are fetched or read at one time. Each costs a connection or a thread and some 200 KiB: waiting for
/// a turn keeps memory the same for ten callers and for a thousand.
const MAX_PICTURES_AT_ONCE: usize = 32;

/// What the stand-in is and knows.
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
    pub(crate) ledger: Ledger,
    pub(crate) loans: Arc<Library>,
    pub(crate) store: Store,
    pub(crate) said: Said,
    pub(crate) tasks: Tasks,
    pub(crate) door: Arc<Door>,
    pub(crate) desk: Desk,
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

/// Where images are looked at, and requests numbered.
pub(crate) struct Desk {
    fetcher: Fetcher,
    seats: Semaphore,
    requests: AtomicU64,
    run: String,
}

impl Desk {
    pub(crate) fn new(fetcher: Fetcher, address: SocketAddr) -> Self {
        let started = std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |since| since.as_secs());
        let run = format!("{started:08x}-{:04x}", address.port());
        Self {
            fetcher,
            seats: Semaphore::new(MAX_PICTURES_AT_ONCE),
            requests: AtomicU64::new(0),
            run,
        }
    }
}

impl Service {
    /// An id that cannot be taken for the service's: `standin-<start>-<port>-<number>`.
    pub(crate) fn next_request_id(&self) -> String {
        let number = self.desk.requests.fetch_add(1, Ordering::Relaxed) + 1;
        format!("standin-{}-{number:06}", self.desk.run)
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    pub(crate) fn upload_host(&self) -> String {
        format!("http://{}/standin/store", self.address)
    }

    /// Where the image of a check is; None if it is nowhere that the detector can reach.
    pub(crate) fn find_for_detection(&self, request: &DetectRequest) -> Option<Found> {
        let binding = self.script.uploads().unwrap_or(self.binding);
        self.find(&request.image, |bound_to| {
            bound_to == request.model
                || (binding == UploadBinding::Lenient
                    && self.models.video.iter().any(|model| model == bound_to))
        })
    }

    /// Where a file of a video call is; None if it is nowhere that the video model can reach.
    pub(crate) fn find_for_video(&self, url: &MediaUrl, model: &str) -> Option<Found> {
        self.find(url, |bound_to| bound_to == model)
    }

    fn find(&self, url: &MediaUrl, serves: impl Fn(&str) -> bool) -> Option<Found> {
        match &url.place {
            Place::Stored(key) => self.store.resolve(key, serves).map(Found::Stored),
            Place::Web(url) => match self.loans.find(url) {
                Some(source) => Some(Found::Lent(source)),
                None if self.loans.is_own(url) => None,
                None => Some(Found::Web(url.clone())),
            },
        }
    }

    /// The image, fetched if it must be; None if it cannot be had.
    pub(crate) async fn look(&self, found: Found) -> Option<Picture> {
        let _seat = self.desk.seats.acquire().await.ok()?;
        let held = match found {
            Found::Stored(stored) => Held::Stored(stored),
            Found::Lent(source) => Held::Lent(source),
            Found::Web(url) => Held::Fetched(self.desk.fetcher.fetch(url).await.ok()?),
        };
        // Reading and hashing block; a decoder that gives up in a panic is an image that cannot be read.
        tokio::task::spawn_blocking(move || held.look())
            .await
            .ok()?
            .ok()
    }
}

/// Where an image is.
#[derive(Debug)]
pub(crate) enum Found {
    Lent(Source),
    Stored(Arc<StoredFile>),
    Web(Url),
}

impl Found {
    /// What is known of its content without a look.
    pub(crate) fn sha256(&self) -> Option<&str> {
        match self {
            Self::Stored(stored) => Some(&stored.sha256),
            Self::Lent(_) | Self::Web(_) => None,
        }
    }
}

/// An image's bytes, held for as long as they are looked at.
enum Held {
    Fetched(TempPath),
    Lent(Source),
    Stored(Arc<StoredFile>),
}

impl Held {
    fn look(&self) -> std::io::Result<Picture> {
        let file = |path: &TempPath| Source::File(PathBuf::from(&**path).into());
        match self {
            Self::Fetched(path) => Picture::look(&file(path)),
            Self::Lent(source) => Picture::look(source),
            Self::Stored(stored) => Picture::look(&file(&stored.path)),
        }
    }
}
