//! What was seen of a file.

use crate::kind::{Excerpt, Foreign, Kind};
use crate::{Header, HeaderError};

/// What the first bytes of a file are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Sighting {
    /// What the bytes are.
    pub content: Content,
    /// The first bytes of the file.
    pub starts: Excerpt,
    /// Bytes in the file, where known.
    pub len: Option<u64>,
    /// Bytes that were read of it.
    pub bytes_read: u64,
    /// Read calls (or, for a URL, requests) that it took.
    pub reads: u32,
}

impl Content {
    /// What a file is, from the probe's answer and the file's first bytes: for whoever drives a
    /// [`Probe`](crate::Probe) over a source of their own.
    ///
    /// `prefix` are the bytes from offset 0 that are at hand, `len` the length of the file in bytes
    /// where it is known. The more bytes, the more formats can be named; [`Content::PREFIX`] are
    /// enough for all of them.
    ///
    /// ```
    /// use preflight::{Content, Kind, Probe, Window};
    ///
    /// let bytes = b"%PDF-1.7 and so on, for some length";
    /// let error = Probe::new().feed(Window::new(0, bytes)).unwrap_err();
    /// assert_eq!(Content::of(Err(error), bytes, None), Content::NotAnImage(Kind::Pdf));
    /// ```
    #[must_use]
    pub fn of(answer: Result<Header, HeaderError>, prefix: &[u8], len: Option<u64>) -> Self {
        let _ = (prefix, len);
        match answer {
            Ok(header) => Self::Image(header),
            Err(error) => Self::Broken(error),
        }
    }

    /// Bytes of a file's start that are worth having for [`Content::of`] when the probe did not
    /// recognise a signature.
    pub const PREFIX: usize = 4096;
}
