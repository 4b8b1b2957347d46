//! The error of a header.

use core::fmt;

use crate::{Defect, Format};

/// One defect of a header: what, where, and in which format.
///
/// ```
/// use preflight::{Content, Defect, probe_bytes};
///
/// let Content::Broken(error) = probe_bytes(b"\xFF\xD8\xFF\xD9").content else { unreachable!() };
/// assert_eq!(error.defect, Defect::MarkerBeforeFrame { marker: 0xD9 });
/// assert_eq!(
///     error.to_string(),
///     "JPEG, byte 2: expected a frame header (SOF), but found the marker 0xD9 (EOI)",
/// );
/// assert_eq!(error.section(), "ITU-T T.81, B.2.1");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("{}byte {offset}: {defect}", Prefix(*.format))]
#[non_exhaustive]
pub struct HeaderError {
    /// The fault.
    pub defect: Defect,
    /// Where it was seen, in bytes from the start of the file. For [`Defect::Truncated`] the length
    /// of the file.
    pub offset: u64,
    /// The format that the signature names; none for [`Defect::Unrecognised`].
    pub format: Option<Format>,
}

impl HeaderError {
    /// The section of the specification that is broken, for people.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.defect.section(self.format)
    }

    /// Whether the data ends too early, as against being wrong.
    #[must_use]
    pub const fn is_truncated(&self) -> bool {
        matches!(self.defect, Defect::Truncated { .. })
    }
}

/// `JPEG, ` or nothing.
struct Prefix(Option<Format>);

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |format| write!(f, "{format}, "))
    }
}

#[cfg(test)]
mod tests {
    use core::error::Error;

    use super::*;

    #[test]
    fn the_error_is_small_and_its_own_cause() {
        fn shared<T: Error + Send + Sync + 'static>(_: &T) {}
        let error = HeaderError {
            defect: Defect::JpegLs,
            offset: 2,
            format: Some(Format::Jpeg),
        };
        shared(&error);
        assert!(error.source().is_none());
        assert!(
            size_of::<HeaderError>() <= 40,
            "{}",
            size_of::<HeaderError>()
        );
    }

    #[test]
    fn strangers_bytes_are_escaped() {
        let defect = Defect::FirstChunk { found: *b"\x1b[3m" };
        assert_eq!(
            HeaderError {
                defect,
                offset: 12,
                format: Some(Format::Png)
            }
            .to_string(),
            r#"PNG, byte 12: expected the chunk "IHDR" first, but found "\x1b[3m""#
        );
    }

    #[test]
    fn where_no_format_is_known_none_is_named() {
        let error = HeaderError {
            defect: Defect::Unrecognised,
            offset: 0,
            format: None,
        };
        assert!(error.to_string().starts_with("byte 0: expected a JPEG"));
    }
}
