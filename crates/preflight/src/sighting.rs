//! What was seen of a file.

use crate::Header;
use crate::identify;
use crate::kind::{Excerpt, Foreign, Kind};
use crate::probe::{Defect, HeaderError};

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
    /// Bytes that were read of it. 0 for bytes that were in memory already.
    pub bytes_read: u64,
    /// Read calls (or, for a URL, requests) that it took. 0 for bytes that were in memory already.
    pub reads: u32,
}

impl Content {
    /// Bytes of a file's start that are worth having for [`Content::of`] when the probe did not
    /// recognise a signature: enough for the size of a photograph in HEIC, whose description takes
    /// some kilobytes. More are not looked at, which bounds the work.
    pub const PREFIX: usize = 16 << 10;

    /// What a file is, from the probe's answer and the file's first bytes: for whoever drives a
    /// [`Probe`](crate::Probe) over a source of their own.
    ///
    /// `prefix` are the bytes from offset 0 that are at hand, best [`Content::PREFIX`] of them, and
    /// `len` the length of the file in bytes where it is known.
    ///
    /// ```
    /// use preflight::{Content, Kind, Probe, Window};
    ///
    /// let bytes = b"%PDF-1.7 and so on, for some length";
    /// let error = Probe::new().feed(Window::new(0, bytes)).unwrap_err();
    /// assert_eq!(Content::of(Err(error), bytes, None), Content::NotAnImage(Kind::Pdf));
    /// ```
    #[must_use]
    #[inline]
    pub fn of(answer: Result<Header, HeaderError>, prefix: &[u8], len: Option<u64>) -> Self {
        match answer {
            Ok(header) => Self::Image(header),
            Err(error) => Self::of_error(error, prefix, len),
        }
    }

    #[cold]
    fn of_error(error: HeaderError, prefix: &[u8], len: Option<u64>) -> Self {
        if prefix.is_empty() && matches!(len, None | Some(0)) {
            return Self::Empty;
        }
        match error.defect {
            Defect::Unrecognised => identify::name(prefix),
            // "BM" or "RI" is the beginning of many a word: a scrap of text is text, though it
            // might be the first bytes of an image as well.
            Defect::Truncated { len, .. } if len < SCRAP && identify::is_text(prefix) => {
                Self::NotAnImage(Kind::Text)
            }
            _ => Self::Broken(error),
        }
    }
}

/// Bytes that every format's signature fits into: BMP's, with the size of the DIB header.
const SCRAP: u64 = 18;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Probe, Window};

    fn content(bytes: &[u8]) -> Content {
        let answer = Probe::new()
            .feed(Window::last(0, bytes))
            .map(|_| unreachable!());
        Content::of(answer, bytes, Some(bytes.len() as u64))
    }

    #[test]
    fn no_bytes_are_empty_and_a_scrap_of_text_is_text() {
        assert_eq!(content(b""), Content::Empty);
        assert_eq!(content(b"BMW"), Content::NotAnImage(Kind::Text));
        assert_eq!(content(b"BMW makes cars"), Content::NotAnImage(Kind::Text));
        assert_eq!(
            content(b"BMW makes cars and motorcycles"),
            Content::NotAnImage(Kind::Text)
        );
        assert_eq!(content(b"RI"), Content::NotAnImage(Kind::Text));
        assert_eq!(
            content(b"RIFF raff, and more"),
            Content::NotAnImage(Kind::Text)
        );
        assert!(matches!(content(b"BM\x46\0\0\0"), Content::Broken(_)));
        assert!(matches!(content(b"RIFF\x46\0\0\0WEB"), Content::Broken(_)));
    }
}
