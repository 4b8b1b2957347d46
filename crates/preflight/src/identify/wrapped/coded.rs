//! Images written down as text: base64, hexadecimal, numbers, escapes.

use super::signature;
use crate::{Format, Wrapped, Wrapping};

/// Bytes that are decoded: enough for every signature.
const SAMPLE: usize = 24;

/// Bytes of the start in which a coded image begins: behind the first fields of an API's answer.
const HEAD: usize = 512;

/// Names an image that is coded as text.
pub(super) fn coded(start: &[u8]) -> Option<Wrapped> {
    let start = start.get(..HEAD).unwrap_or(start);
    let (narrow, len) = narrowed(start);
    let start = narrow.get(..len).filter(|_| len > 0).unwrap_or(start);
    let text = unquoted(start);
    if let Some((format, wrapping)) = base64(text) {
        return Some(Wrapped::coded(format, wrapping));
    }
    let found = |wrapping| move |format| Wrapped::coded(format, wrapping);
    escapes(text)
        .map(found(Wrapping::Escapes))
        .or_else(|| hex(text).map(found(Wrapping::Hex)))
        .or_else(|| numbers(text).map(found(Wrapping::ByteList)))
}

/// The ASCII characters of UTF-16 with a byte order mark, as PowerShell writes text, and how many
/// there are; none of any other text.
fn narrowed(start: &[u8]) -> ([u8; HEAD], usize) {
    let mut narrow = [0; HEAD];
    let high = match start {
        [0xFF, 0xFE, ..] => 1,
        [0xFE, 0xFF, ..] => 0,
        _ => return (narrow, 0),
    };
    let units = start.chunks_exact(2).skip(1);
    let letters = units.map_while(|unit| match (unit.get(high), unit.get(1 - high)) {
        (Some(0), Some(&letter)) => Some(letter),
        _ => None,
    });
    let len = narrow
        .iter_mut()
        .zip(letters)
        .map(|(place, letter)| *place = letter)
        .count();
    (narrow, len)
}

/// The text behind a byte order mark, blanks and an opening quotation mark, Python's `b'` and SQL's
/// `X'` included.
fn unquoted(start: &[u8]) -> &[u8] {
    let text = start
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(start)
        .trim_ascii_start();
    match text {
        [b'b' | b'x' | b'X', b'\'' | b'"', rest @ ..] | [b'\'' | b'"' | b'`', rest @ ..] => rest,
        _ => text,
    }
}

/// RFC 4648, both alphabets: at the start, or in a text behind what is no letter of them, as in an
/// API's JSON, a `data:` URI or a mail.
fn base64(text: &[u8]) -> Option<(Format, Wrapping)> {
    let is_uri = |before: &[u8]| {
        let tail = before
            .get(before.len().saturating_sub(80)..)
            .unwrap_or(before);
        tail.trim_ascii_end().ends_with(b",")
            && tail.windows(5).any(|w| w.eq_ignore_ascii_case(b"data:"))
    };
    if let Some(format) = signature(&decoded(text)?.0) {
        return Some((format, Wrapping::Base64));
    }
    // A slash may be escaped, as PHP writes JSON, and is an underscore in the alphabet of URLs.
    const BEGINNINGS: [&[u8]; 6] = [b"/9j/", br"/9j\/", b"_9j_", b"iVBORw0KGgo", b"UklGR", b"Qk"];
    let is_letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let (before, format) = (1..text.len()).find_map(|at| {
        let (before, here) = text.split_at(at);
        let begins = BEGINNINGS
            .iter()
            .any(|beginning| here.starts_with(beginning));
        if !begins || before.last().is_none_or(is_letter) {
            return None;
        }
        Some((before, signature(&decoded(here)?.0)?))
    })?;
    let wrapping = if is_uri(before) {
        Wrapping::DataUri
    } else {
        Wrapping::Base64
    };
    Some((format, wrapping))
}

/// The bytes that a text begins with, decoded; zeros behind its end.
fn decoded(text: &[u8]) -> Option<([u8; SAMPLE], usize)> {
    let mut bytes = [0; SAMPLE];
    let (mut buffer, mut bits, mut len) = (0_u32, 0, 0);
    let is_letter = |byte: &&u8| !byte.is_ascii_whitespace() && **byte != b'\\';
    for &letter in text.iter().filter(is_letter) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        (buffer, bits) = (buffer << 6 | u32::from(value), bits + 6);
        if bits >= 8 {
            bits -= 8;
            *bytes.get_mut(len)? = (buffer >> bits & 0xFF) as u8;
            len += 1;
            if len == SAMPLE {
                break;
            }
        }
    }
    Some((bytes, len))
}

