//! What was seen of a file.

use crate::{Foreign, Header, HeaderError, Kind};

/// What the first bytes of a file are.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// One of the four formats, with a sound header.
    Image(Header),
    /// An image in a format that the probe does not read.
    Foreign(Foreign),
    /// Not an image.
    NotAnImage(Kind),
    /// One of the four formats, with a broken or truncated header.
    Broken(HeaderError),
    /// No bytes at all.
    Empty,
}

/// What was seen of a file, and what that took.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Sighting {
    /// What the bytes are.
    pub content: Content,
    /// Bytes in the file, where known.
    pub len: Option<u64>,
    /// Bytes that were read of it.
    pub bytes_read: u64,
    /// Read calls (or, for a URL, requests) that it took.
    pub reads: u32,
}
