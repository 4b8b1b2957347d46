//! What is text, and which.

use core::str;

use crate::kind::{Foreign, ForeignFormat, Kind};
use crate::sighting::Content;

/// Names text: a Git LFS pointer, markup, JSON, or plain text.
pub(super) fn name(prefix: &[u8]) -> Option<Content> {
    if is_utf16(prefix) {
        return Some(Content::NotAnImage(Kind::Text));
    }
    if !is_text(prefix) {
        return None;
    }
    let text = prefix
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(prefix)
        .trim_ascii_start();
    Some(match text.first() {
        Some(b'<') => markup(text),
        Some(b'{' | b'[') if is_json(text) => Content::NotAnImage(Kind::Json),
        Some(b'v') if is_lfs_pointer(text) => Content::NotAnImage(Kind::LfsPointer {
            size: lfs_size(text),
        }),
        _ => Content::NotAnImage(Kind::Text),
    })
}

/// Whether bytes are text: UTF-8 (the last character may be cut), or an older encoding of mostly
/// ASCII letters; in any case without the control characters that no text holds.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let control = |&byte: &u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | 0x1B);
    if bytes.is_empty() || bytes.iter().any(|byte| control(byte) || *byte == 0x7F) {
        return false;
    }
    match str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => true,
        Err(_) => {
            let ascii = bytes.iter().filter(|byte| byte.is_ascii()).count();
            ascii >= bytes.len() - bytes.len() / 10
        }
    }
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

/// Names markup by its first element, behind the prolog: XML 1.0, 2.8.
fn markup(text: &[u8]) -> Content {
    let xml = text.starts_with(b"<?xml");
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', doctype @ ..] => {
                if starts_with_ignoring_case(doctype, b"doctype html") {
                    return Content::NotAnImage(Kind::Html);
                }
                if starts_with_ignoring_case(doctype, b"doctype svg") {
                    return Content::Foreign(Foreign::new(ForeignFormat::Svg));
                }
                b">"
            }
            _ => break,
        };
        match find(rest, end) {
            Some(at) => rest = rest.get(at + end.len()..).unwrap_or_default(),
            // The prolog is longer than what is at hand.
            None => return Content::NotAnImage(if xml { Kind::Xml } else { Kind::Html }),
        }
    }
    let element = rest.strip_prefix(b"<").unwrap_or(rest);
    let end = element
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b':');
    let element = element
        .get(..end.unwrap_or(element.len()))
        .unwrap_or_default();
    // A namespace prefix may stand before: `svg:svg`.
    let local = element
        .rsplit(|&byte| byte == b':')
        .next()
        .unwrap_or(element);
    const HTML: [&[u8]; 12] = [
        b"html", b"head", b"body", b"title", b"meta", b"script", b"style", b"link", b"div", b"p",
        b"h1", b"center",
    ];
    if local == b"svg" {
        Content::Foreign(Foreign::new(ForeignFormat::Svg))
    } else if HTML.iter().any(|name| local.eq_ignore_ascii_case(name)) {
        Content::NotAnImage(Kind::Html)
    } else if xml || !element.is_empty() {
        Content::NotAnImage(Kind::Xml)
    } else {
        Content::NotAnImage(Kind::Text)
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

/// Git LFS specification, "The pointer": `version` comes first; hawser was its name once.
fn is_lfs_pointer(text: &[u8]) -> bool {
    text.starts_with(b"version https://git-lfs.github.com/spec/")
        || text.starts_with(b"version https://hawser.github.com/spec/")
}

/// The bytes of the file that a pointer stands for.
fn lfs_size(text: &[u8]) -> Option<u64> {
    let line = text
        .split(|&byte| byte == b'\n')
        .find_map(|line| line.strip_prefix(b"size "))?;
    str::from_utf8(line.trim_ascii_end()).ok()?.parse().ok()
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
        match name(text) {
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
    fn an_lfs_pointer_tells_the_size_of_the_file_it_stands_for() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\n\
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n\
            size 1204331\n";
        let size = Some(1_204_331);
        assert_eq!(
            name(pointer),
            Some(Content::NotAnImage(Kind::LfsPointer { size }))
        );
        let cut = &pointer[..pointer.len() - 20];
        assert_eq!(
            name(cut),
            Some(Content::NotAnImage(Kind::LfsPointer { size: None }))
        );
    }

    #[test]
    fn text_is_told_from_binary_data() {
        assert_eq!(
            named(
                "Grüße, cut in a chara\u{e4}"
                    .as_bytes()
                    .split_last()
                    .unwrap()
                    .1
            ),
            "text"
        );
        assert_eq!(
            named(b"Gr\xFC\xDFe aus der Latin-1-Zeit, mit genug ASCII"),
            "text"
        );
        assert_eq!(named(b"\xFF\xFEh\0i\0"), "text");
        assert_eq!(named(b"\xFE\xFF\0h\0i"), "text");
        assert_eq!(named(b"\xFF\xFE\x00\xA3\x12\x00"), "binary");
        assert_eq!(named(b"a\0b"), "binary");
        assert_eq!(named(b"\x80\x81\x82"), "binary");
        assert_eq!(named(b"\xC3"), "binary");
    }
}
