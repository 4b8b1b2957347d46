//! From an answer to bytes on a connection, and what harms them on the way.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;

use crate::fault::{Cut, Drip, Fault};
use crate::reply::{Payload, Reply};
use crate::wire::Wire;

/// Who decided about this answer.
const MARK: HeaderName = HeaderName::from_static("x-standin");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Spaces that a huge body is made of, bytes a piece.
const FILLER: &[u8] = &[b' '; 64 * 1024];

/// The response to send, `fault` included. What a fault cannot harm (a pointer into a body without JSON) stays whole.
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
    let (content_type, bytes) = written(&reply.payload, fault);
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
    headers.insert(MARK, HeaderValue::from_static(reply.origin.name()));
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

/// Informational statuses would not end the exchange, and beyond 599 is no HTTP.
fn final_status(status: u16) -> StatusCode {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn written(payload: &Payload, fault: Option<&Fault>) -> (Option<String>, Bytes) {
    let json = |value: &serde_json::Value| {
        let mut value = value.clone();
        spoil(&mut value, fault);
        Bytes::from(value.to_string())
    };
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

fn spoil(value: &mut serde_json::Value, fault: Option<&Fault>) {
    let (at, to) = match fault {
        Some(Fault::Remove(at)) => (at, None),
        Some(Fault::Set(set)) => (&set.at, Some(set.to.clone())),
        _ => return,
    };
    if at.is_empty() {
        *value = to.unwrap_or_default();
        return;
    }
    let Some((parent, key)) = at.rsplit_once('/') else {
        return;
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    match (value.pointer_mut(parent), to) {
        (Some(serde_json::Value::Object(parent)), Some(to)) => {
            parent.insert(key, to);
        }
        (Some(serde_json::Value::Object(parent)), None) => {
            parent.remove(&key);
        }
        (Some(serde_json::Value::Array(parent)), to) => {
            let Ok(index) = key.parse::<usize>() else {
                return;
            };
            match (parent.get_mut(index), to) {
                (Some(item), Some(to)) => *item = to,
                (Some(_), None) => {
                    parent.remove(index);
                }
                (None, _) => {}
            }
        }
        _ => {}
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    proptest! {
        /// Setting and removing agree with what JSON pointers mean elsewhere, and a pointer to nowhere harms nothing.
        #[test]
        fn a_pointer_names_what_is_spoiled(
            at in "(/(output|face_bbox|check_pass|usage|[0-9]{1,2}|~0|~1|x)){0,4}|[a-z/~]{0,6}",
        ) {
            let sound = json!({"output": {"check_pass": true, "face_bbox": [1, 2, 3, 4]}, "usage": {"x": 1}});
            let mut set = sound.clone();
            spoil(&mut set, Some(&Fault::set(&at, "spoiled")));
            prop_assert!(set == sound || set.pointer(&at) == Some(&Value::from("spoiled")), "{set}");
            // What is there can be set.
            prop_assert!(sound.pointer(&at).is_none() || set != sound);

            let mut removed = sound.clone();
            spoil(&mut removed, Some(&Fault::remove(&at)));
            prop_assert_eq!(sound.pointer(&at).is_none(), removed == sound);
        }
    }
}
