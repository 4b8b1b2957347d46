//! How many requests may be written down before they leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The requests that are about to leave: a short line, so that few are in the ledger that have not
/// left. After a kill nobody can tell one of those from one that was paid for. A request enters
/// when its connection stands, so that slow connections make the line no slower.
///
/// Until the service has given one answer that does not stop everything, a request enters before it
/// connects, and keeps its place until it is answered. A refused key or a wrong base URL then costs
/// no more requests than the line has places, however slow the answers are.
#[derive(Debug)]
pub(super) struct Line {
    places: Arc<Semaphore>,
    is_answering: AtomicBool,
}

pub(super) type Place = OwnedSemaphorePermit;

impl Line {
    /// One second's worth of departures: the disk may take that long to write an intent down.
    const PLACES: usize = 5;

    pub(super) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(Self::PLACES)),
            is_answering: AtomicBool::new(false),
        }
    }

    /// Waits for a place. `None` only if the semaphore is closed, which nobody does.
    pub(super) async fn enter(&self) -> Option<Place> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Whether a place is free again as soon as its request has left.
    pub(super) fn is_answering(&self) -> bool {
        self.is_answering.load(Ordering::Relaxed)
    }

    /// An answer came that does not stop everything.
    pub(super) fn answered(&self) {
        self.is_answering.store(true, Ordering::Relaxed);
    }

    /// The next answers decide anew.
    pub(super) fn doubt(&self) {
        self.is_answering.store(false, Ordering::Relaxed);
    }
}
