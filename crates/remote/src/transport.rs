//! One request out, one reply back: the seam between what is decided and what is dialled.

pub(crate) mod departure;
pub(crate) mod http;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use url::Url;

use crate::box_error::BoxError;
use crate::retry;
use departure::Departure;

/// Bytes read of an answer, and bytes that may come out of each of its content codings. Real
/// answers stay below 2 kB, policies included.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// Header of the request id, where the body holds none: the service's, and its gateway's.
const REQUEST_ID: [&str; 2] = ["x-request-id", "x-ca-request-id"];

/// Where Alibaba's API gateway says what is wrong, if not in the body.
const GATEWAY_CODE: &str = "x-ca-error-code";
const GATEWAY_MESSAGE: &str = "x-ca-error-message";

pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<Reply, NoReply>> + Send + 'a>>;

/// Sends requests. Tests put a script in the place of the network, and so own the clock.
pub(crate) trait Transport: Send + Sync {
    /// Sends a request when its turn has come, and reads the reply to its end, not past the time
    /// that the call has. Never repeats a request, never follows a redirect.
    fn send<'a>(&'a self, request: Request, departure: &'a Arc<Departure>) -> Sending<'a>;
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
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Bytes, BrokenBody>,
}

impl Reply {
    /// The text of a header, unless it is blank or no text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then_some(value)
    }

    pub(crate) fn head(&self) -> ReplyHead {
        let mut ids = REQUEST_ID.into_iter().filter_map(|name| self.header(name));
        ReplyHead {
            status: self.status,
            request_id: ids.next().map(str::to_owned),
            retry_after: self
                .header(RETRY_AFTER.as_str())
                .and_then(retry::retry_after),
        }
    }

    /// The code and the message that a gateway put into headers.
    pub(crate) fn gateway_error(&self) -> (Option<String>, Option<String>) {
        let text = |name| self.header(name).map(str::to_owned);
        (text(GATEWAY_CODE), text(GATEWAY_MESSAGE))
    }
}

/// The facts that an answer's head tells beside the body.
pub(crate) struct ReplyHead {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    /// `Retry-After`, from now on.
    pub(crate) retry_after: Option<Duration>,
}

/// An answer whose head came, and whose body did not, or not wholly.
#[derive(Debug)]
pub(crate) struct BrokenBody {
    /// The bytes that did come. A verdict among them was paid for like any other.
    pub(crate) received: Bytes,
    pub(crate) fault: BodyFault,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyFault {
    #[error("the answer's body ended early")]
    Cut(#[source] BoxError),
    #[error("the answer's body cannot be unpacked")]
    Packed(#[source] BoxError),
    #[error("expected a body of at most {most} bytes, but found more")]
    TooLong { most: usize },
    #[error("the answer's body did not end in time")]
    TimedOut,
}

impl BodyFault {
    /// The fault in words, and its cause.
    pub(crate) fn into_parts(self) -> (String, Option<BoxError>) {
        let detail = self.to_string();
        match self {
            Self::Cut(source) | Self::Packed(source) => (detail, Some(source)),
            Self::TooLong { .. } | Self::TimedOut => (detail, None),
        }
    }
}

/// No answer.
pub(crate) struct NoReply {
    /// Whether any of the request's body was handed to a connection. If not, the service cannot
    /// have done what was asked, nor charged for it.
    pub(crate) sent: bool,
    pub(crate) cause: NoReplyCause,
}

pub(crate) enum NoReplyCause {
    /// The request could not be made at all.
    Malformed(BoxError),
    Network(BoxError),
    TimedOut,
}
