//! What the head of a response means for a request of ours.

use core::time::Duration;

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::response::Parts;

use super::error::{BadRedirect, FetchErrorKind};
use super::range::{ByteRange, ContentRange};
use super::url::TargetUrl;

/// Longer fields are left out of the facts.
const MAX_TEXT: usize = 256;

/// What a response is.
#[derive(Debug)]
pub(super) enum Meaning {
    /// Bytes of the file, or so the server says.
    Bytes(Placed),
    /// Not the range that was asked for, or not placeable.
    BadRange,
    /// The range that was asked for is outside the file.
    Unsatisfiable,
    /// The file is elsewhere.
    Redirect,
    /// A status without a picture.
    Status,
    /// The body is encoded.
    Encoded(FetchErrorKind),
}

/// Which bytes a body holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Placed {
    /// The offset of its first byte.
    pub(super) start: u64,
    /// How many bytes it must have, where a range says so.
    pub(super) len: Option<u64>,
    /// Bytes in the file, where known.
    pub(super) total: Option<u64>,
    /// Whether the body's end is the file's.
    pub(super) is_whole: bool,
}

/// Reads the head of the response to a request for a range, or for everything. `length` is the
/// body's, as the framing tells it.
pub(super) fn meaning(head: &Parts, length: Option<u64>, asked: Option<ByteRange>) -> Meaning {
    match head.status.as_u16() {
        200 | 203 | 206 => match encoding(&head.headers) {
            Some(coding) => Meaning::Encoded(FetchErrorKind::Encoded { coding }),
            None if head.status.as_u16() == 206 => partial(head, length, asked),
            None => Meaning::Bytes(Placed {
                start: 0,
                len: None,
                total: length,
                is_whole: true,
            }),
        },
        301 | 302 | 303 | 307 | 308 => Meaning::Redirect,
        416 => Meaning::Unsatisfiable,
        _ => Meaning::Status,
    }
}

fn partial(head: &Parts, length: Option<u64>, asked: Option<ByteRange>) -> Meaning {
    let Some(asked) = asked else {
        return Meaning::BadRange;
    };
    let is_multipart =
        content_type(&head.headers).is_some_and(|mime| mime.starts_with("multipart/"));
    let placed = match head.headers.get(header::CONTENT_RANGE) {
        _ if is_multipart => None,
        // From the start, the data proves itself.
        None if asked.start == 0 => Some((length.unwrap_or(asked.end), None)),
        None => None,
        Some(value) => ContentRange::parse(value.as_bytes())
            .filter(|found| found.range.start == asked.start && found.range.end <= asked.end)
            .filter(|found| length.is_none_or(|length| length == found.range.len()))
            .map(|found| (found.range.len(), found.total)),
    };
    match placed {
        Some((len, total)) if len <= asked.len() => Meaning::Bytes(Placed {
            start: asked.start,
            len: head
                .headers
                .contains_key(header::CONTENT_RANGE)
                .then_some(len),
            total,
            is_whole: false,
        }),
        _ => Meaning::BadRange,
    }
}

/// Whether a body that has neither a length nor chunks ends with the connection, so that its end
/// proves nothing.
pub(super) fn ends_with_connection(head: &Parts) -> bool {
    !head.headers.contains_key(header::CONTENT_LENGTH)
        && !head.headers.contains_key(header::TRANSFER_ENCODING)
}

/// Where a redirect leads.
pub(super) fn location(from: &TargetUrl, headers: &HeaderMap) -> Result<TargetUrl, BadRedirect> {
    let value = headers
        .get(header::LOCATION)
        .filter(|value| !value.is_empty())
        .ok_or(BadRedirect::NoLocation)?;
    let text = core::str::from_utf8(value.as_bytes()).map_err(|_| BadRedirect::NotText)?;
    from.join(text).map_err(BadRedirect::Url)
}

/// The `Retry-After` field, where it is in seconds.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = text(headers, &header::RETRY_AFTER)?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The media type, in lower case and without parameters.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = text(headers, &header::CONTENT_TYPE)?;
    let essence = value.split(';').next()?.trim().to_ascii_lowercase();
    (!essence.is_empty()).then_some(essence)
}

/// A field as text: printable ASCII, of a bounded length.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_TEXT).then(|| value.to_owned())
}