/// The printed form of bytes, as Python, C and JavaScript write it.
fn escapes(text: &[u8]) -> Option<Format> {
    const PRINTED: [(&[u8], Format); 7] = [
        (br"\x89PNG", Format::Png),
        (br"\u0089PNG", Format::Png),
        (br"\211PNG", Format::Png),
        (br"\xff\xd8\xff", Format::Jpeg),
        (br"\xFF\xD8\xFF", Format::Jpeg),
        (br"\u00ff\u00d8\u00ff", Format::Jpeg),
        (br"\377\330\377", Format::Jpeg),
    ];
    let found = PRINTED
        .iter()
        .find(|(printed, _)| text.starts_with(printed));
    let in_riff = || {
        let head = text.get(..48).unwrap_or(text);
        let is_webp = head.starts_with(b"RIFF")
            && head.contains(&b'\\')
            && head.windows(4).any(|window| window == b"WEBP");
        is_webp.then_some(Format::Webp)
    };
    // The reserved fields of a bitmap are zeros, and those of its offset.
    let of_bitmap = || {
        const ZEROS: [&[u8]; 3] = [br"\x00\x00\x00", br"\u0000\u0000\u0000", br"\0\0\0"];
        let head = text.get(..64).unwrap_or(text);
        let holds = |zeros: &&[u8]| head.windows(zeros.len()).any(|window| window == *zeros);
        (head.starts_with(b"BM") && ZEROS.iter().any(holds)).then_some(Format::Bmp)
    };
    found
        .map(|&(_, format)| format)
        .or_else(in_riff)
        .or_else(of_bitmap)
}

/// Hexadecimal digits, with `0x`, `\x`, blanks, colons and commas between them, behind the address
/// of a dump, or in an array of C.
fn hex(text: &[u8]) -> Option<Format> {
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count()
    };
    let text = match text.get(digits(text)..) {
        // `00000000: 8950 4e47`, `00000000  89 50`.
        Some([b':' | b' ', b' ', rest @ ..]) if matches!(digits(text), 4..=16) => rest,
        _ => text,
    };
    let array = text
        .iter()
        .take(128)
        .position(|&byte| byte == b'{')
        .and_then(|at| text.get(at + 1..))
        .filter(|array| array.trim_ascii_start().starts_with(b"0x"));
    let text = array.unwrap_or(text);
    let mut bytes = [0_u8; SAMPLE];
    let (mut len, mut half) = (0, None);
    let mut rest = text;
    while let Some((&letter, behind)) = rest.split_first() {
        rest = match (letter, behind) {
            (b'0' | b'\\', [b'x' | b'X', digits @ ..]) if half.is_none() => digits,
            (b' ' | b':' | b',' | b'-' | b'\n' | b'\r' | b'\t', _) if half.is_none() => behind,
            _ => {
                let Some(value) = char::from(letter).to_digit(16) else {
                    break;
                };
                half = match half {
                    None => Some(value),
                    Some(high) => {
                        let Some(place) = bytes.get_mut(len) else {
                            break;
                        };
                        *place = (high << 4 | value) as u8;
                        len += 1;
                        None
                    }
                };
                behind
            }
        };
    }
    signature(&bytes)
}

