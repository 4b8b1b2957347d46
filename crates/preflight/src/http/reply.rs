//! What the head of a response means for a request of ours.

pub(super) mod challenge;
pub(super) mod object_store;
pub(super) mod range;

use core::time::Duration;

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::response::Parts;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::error::{BadRedirect, FetchErrorKind};
use range::{ByteRange, ContentRange};

/// Longer fields are left out of the facts.
const MAX_TEXT: usize = 256;

/// What a response is.
#[derive(Debug)]
pub(super) enum ReplyKind {
    /// Bytes of the file, or so the server says.
    Bytes(BodyRange),
    /// Not the range that was asked for, or not placeable.
    BadRange,
    /// The range that was asked for is outside the file.
    Unsatisfiable,
    /// The file is elsewhere.
    Redirect,
    /// A status without an image.
    Status,
    /// The body is encoded.
    Encoded(FetchErrorKind),
}

/// Which bytes a body holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BodyRange {
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
pub(super) fn kind(head: &Parts, length: Option<u64>, asked: Option<ByteRange>) -> ReplyKind {
    match head.status.as_u16() {
        200 | 203 | 206 => match encoding(&head.headers) {
            Some(coding) => ReplyKind::Encoded(FetchErrorKind::Encoded { coding }),
            None if head.status.as_u16() == 206 => partial(head, length, asked),
            None => ReplyKind::Bytes(BodyRange {
                start: 0,
                len: None,
                total: length,
                is_whole: true,
            }),
        },
        // S3 says so of a bucket in another region, and why in the body.
        301 if is_store_without_way(&head.headers) => ReplyKind::Status,
        301 | 302 | 303 | 307 | 308 => ReplyKind::Redirect,
        416 => ReplyKind::Unsatisfiable,
        _ => ReplyKind::Status,
    }
}

fn partial(head: &Parts, length: Option<u64>, asked: Option<ByteRange>) -> ReplyKind {
    let Some(asked) = asked else {
        return ReplyKind::BadRange;
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
        Some((len, total)) if len <= asked.len() => ReplyKind::Bytes(BodyRange {
            start: asked.start,
            len: head
                .headers
                .contains_key(header::CONTENT_RANGE)
                .then_some(len),
            total,
            is_whole: false,
        }),
        _ => ReplyKind::BadRange,
    }
}

/// Whether a body that has neither a length nor chunks ends with the connection, so that its end
/// proves nothing.
pub(super) fn ends_with_connection(head: &Parts) -> bool {
    !head.headers.contains_key(header::CONTENT_LENGTH)
        && !head.headers.contains_key(header::TRANSFER_ENCODING)
}

/// The field in which S3 names the region of a bucket.
const BUCKET_REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");

fn is_store_without_way(headers: &HeaderMap) -> bool {
    headers.contains_key(BUCKET_REGION) && !headers.contains_key(header::LOCATION)
}

/// The region of the bucket that was asked.
pub(super) fn bucket_region(headers: &HeaderMap) -> Option<String> {
    text(headers, &BUCKET_REGION)
}

/// Where a redirect leads, as it is written.
pub(super) fn location(headers: &HeaderMap) -> Result<&str, BadRedirect> {
    let value = headers
        .get(header::LOCATION)
        .filter(|value| !value.is_empty())
        .ok_or(BadRedirect::NoLocation)?;
    core::str::from_utf8(value.as_bytes()).map_err(|_| BadRedirect::NotText)
}

/// What the `Retry-After` field asks for (RFC 9110, section 10.2.3): seconds, or a date, which is
/// compared with the server's own `Date` where there is one. A date that is past asks for nothing.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let asked = text(headers, &header::RETRY_AFTER)?;
    let asked = asked.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = date(asked)?;
    let now = text(headers, &header::DATE)
        .and_then(|text| date(&text))
        .unwrap_or(now);
    Some(at.duration_since(now).try_into().unwrap_or_default())
}

/// An HTTP date in its preferred form (RFC 9110, section 5.6.7).
fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

/// The media type, in lower case and without parameters. A value that is doubled, as two servers in
/// a row may make it, counts once.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let mut types: Vec<String> = Vec::new();
    for value in headers.get_all(header::CONTENT_TYPE) {
        let value = value
            .to_str()
            .ok()
            .filter(|value| value.len() <= MAX_TEXT)?;
        for one in value.split(',') {
            let essence = one
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            if !essence.is_empty() && !types.contains(&essence) {
                types.push(essence);
            }
        }
    }
    (!types.is_empty()).then(|| types.join(", "))
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
    ) -> Option<BodyRange> {
        match kind(&head(status, fields), length, asked) {
            ReplyKind::Bytes(placed) => Some(placed),
            _ => None,
        }
    }

    #[test]
    fn a_part_is_taken_only_for_what_was_asked() {
        let part = |start, len, total| {
            Some(BodyRange {
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

    fn headers(fields: &[(&str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(
                name.parse::<HeaderName>().unwrap(),
                header::HeaderValue::from_bytes(value).unwrap(),
            );
        }
        headers
    }

    #[test]
    fn a_redirect_says_where_in_utf_8() {
        let at = |value: &[u8]| location(&headers(&[("location", value)])).map(str::to_owned);
        assert_eq!(location(&HeaderMap::new()), Err(BadRedirect::NoLocation));
        assert_eq!(at(b""), Err(BadRedirect::NoLocation));
        assert_eq!(at(b"/\xFF"), Err(BadRedirect::NotText));
        assert_eq!(at("/ü".as_bytes()).as_deref(), Ok("/ü"));
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_by_a_date() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let seconds = |fields| retry_after(&headers(fields), now).map(|pause| pause.as_secs());
        assert_eq!(seconds(&[("retry-after", b"120")]), Some(120));
        assert_eq!(
            seconds(&[("retry-after", b"Fri, 02 Jan 2026 03:04:12 GMT")]),
            Some(7)
        );
        assert_eq!(
            seconds(&[("retry-after", b"Fri, 02 Jan 2026 03:04:00 GMT")]),
            Some(0)
        );
        // A server whose clock is an hour late means its own.
        let late: &[(&str, &[u8])] = &[
            ("date", b"Fri, 02 Jan 2026 02:04:05 GMT"),
            ("retry-after", b"Fri, 02 Jan 2026 02:04:07 GMT"),
        ];
        assert_eq!(seconds(late), Some(2));
        assert_eq!(seconds(&[("retry-after", b"soon")]), None);
        assert_eq!(seconds(&[("retry-after", b"-1")]), None);
        assert_eq!(seconds(&[]), None);
    }

    #[test]
    fn a_media_type_that_is_doubled_counts_once() {
        let mime = |values: &[&[u8]]| {
            let fields: Vec<_> = values
                .iter()
                .map(|value| ("content-type", *value))
                .collect();
            content_type(&headers(&fields))
        };
        assert_eq!(mime(&[b"Image/JPEG; q=1"]).as_deref(), Some("image/jpeg"));
        assert_eq!(
            mime(&[b"image/png, image/png"]).as_deref(),
            Some("image/png")
        );
        assert_eq!(
            mime(&[b"image/png", b"image/png;x=y"]).as_deref(),
            Some("image/png")
        );
        assert_eq!(
            mime(&[b"image/png,text/html"]).as_deref(),
            Some("image/png, text/html")
        );
        assert_eq!(mime(&[b" ; charset=x"]), None);
        assert_eq!(mime(&[]), None);
    }
}
