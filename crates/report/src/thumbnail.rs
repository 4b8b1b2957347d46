//! Small copies of images, for a report that people look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gate::Outcome;

#[cfg(feature = "thumbnails")]
mod make;

/// A small copy of an image: a JPEG without metadata, in the pixels' stored order, so that an EXIF
/// orientation is still to be heeded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Thumbnail {
    jpeg: Vec<u8>,
}

impl Thumbnail {
    /// The longer side in px, at most.
    pub const MAX_SIDE: u32 = 360;

    /// Bytes of one, at most: a page of 26 images then stays below 400 kB.
    pub const MAX_BYTES: usize = 9_000;

    /// The bytes of the JPEG.
    #[must_use]
    pub fn jpeg(&self) -> &[u8] {
        &self.jpeg
    }
}

/// How many thumbnails a page holds. The page that takes them and those who make them share it, so
/// that none is made that no page has room for.
///
/// The thumbnails that a page takes do not depend on how many threads make them: room ends in the
/// order of the report.
#[derive(Clone, Debug)]
pub struct ThumbnailBudget {
    count: usize,
    bytes: usize,
    /// By outcome: every image to come is one too many.
    used_up: Arc<[AtomicBool; Outcome::ALL.len()]>,
}

impl ThumbnailBudget {
    /// Thumbnails of a page unless told otherwise: more than anybody looks through.
    pub const COUNT: usize = 2_000;

    /// Bytes of all thumbnails of a page unless told otherwise, as they stand in it (base64): a page
    /// that a browser opens at once, and that a mail or a ticket takes.
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

    /// Thumbnails, at most.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Bytes of all of them in base64, at most.
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

    /// Every later image of this outcome is one too many.
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