/// A list of the bytes as decimal numbers: `[137,80,78,71]`, `{"type":"Buffer","data":[137,80]}`,
/// `{"0":137,"1":80}`.
fn numbers(text: &[u8]) -> Option<Format> {
    let keyed = text.starts_with(b"{\"0\":");
    let text = match text.iter().take(64).position(|&byte| byte == b'[') {
        Some(at) => text.get(at + 1..).unwrap_or_default(),
        None if keyed || text.first().is_some_and(u8::is_ascii_digit) => text,
        None => return None,
    };
    let runs = text
        .split(|byte| !byte.is_ascii_digit() && *byte != b'-')
        .filter(|run| !run.is_empty());
    let values = runs
        .skip(usize::from(keyed))
        .step_by(1 + usize::from(keyed));
    let mut bytes = [0; SAMPLE];
    for (place, run) in bytes.iter_mut().zip(values) {
        let value: i16 = core::str::from_utf8(run).ok()?.parse().ok()?;
        // Java's bytes are signed.
        *place = match value {
            -128..0 => (value + 256) as u8,
            _ => u8::try_from(value).ok()?,
        };
    }
    signature(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGES: [(&[u8], Format); 4] = [
        (
            b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\x90\0\0\x01\xF4",
            Format::Png,
        ),
        (
            b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0\xFF\xDB",
            Format::Jpeg,
        ),
        (
            b"RIFF\x24\xD0\x01\0WEBPVP8 \x18\xD0\x01\0\xF0\x5B\0\x9D",
            Format::Webp,
        ),
        (
            b"BM\x36\xA5\x8E\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x90\x01\0\0\xF4\x01",
            Format::Bmp,
        ),
    ];

    /// Base64 by the book, bit by bit.
    fn base64_of(bytes: &[u8], alphabet: &[u8; 64]) -> String {
        let bits: Vec<u8> = bytes
            .iter()
            .flat_map(|b| (0..8).rev().map(move |i| b >> i & 1))
            .collect();
        bits.chunks(6)
            .map(|six| six.iter().fold(0, |n, bit| n << 1 | bit) << (6 - six.len()))
            .map(|n| char::from(alphabet[usize::from(n)]))
            .collect()
    }

    fn wrapping(text: &str, format: Format) -> Wrapping {
        let found = coded(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(found.format, Some(format), "{text}");
        found.wrapping
    }

    #[test]
    fn every_format_is_found_in_every_coding() {
        let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let url_safe = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (bytes, format) in IMAGES {
            for alphabet in [standard, url_safe] {
                let text = base64_of(bytes, alphabet);
                for text in [
                    text.clone(),
                    format!("\u{FEFF}\n{text}\n"),
                    format!("\"{text}\""),
                    format!("b'{text}'"),
                    format!("{}\r\n{}", &text[..7], &text[7..]),
                    text.replace('/', r"\/"),
                    format!("{{\"data\":[{{\"b64_json\":\"{text}\"}}]}}"),
                    format!("{{\"image\":\"{}\"}}", text.replace('/', r"\/")),
                    format!("begin-base64 644 a.jpg\n{text}"),
                ] {
                    assert_eq!(wrapping(&text, format), Wrapping::Base64, "{text}");
                }
            }
            let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            for text in [
                hex.concat(),
                hex.concat().to_uppercase(),
                hex.join(" "),
                hex.join(":"),
                format!("0x{}", hex.join(", 0x")),
                format!("\\x{}", hex.concat()),
                format!(
                    "00000000: {}",
                    hex.chunks(2)
                        .map(<[_]>::concat)
                        .collect::<Vec<_>>()
                        .join(" ")
                ),
                format!("00000000  {}", hex.join(" ")),
                format!("X'{}'", hex.concat()),
                format!("unsigned char a[] = {{\n  0x{}", hex.join(", 0x")),
            ] {
                assert_eq!(wrapping(&text, format), Wrapping::Hex, "{text}");
            }
            let numbers: Vec<_> = bytes.iter().map(ToString::to_string).collect();
            let signed: Vec<_> = bytes.iter().map(|&b| b.cast_signed().to_string()).collect();
            let keyed: Vec<_> = bytes
                .iter()
                .enumerate()
                .map(|(i, b)| format!("\"{i}\":{b}"))
                .collect();
            for text in [
                format!("[{}]", numbers.join(",")),
                format!("[ {} ]", numbers.join(", ")),
                numbers.join(","),
                format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", numbers.join(",")),
                format!("{{{}}}", keyed.join(",")),
                format!("[{}]", signed.join(", ")),
            ] {
                assert_eq!(wrapping(&text, format), Wrapping::ByteList, "{text}");
            }
            let text = base64_of(bytes, standard);
            for uri in [
                format!("data:image/any;base64,{text}"),
                format!("url(data:;base64, {text})"),
            ] {
                assert_eq!(wrapping(&uri, format), Wrapping::DataUri, "{uri}");
            }
            let wide: Vec<u16> = format!("\u{FEFF}{text}").encode_utf16().collect();
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                let bytes: Vec<u8> = wide.iter().copied().flat_map(order).collect();
                let found = coded(&bytes);
                assert_eq!(found, Some(Wrapped::coded(format, Wrapping::Base64)));
            }
            let escaped = format!("b'{}'", bytes.escape_ascii());
            assert_eq!(wrapping(&escaped, format), Wrapping::Escapes);
        }
    }

    #[test]
    fn prose_and_numbers_are_not_images() {
        for text in [
            "Quite a lot of text, and not a bitmap in base64",
            "QkFTSUM",
            "137 of them",
            "[1, 2, 3]",
            "deadbeef",
            "89",
            "{\"0\": true}",
            "\\x00",
        ] {
            assert_eq!(coded(text.as_bytes()), None, "{text}");
        }
    }
}
