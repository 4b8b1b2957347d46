//! All that the handlers share.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempPath;
use tokio::sync::Semaphore;

use crate::endpoint::FaultQueues;
use crate::fetch::Fetcher;
use crate::lending::Library;
use crate::picture::{Picture, Source};
use crate::request::{AcceptedKey, DetectRequest, ImageUrl};
use crate::scratch::Scratch;
use crate::script::Script;
use crate::stats::Ledger;
use crate::store::Store;
use crate::throttle::Throttle;
use crate::verdict::FailureShape;
use crate::wire::Door;

/// Pictures that are fetched or read at one time. Each costs a connection or a thread and some 200 KiB: waiting for
/// a turn keeps memory the same for ten callers and for a thousand.
const MAX_PICTURES_AT_ONCE: usize = 32;

/// What the stand-in is and knows.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) key: AcceptedKey,
    pub(crate) models: Vec<String>,
    pub(crate) shape: FailureShape,
    pub(crate) service_time: Duration,
    pub(crate) script: Script,
    pub(crate) faults: FaultQueues,
    pub(crate) throttle: Option<Throttle>,
    pub(crate) ledger: Ledger,
    pub(crate) loans: Arc<Library>,
    pub(crate) store: Store,
    pub(crate) door: Arc<Door>,
    pub(crate) desk: Desk,
    pub(crate) scratch: Arc<Scratch>,
}

/// Where pictures are looked at, and requests numbered.
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

    /// The picture that a request is about; None if it cannot be had.
    pub(crate) async fn picture(&self, request: &DetectRequest) -> Option<Picture> {
        let _seat = self.desk.seats.acquire().await.ok()?;
        let held = match &request.image {
            ImageUrl::Stored(key) => Held::Stored(self.store.resolve(key, &request.model)?),
            ImageUrl::Web(url) => match self.loans.find(url) {
                Some(source) => Held::Lent(source),
                None if self.loans.is_own(url) => return None,
                None => Held::Fetched(self.desk.fetcher.fetch(url.clone()).await.ok()?),
            },
        };
        // Reading and hashing block; a decoder that gives up in a panic is a picture that cannot be read.
        tokio::task::spawn_blocking(move || held.look())
            .await
            .ok()?
            .ok()
    }
}

/// A picture's bytes, held for as long as they are looked at.
enum Held {
    Fetched(TempPath),
    Lent(Source),
    Stored(Arc<TempPath>),
}

impl Held {
    fn look(&self) -> std::io::Result<Picture> {
        let file = |path: &TempPath| Source::File(PathBuf::from(&**path).into());
        match self {
            Self::Fetched(path) => Picture::look(&file(path)),
            Self::Lent(source) => Picture::look(source),
            Self::Stored(path) => Picture::look(&file(path)),
        }
    }
}
