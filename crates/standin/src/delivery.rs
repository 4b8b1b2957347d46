//! From an answer to bytes on a connection, and what harms them on the way.

use std::convert::Infallible;
use std::io::{self, Write};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;

use crate::fault::{Cut, Drip, Fault};
use crate::reply::{Payload, Reply};
use crate::wire::Wire;

/// Who decided about this answer.
const ORIGIN: HeaderName = HeaderName::from_static("x-standin-origin");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Spaces that a huge body is made of, bytes a piece.
const FILLER: &[u8] = &[b' '; 64 * 1024];

/// The response to send, with what `fault` does to its bytes.
pub(crate) fn deliver(
    reply: Reply,
    fault: Option<&Fault>,
    request_id: &str,
    wire: &Wire,
) -> Response<Body> {
    let reply = match fault {
        Some(Fault::Gateway(gateway)) => Reply::gateway(gateway.status),
        _ => reply,
    };
    let (content_type, bytes) = written(&reply.payload);
    let bytes = match fault {
        Some(Fault::ByteOrderMark) => Bytes::from([BYTE_ORDER_MARK, bytes.as_ref()].concat()),
        Some(Fault::Gzip) => compressed(&bytes),
        _ => bytes,
    };
    let length = bytes.len();
    let half = bytes.slice(..length / 2);
    let (body, announced) = match fault {
        Some(Fault::Cut(Cut::Response)) => (broken_off(half), Some(length)),
        Some(Fault::Cut(Cut::Head | Cut::Request | Cut::Worked)) => return cut(wire),
        Some(Fault::Doubled) => (Body::from([bytes.clone(), bytes].concat()), None),
        Some(Fault::Drip(drip)) => (dripping(bytes, *drip), Some(length)),
        Some(Fault::Huge(mib)) => (followed_by_spaces(bytes, *mib), None),
        Some(Fault::Truncated) => (Body::from(half), None),
        _ => (Body::from(bytes), None),
    };

    let mut response = Response::new(body);
    *response.status_mut() = final_status(reply.status);
    let headers = response.headers_mut();
    headers.insert(ORIGIN, HeaderValue::from_static(reply.origin.name()));
    if matches!(fault, Some(Fault::Gzip)) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    let lines = [
        (REQUEST_ID, Some(request_id.to_owned())),
        (header::CONTENT_TYPE, content_type),
        (
            header::CONTENT_LENGTH,
            announced.map(|length| length.to_string()),
        ),
        (header::RETRY_AFTER, reply.retry_after),
        (header::LOCATION, reply.location),
    ];
    for (name, value) in lines {
        // A value that no header can hold is left out: it came from a script.
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// Cuts the connection. The response only stands where the server's types want one.
pub(crate) fn cut(wire: &Wire) -> Response<Body> {
    wire.cut();
    Response::new(Body::empty())
}

/// Informational statuses would not end the exchange, and HTTP ends at 599.
fn final_status(status: u16) -> StatusCode {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn written(payload: &Payload) -> (Option<String>, Bytes) {
    let json = |value: &serde_json::Value| Bytes::from(value.to_string());
    match payload {
        Payload::Empty => (None, Bytes::new()),
        Payload::Json(value) => (Some("application/json".to_owned()), json(value)),
        Payload::Text { content_type, text } => (content_type.clone(), Bytes::from(text.clone())),
        Payload::UntypedJson(value) => (None, json(value)),
        Payload::Xml(text) => (
            Some("application/xml".to_owned()),
            Bytes::from(text.clone()),
        ),
    }
}

fn compressed(bytes: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    // A vector takes every byte.
    let written = gzip.write_all(bytes).and_then(|()| gzip.finish());
    written.unwrap_or_default().into()
}

/// These bytes, then an error: the server drops the connection in the middle of what it announced.
fn broken_off(first: Bytes) -> Body {
    let pieces = [Some(first), None];
    Body::from_stream(stream::unfold(pieces.into_iter(), |mut pieces| async {
        match pieces.next()? {
            Some(piece) => Some((Ok(piece), pieces)),
            None => {
                // A server that has to wait for more sends what it has.
                tokio::task::yield_now().await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), pieces))
            }
        }
    }))
}

fn dripping(bytes: Bytes, drip: Drip) -> Body {
    Body::from_stream(stream::unfold(
        (bytes, false),
        move |(mut rest, started)| async move {
            if rest.is_empty() {
                return None;
            }
            if started {
                tokio::time::sleep(Duration::from_millis(drip.every_ms)).await;
            }
            let piece = rest.split_to(drip.bytes.clamp(1, rest.len()));
            Some((Ok::<_, Infallible>(piece), (rest, true)))
        },
    ))
}

fn followed_by_spaces(bytes: Bytes, mib: u64) -> Body {
    let spaces = mib.saturating_mul(1024 * 1024);
    Body::from_stream(stream::unfold(
        (Some(bytes), spaces),
        |(first, spaces)| async move {
            if let Some(first) = first {
                return Some((Ok::<_, Infallible>(first), (None, spaces)));
            }
            if spaces == 0 {
                return None;
            }
            Some((
                Ok(Bytes::from_static(FILLER)),
                (None, spaces.saturating_sub(FILLER.len() as u64)),
            ))
        },
    ))
}
