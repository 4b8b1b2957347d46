//! A server on the way, and a request to it.

use std::net::IpAddr;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper::header::{self, HeaderValue};
use hyper::http::response::Parts;

use crate::http::concurrency::Permit;
use crate::http::error::{FetchError, FetchErrorKind, FetchLimit};
use crate::http::limits;
use crate::http::reply::range::ByteRange;
use crate::http::url::TargetUrl;
use crate::http::wire::connection::Connection;
use crate::http::wire::pool::Origin;

/// A server on the way: judged addresses, and the connection while there is one.
pub(crate) struct Hop {
    pub(crate) url: TargetUrl,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) origin: Origin,
    pub(super) connection: Option<Connection>,
    /// Requests sent to it.
    pub(super) requests: u32,
    pub(super) _permit: Permit,
}

/// The head of a response, and the length of its body where the framing tells it.
pub(crate) struct Reply {
    pub(crate) head: Parts,
    pub(crate) length: Option<u64>,
}

impl Hop {
    /// Whether another request may be sent.
    pub(super) fn check_requests(&self) -> Result<(), FetchError> {
        let limit = limits::MAX_REQUESTS;
        if self.requests < limit {
            return Ok(());
        }
        Err(FetchErrorKind::Limit(FetchLimit::Requests { limit }).into())
    }

    /// Closes the connection, if there is one.
    pub(crate) fn close(&mut self) {
        self.connection = None;
    }
}

/// GET, never HEAD: a signed URL is signed for one method. And nothing that was not asked for: any
/// field beyond these may be part of somebody's signature.
pub(super) fn request(
    url: &TargetUrl,
    user_agent: &HeaderValue,
    range: Option<ByteRange>,
    if_range: Option<&str>,
) -> Result<Request<Empty<Bytes>>, FetchError> {
    let mut request = Request::get(url.request_target())
        .header(header::HOST, url.authority())
        .header(header::USER_AGENT, user_agent)
        .header(header::ACCEPT, "image/*,*/*;q=0.5")
        .header(header::ACCEPT_ENCODING, "identity");
    if let Some(range) = range {
        request = request.header(header::RANGE, range.field());
        if let Some(validator) = if_range {
            request = request.header(header::IF_RANGE, validator);
        }
    }
    // Never so: a normalised URL is a sound request target.
    request
        .body(Empty::new())
        .map_err(|error| FetchError::new(FetchErrorKind::BadHttp).with_source(error))
}
