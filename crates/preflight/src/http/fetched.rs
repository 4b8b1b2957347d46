//! What a fetch brought.

use super::error::FetchError;
use super::note::Note;
use super::url::TargetUrl;
use crate::Probed;

/// What a look at a URL brought: the probed or the reason that there is none, and everything that
/// was seen on the way in either case.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// What was seen of the file.
    pub outcome: Result<Probed, FetchError>,
    /// What was seen of the servers.
    pub facts: Facts,
}

/// A whole object.
#[derive(Debug)]
#[non_exhaustive]
pub struct Whole {
    /// Its bytes, as many as the server said there are.
    pub outcome: Result<Vec<u8>, FetchError>,
    /// What was seen of the servers.
    pub facts: Facts,
}

/// What was seen of the servers, and what it cost.
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
    /// Requests sent, all hops together.
    pub requests: u32,
    /// Bytes of bodies that were taken in.
    pub body_bytes: u64,
    /// Bytes received on all sockets, heads and TLS included.
    pub socket_bytes: u64,
    /// Bytes in the file, where the server said.
    pub total: Option<u64>,
    /// The entity tag of the file, quotes and `W/` included.
    pub etag: Option<String>,
    /// The `Last-Modified` field.
    pub last_modified: Option<String>,
    /// The media type in lower case, without parameters. A server's word only: the verdict never
    /// depends on it.
    pub content_type: Option<String>,
    /// What is worth a word.
    pub notes: Vec<Note>,
}
