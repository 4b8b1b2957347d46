//! Small copies of images, for a report that people look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gate::Outcome;

#[cfg(feature = "thumbnails")]
mod make;

/// A small copy of an image: a JPEG without metadata, its pixels in the stored order. To show it,
/// apply the EXIF orientation of the original.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Thumbnail {
    jpeg: Vec<u8>,
}

impl Thumbnail {
    /// The longer side in px, at most.
    pub const MAX_SIDE: u32 = 360;

    /// The most bytes of one: a page of 26 images then stays below 400 kB.
    pub const MAX_BYTES: usize = 9_000;

    /// The bytes of the JPEG.
    #[must_use]
    pub fn jpeg(&self) -> &[u8] {
        &self.jpeg
    }
}

/// The room of a page for thumbnails. The page and the threads that make thumbnails share it, so
/// that none is made that the page has no room for.
///
/// The thumbnails of a page do not depend on the number of threads: room is given in the order of
/// the report.
#[derive(Clone, Debug)]
pub struct ThumbnailBudget {
    count: usize,
    bytes: usize,
    /// By outcome: no room is left for any later image.
    used_up: Arc<[AtomicBool; Outcome::ALL.len()]>,
}

impl ThumbnailBudget {
    /// The default count of thumbnails on a page: more than anybody looks through.
    pub const COUNT: usize = 2_000;

    /// The default size of all thumbnails of a page in bytes, in base64 as the page holds them: a
    /// browser opens such a page at once, and a mail or a ticket takes it.
    pub const BYTES: usize = 20_000_000;

    /// Room for so many thumbnails, of so many bytes in base64.
    #[must_use]
    pub fn new(count: usize, bytes: usize) -> Self {
        Self {
            count,
            bytes,
            used_up: Arc::default(),
        }
    }

    /// The most thumbnails.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The most bytes of all of them, in base64.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a page may still take the thumbnail of an image with this outcome.
    #[must_use]
    pub fn has_room(&self, outcome: Outcome) -> bool {
        let used_up = self.used_up.get(outcome as usize);
        used_up.is_none_or(|used_up| !used_up.load(Ordering::Relaxed))
    }

    /// Leaves no room for later images of this outcome.
    pub(crate) fn use_up(&self, outcome: Outcome) {
        if let Some(used_up) = self.used_up.get(outcome as usize) {
            used_up.store(true, Ordering::Relaxed);
        }
    }
}

impl Default for ThumbnailBudget {
    fn default() -> Self {
        Self::new(Self::COUNT, Self::BYTES)
    }
}
