//! What probing a source brought.

use crate::{Content, Excerpt, Orientation};

/// A file as far as it was read, and the reads that it took.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Probed {
    /// What the file is.
    pub content: Content,
    /// EXIF orientation, where it stands in the bytes that were read for the header anyway.
    /// [`probe_bytes`](crate::probe_bytes) does not look for it, since that takes as long as the
    /// header; [`Orientation::find`] does.
    pub orientation: Option<Orientation>,
    /// The first bytes of the file.
    pub starts: Excerpt,
    /// Bytes in the file, where known.
    pub len: Option<u64>,
    /// Bytes that were read of it. 0 for bytes that were in memory already.
    pub bytes_read: u64,
    /// Read calls (or, for a URL, requests) that it took. 0 for bytes that were in memory already.
    pub reads: u32,
}
