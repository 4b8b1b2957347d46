//! One request out, one reply back: the seam between what is decided and what is dialled.

pub(crate) mod http;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tokio::time::Instant;
use url::Url;

use crate::error::BoxError;

/// Longest answer read, in bytes. Real ones stay below 2 kB, policies included; whatever is longer
/// is no answer of this service.
pub(crate) const MAX_BODY: usize = 64 * 1024;

pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<Reply, Lost>> + Send + 'a>>;

/// Sends requests. Tests put a script in the place of the network, and so own the clock.
pub(crate) trait Transport: Send + Sync {
    /// Sends a request and reads the reply to its end, not past the deadline. Never repeats a
    /// request, never follows a redirect.
    fn send(&self, request: Request, deadline: Instant) -> Sending<'_>;
}

pub(crate) struct Request {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
}

pub(crate) enum Payload {
    /// A GET.
    Nothing,
    /// A POST of JSON.
    Json(Bytes),
    /// A POST of a form, whose length is known.
    Form(reqwest::multipart::Form),
}

/// An answer that at least began.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// `x-request-id`.
    pub(crate) request_id: Option<String>,
    /// `Retry-After`, from now on.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Result<Bytes, BrokenBody>,
}

/// An answer whose head came, and whose body did not, or not wholly.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrokenBody {
    #[error("the answer's body ended early")]
    Cut(#[source] BoxError),
    #[error("expected a body of at most {MAX_BODY} bytes, but found more")]
    TooLong,
    #[error("the answer's body did not end in time")]
    TimedOut,
}

/// No answer.
pub(crate) struct Lost {
    /// Whether any of the request's body was handed to a connection. If not, the service cannot
    /// have done what was asked, nor charged for it.
    pub(crate) sent: bool,
    pub(crate) cause: LostCause,
}

pub(crate) enum LostCause {
    /// The request could not be made at all.
    Malformed(BoxError),
    Network(BoxError),
    TimedOut,
}
