//! What is worth a word about a URL that may well be fine.

use core::fmt;

use jiff::Timestamp;

use super::url::TargetUrl;

/// Something about a fetch that is worth a word, whatever its outcome.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Dot segments were resolved in the path of a signed URL: the signature may no longer fit.
    DotSegmentsInSigned,
    /// The signature expires soon, or just has, within a clock's error.
    ExpiresSoon {
        /// When.
        at: Timestamp,
    },
    /// The URL had a fragment; it is not sent.
    FragmentDropped,
    /// The URL is so long that some readers refuse it.
    LongUrl {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The URL is sent in its normalised form, which differs from the text.
    Normalised {
        /// The form that is sent.
        sent: TargetUrl,
    },
    /// The signature is not valid yet.
    NotYetValid {
        /// From when on it is.
        at: Timestamp,
    },
    /// The URL was signed with a temporary key, which may end it earlier than its own expiry.
    TemporaryKey,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DotSegmentsInSigned => f.write_str(
                "dot segments were resolved in the path of a signed URL; the signature may not fit",
            ),
            Self::ExpiresSoon { at } => write!(
                f,
                "the signature expires at {at}, too soon for a queued job"
            ),
            Self::FragmentDropped => f.write_str("the fragment (#…) is not sent"),
            Self::LongUrl { bytes } => {
                write!(f, "the URL has {bytes} bytes; some readers stop at 2048")
            }
            Self::Normalised { sent } => write!(f, "sent as {sent}"),
            Self::NotYetValid { at } => write!(f, "the signature is not valid before {at}"),
            Self::TemporaryKey => {
                f.write_str("signed with a temporary key, which may expire before the URL does")
            }
        }
    }
}