/// A coding other than none, of the content or of the transfer.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let content = headers.get_all(header::CONTENT_ENCODING).iter();
    let transfer = headers.get_all(header::TRANSFER_ENCODING).iter();
    content
        .chain(transfer)
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .find(|coding| {
            !["", "identity", "chunked"]
                .iter()
                .any(|plain| coding.eq_ignore_ascii_case(plain.as_bytes()))
        })
        .map(|coding| coding.escape_ascii().to_string().chars().take(32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    use hyper::Response;

    fn head(status: u16, fields: &[(&str, &str)]) -> Parts {
        let mut response = Response::builder().status(status);
        for (name, value) in fields {
            response = response.header(*name, *value);
        }
        response.body(()).unwrap().into_parts().0
    }

    const FIRST: Option<ByteRange> = Some(ByteRange { start: 0, end: 100 });
    const LATER: Option<ByteRange> = Some(ByteRange {
        start: 500,
        end: 600,
    });

    fn placed(
        status: u16,
        fields: &[(&str, &str)],
        length: Option<u64>,
        asked: Option<ByteRange>,
    ) -> Option<Placed> {
        match meaning(&head(status, fields), length, asked) {
            Meaning::Bytes(placed) => Some(placed),
            _ => None,
        }
    }

    #[test]
    fn a_part_is_taken_only_for_what_was_asked() {
        let part = |start, len, total| {
            Some(Placed {
                start,
                len: Some(len),
                total,
                is_whole: false,
            })
        };
        let cr = |value| [("content-range", value)];
        assert_eq!(
            placed(206, &cr("bytes 0-99/1000"), Some(100), FIRST),
            part(0, 100, Some(1000))
        );
        assert_eq!(
            placed(206, &cr("bytes 0-49/50"), Some(50), FIRST),
            part(0, 50, Some(50))
        );
        assert_eq!(
            placed(206, &cr("bytes 0-99/*"), None, FIRST),
            part(0, 100, None)
        );
        assert_eq!(
            placed(206, &cr("bytes 500-599/1000"), Some(100), LATER),
            part(500, 100, Some(1000))
        );
        for (value, length, asked) in [
            ("bytes 1-99/1000", Some(99), FIRST),
            ("bytes 0-100/1000", Some(101), FIRST),
            ("bytes 0-99/1000", Some(1_000_000), FIRST),
            ("bytes 0-99/1000", Some(100), LATER),
            ("bytes 0-99/1000", Some(100), None),
            ("nonsense", Some(100), FIRST),
        ] {
            assert_eq!(placed(206, &cr(value), length, asked), None, "{value}");
        }
    }

    #[test]
    fn a_part_without_a_place_is_taken_at_the_start_only() {
        assert!(placed(206, &[], Some(100), FIRST).is_some_and(|placed| placed.total.is_none()));
        assert_eq!(placed(206, &[], Some(101), FIRST), None);
        assert_eq!(placed(206, &[], Some(100), LATER), None);
        assert_eq!(
            placed(
                206,
                &[("content-type", "multipart/byteranges; boundary=x")],
                None,
                FIRST
            ),
            None
        );
    }

    #[test]
    fn every_coding_is_seen() {
        for (name, value, coding) in [
            ("content-encoding", "gzip", Some("gzip")),
            ("content-encoding", "identity, br", Some("br")),
            ("transfer-encoding", "gzip, chunked", Some("gzip")),
            ("transfer-encoding", "Chunked", None),
            ("content-encoding", "Identity", None),
            ("content-encoding", "", None),
        ] {
            assert_eq!(
                encoding(&head(200, &[(name, value)]).headers).as_deref(),
                coding,
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn a_redirect_without_a_way_is_none() {
        let from = TargetUrl::parse("http://a.example/").unwrap();
        let at = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::LOCATION,
                header::HeaderValue::from_bytes(value).unwrap(),
            );
            location(&from, &headers)
        };
        assert_eq!(
            location(&from, &HeaderMap::new()),
            Err(BadRedirect::NoLocation)
        );
        assert_eq!(at(b""), Err(BadRedirect::NoLocation));
        assert_eq!(at(b"/\xFF"), Err(BadRedirect::NotText));
        assert!(matches!(at(b"http://["), Err(BadRedirect::Url(_))));
        assert_eq!(
            at("/ü".as_bytes()).unwrap().as_str(),
            "http://a.example/%C3%BC"
        );
    }
}
