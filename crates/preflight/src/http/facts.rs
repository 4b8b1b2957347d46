//! What a fetch brought.

use super::error::FetchError;
use super::url::TargetUrl;
use super::url_note::UrlNote;
use crate::Probed;

/// What a look at a URL brought: what was seen of the file, or the reason that nothing was, and what
/// was seen on the way in either case.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// The file, or the reason that it was not seen.
    pub outcome: Result<Probed, FetchError>,
    /// The servers' answers, and the cost.
    pub facts: Facts,
}

/// A whole object.
#[derive(Debug)]
#[non_exhaustive]
pub struct Downloaded {
    /// Its bytes, as many as the server said there are.
    pub outcome: Result<Vec<u8>, FetchError>,
    /// The servers' answers, and the cost.
    pub facts: Facts,
}

/// The servers' answers, and what the fetch cost.
///
/// All texts are bounded, and of printable ASCII.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The URL that was asked last; none if none was asked.
    pub final_url: Option<TargetUrl>,
    /// The URLs that redirected, in order.
    pub redirects: Vec<TargetUrl>,
    /// The status of the last response.
    pub status: Option<u16>,
    /// Requests sent, all servers, retries and lost ones together.
    pub requests: u32,
    /// How often it was tried again, because of a status or of a connection that failed.
    pub retries: u32,
    /// Connections opened. 0 where one was kept from an earlier URL.
    pub connections: u32,
    /// Bytes of bodies that were received.
    pub body_bytes: u64,
    /// Bytes received on all sockets, heads and TLS included.
    pub socket_bytes: u64,
    /// What tells one version of the file from the next.
    pub validators: Validators,
    /// The media type in lower case, without parameters; several different ones with commas between
    /// them. A server's word only: the verdict never depends on it.
    pub content_type: Option<String>,
    /// Remarks on the URL.
    pub notes: Vec<UrlNote>,
}

/// What a server says that tells one version of a file from the next: RFC 9110, section 8.8, and the
/// length.
///
/// ```
/// use preflight::http::Validators;
///
/// let mut seen = Validators::default();
/// seen.etag = Some("\"1\"".to_owned());
/// let mut later = seen.clone();
/// later.len = Some(7_200);
/// assert!(seen.agrees(&later));
/// assert_eq!(seen.if_range(), Some("\"1\""));
/// later.etag = Some("\"2\"".to_owned());
/// assert!(!seen.agrees(&later));
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Validators {
    /// The entity tag, quotes and `W/` included.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub etag: Option<String>,
    /// The `Last-Modified` field, as it was sent.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub last_modified: Option<String>,
    /// Bytes in the whole file.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub len: Option<u64>,
}

impl Validators {
    /// Whether two answers can be of one version: what both say is the same.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            a.zip(b).is_none_or(|(a, b)| a == b)
        }
        same(self.etag.as_ref(), other.etag.as_ref())
            && same(self.len.as_ref(), other.len.as_ref())
            && same(self.last_modified.as_ref(), other.last_modified.as_ref())
    }

    /// The entity tag, if it is a strong one: then the bytes are the same where it is (RFC 9110,
    /// section 8.8.1).
    #[must_use]
    pub fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| etag.starts_with('"'))
    }

    /// The value of an `If-Range` field: a strong entity tag, or the date (RFC 9110, section 13.1.5).
    #[must_use]
    pub fn if_range(&self) -> Option<&str> {
        self.strong_etag().or(self.last_modified.as_deref())
    }
}
