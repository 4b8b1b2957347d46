//! Images, from where they are to what is seen of them: a bounded number at a time.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Url;
use tempfile::TempPath;
use tokio::sync::Semaphore;

use crate::fetch::Fetcher;
use crate::inspection::{Inspection, Source};
use crate::store::StoredFile;

/// Images that are fetched or read at one time. Each costs a connection or a thread and some 200
/// KiB: waiting for a permit keeps memory the same for ten callers and for a thousand.
const MAX_INSPECTIONS: usize = 32;

/// Fetches and inspects images.
pub(crate) struct Inspector {
    fetcher: Fetcher,
    permits: Semaphore,
}

/// Where an image is.
#[derive(Debug)]
pub(crate) enum Location {
    Lent(Source),
    Stored(Arc<StoredFile>),
    Web(Url),
}

impl Location {
    /// The hash of its content, where that is known before it is inspected.
    pub(crate) fn sha256(&self) -> Option<&str> {
        match self {
            Self::Stored(stored) => Some(&stored.sha256),
            Self::Lent(_) | Self::Web(_) => None,
        }
    }
}

impl Inspector {
    pub(crate) fn new(fetcher: Fetcher) -> Self {
        Self {
            fetcher,
            permits: Semaphore::new(MAX_INSPECTIONS),
        }
    }

    /// The image, fetched if it must be; None if it cannot be had.
    pub(crate) async fn inspect(&self, location: Location) -> Option<Inspection> {
        let _permit = self.permits.acquire().await.ok()?;
        let held = match location {
            Location::Stored(stored) => Held::Stored(stored),
            Location::Lent(source) => Held::Lent(source),
            Location::Web(url) => Held::Fetched(self.fetcher.fetch(url).await.ok()?),
        };
        // Reading and hashing block; a decoder that gives up in a panic is an image that cannot be
        // read.
        tokio::task::spawn_blocking(move || held.inspect())
            .await
            .ok()?
            .ok()
    }
}

/// An image's bytes, held while they are inspected.
enum Held {
    Fetched(TempPath),
    Lent(Source),
    Stored(Arc<StoredFile>),
}

impl Held {
    fn inspect(&self) -> io::Result<Inspection> {
        let file = |path: &TempPath| Source::File(PathBuf::from(&**path).into());
        match self {
            Self::Fetched(path) => Inspection::of(&file(path)),
            Self::Lent(source) => Inspection::of(source),
            Self::Stored(stored) => Inspection::of(&file(&stored.path)),
        }
    }
}
