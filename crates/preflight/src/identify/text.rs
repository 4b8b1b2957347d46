//! Text: markup, JSON, prose.

use super::STEPS;
use super::encoding::Encoding;
use crate::{Content, Foreign, ForeignFormat, OtherKind};

/// Names text that is not markup: JSON, or plain text. Plain text only from as much as may stand
/// before an image.
pub(super) fn name(start: &[u8], encoding: Encoding, is_all: bool) -> Option<Content> {
    let is_enough = is_all || start.len() >= STEPS[1];
    if is_utf16(start) {
        return Some(Content::NotAnImage(OtherKind::Text));
    }
    if !encoding.is_text() {
        return None;
    }
    let text = trimmed(start);
    match text.first() {
        Some(b'{' | b'[') if is_json(text) => Some(Content::NotAnImage(OtherKind::Json)),
        _ => is_enough.then_some(Content::NotAnImage(OtherKind::Text)),
    }
}

/// The text behind a byte order mark and blanks.
pub(super) fn trimmed(start: &[u8]) -> &[u8] {
    start
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(start)
        .trim_ascii_start()
}

/// UTF-16 with its byte order mark, and without the control characters that no text holds.
fn is_utf16(bytes: &[u8]) -> bool {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return false,
    };
    let units = bytes
        .chunks_exact(2)
        .filter_map(|pair| Some(unit(*pair.first_chunk()?)));
    units
        .skip(1)
        .all(|unit| unit >= 0x20 || matches!(unit, 0x09 | 0x0A | 0x0D))
}

/// Elements that begin a page.
const HTML: [&[u8]; 12] = [
    b"html", b"head", b"body", b"title", b"meta", b"script", b"style", b"link", b"div", b"p",
    b"h1", b"center",
];

/// Elements that begin what a script says of its errors, before a page or an image.
const FRAGMENT: [&[u8]; 7] = [b"br", b"b", b"pre", b"font", b"table", b"span", b"hr"];

/// Names markup by its first element, behind the prolog: XML 1.0, 2.8.
pub(super) fn markup(start: &[u8], is_all: bool) -> Option<Content> {
    let text = trimmed(start);
    if text.first() != Some(&b'<') {
        return None;
    }
    let is_xml = text.starts_with(b"<?xml");
    let other = |kind| Some(Content::NotAnImage(kind));
    let svg = || Some(Content::Foreign(Foreign::new(ForeignFormat::Svg)));
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', doctype @ ..] => {
                if starts_with_ignoring_case(doctype, b"doctype html") {
                    return other(OtherKind::Html);
                }
                if starts_with_ignoring_case(doctype, b"doctype svg") {
                    return svg();
                }
                b">"
            }
            _ => break,
        };
        match find(rest, end) {
            Some(at) => rest = rest.get(at + end.len()..).unwrap_or_default(),
            // The prolog is longer than what is at hand.
            None if !is_all || !Encoding::of(start).is_text() => return None,
            None => {
                return other(if is_xml {
                    OtherKind::Xml
                } else {
                    OtherKind::Html
                });
            }
        }
    }
    let element = rest.strip_prefix(b"<").unwrap_or(rest);
    let end = element
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b':');
    if end.is_none() && !is_all {
        return None;
    }
    let element = element
        .get(..end.unwrap_or(element.len()))
        .unwrap_or_default();
    // A namespace prefix may stand before: `svg:svg`.
    let local = element
        .rsplit(|&byte| byte == b':')
        .next()
        .unwrap_or(element);
    let is_one_of = |names: &[&[u8]]| names.iter().any(|name| local.eq_ignore_ascii_case(name));
    if local == b"svg" {
        return svg();
    }
    if is_one_of(&HTML) {
        return other(OtherKind::Html);
    }
    // From here on it may be a script's warning before an image, or no text at all.
    let is_enough = is_all || start.len() >= STEPS[1];
    if !is_enough || !Encoding::of(start).is_text() {
        return None;
    }
    if is_one_of(&FRAGMENT) && !is_xml {
        other(OtherKind::Html)
    } else if is_xml || !element.is_empty() {
        other(OtherKind::Xml)
    } else {
        None
    }
}

/// An object or an array: RFC 8259, 2. The character behind the bracket must fit, since many a
/// plain text begins with one.
fn is_json(text: &[u8]) -> bool {
    match (
        text.first(),
        text.get(1..)
            .map(<[u8]>::trim_ascii_start)
            .and_then(<[u8]>::first),
    ) {
        (Some(b'{'), Some(next)) => matches!(next, b'"' | b'}'),
        (Some(b'['), Some(next)) => {
            matches!(
                next,
                b'"' | b']' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'
            )
        }
        _ => false,
    }
}

fn starts_with_ignoring_case(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &[u8]) -> &'static str {
        match markup(text, true).or_else(|| name(text, Encoding::of(text), true)) {
            Some(Content::Foreign(foreign)) => foreign.format.name(),
            Some(Content::NotAnImage(kind)) => kind.name(),
            None => "binary",
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn markup_is_named_by_its_first_element() {
        assert_eq!(named(b"<!DOCTYPE html><html>"), "html");
        assert_eq!(named(b"\xEF\xBB\xBF\n <HTML lang=de>"), "html");
        assert_eq!(named(b"<!-- saved from --><head>"), "html");
        assert_eq!(named(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "svg");
        assert_eq!(
            named(b"<?xml version='1.0'?>\n<!-- Inkscape -->\n<svg:svg>"),
            "svg"
        );
        assert_eq!(
            named(b"<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN'>"),
            "svg"
        );
        assert_eq!(
            named(b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>"),
            "html"
        );
        assert_eq!(
            named(b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"),
            "xml"
        );
        assert_eq!(named(b"<ListBucketResult/>"), "xml");
        assert_eq!(named(b"<- see there"), "text");
        assert_eq!(named(b"<?xml version='1.0' and then the bytes end"), "xml");
    }

    #[test]
    fn json_is_more_than_a_bracket() {
        assert_eq!(named(b"{\"error\": 404}"), "json");
        assert_eq!(named(b"[\n  {"), "json");
        assert_eq!(named(b"{}"), "json");
        assert_eq!(named(b"[section]\nkey = 1"), "text");
        assert_eq!(named(b"{name} is missing"), "text");
    }

    #[test]
    fn utf_16_is_text_with_its_byte_order_mark() {
        assert_eq!(named(b"\xFF\xFEh\0i\0"), "text");
        assert_eq!(named(b"\xFE\xFF\0h\0i"), "text");
        assert_eq!(named(b"\xFF\xFE\x00\xA3\x12\x00"), "binary");
        assert_eq!(named(b"a\0b"), "binary");
    }

    /// The name of what is at hand in part is the name of the whole, or there is none yet.
    #[test]
    fn the_start_of_markup_is_not_named_otherwise() {
        for whole in [
            b"<!DOCTYPE html><html>".as_slice(),
            b"<!-- saved from --><head>",
            b"<?xml version='1.0'?>\n<!-- Inkscape -->\n<svg:svg>",
            b"<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN'>",
            b"<?xml version='1.0'?><!DOCTYPE note><html xmlns='http://www.w3.org/1999/xhtml'>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        ] {
            let name = markup(whole, true);
            assert!(name.is_some());
            for len in 0..whole.len() {
                let start = markup(&whole[..len], false);
                assert!(start.is_none() || start == name, "{len} bytes: {start:?}");
            }
        }
        // Bytes that are not text have no prolog, however many there are.
        assert_eq!(markup(b"<?xml \0\x01\x02", true), None);
    }

    /// XML 1.0, 2.8 lets a `br` be the root of a document; a page that begins with one has no prolog.
    #[test]
    fn a_fragment_is_html_only_without_a_prolog() {
        assert_eq!(named(b"<br />\n<b>Warning</b>"), "html");
        assert_eq!(named(b"<?xml version='1.0'?><br/>"), "xml");
        assert_eq!(named(b"<!-- and then the bytes end"), "html");
    }
}
