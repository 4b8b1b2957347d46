//! Images written down as text: base64, hexadecimal, numbers, escapes, dumps.

use super::sample::{Bytes, Found, SAMPLE};
use super::{base64, dump, escaped, signature};
use crate::identify::encoding::Encoding;
use crate::{Format, Wrapped, Wrapping};

/// Bytes of the start in which a coded image begins: behind the first fields of an API's answer.
const HEAD: usize = super::super::STEPS[0];

/// A search for an image, and the wrapping of an image that it finds.
type Coding = (fn(&[u8]) -> Found, Wrapping);

/// Names an image that is coded as text. It begins in the first bytes of a file, so that a longer
/// start brings nothing new.
pub(super) fn coded(start: &[u8], encoding: Encoding) -> Option<Wrapped> {
    const ANYWHERE: [Coding; 2] = [
        (escaped::data_uri, Wrapping::DataUri),
        (base64::find, Wrapping::Base64),
    ];
    const AT_START: [Coding; 6] = [
        (escapes, Wrapping::Escapes),
        (escaped::percent, Wrapping::PercentCoding),
        (escaped::quoted_printable, Wrapping::QuotedPrintable),
        (hex, Wrapping::Hex),
        (dump::find, Wrapping::Dump),
        (numbers, Wrapping::ByteList),
    ];
    if start.len() > HEAD {
        return None;
    }
    let narrow = narrowed(start);
    let start = match &narrow {
        Some((letters, len)) => letters.get(..*len)?,
        None if encoding.is_text() => start,
        None => return None,
    };
    let text = unquoted(start);
    let anywhere = ANYWHERE.iter().filter(|_| may_hold_base64(text));
    anywhere
        .chain(&AT_START)
        .find_map(|(find, wrapping)| Some(Wrapped::coded(find(text)?, *wrapping)))
}

/// Whether two letters that stand at the start of an image in base64, or in `data:`, are anywhere.
/// Most texts are not searched any closer.
///
/// Without a way out of the loop, so that the compiler looks at sixteen places in one step.
fn may_hold_base64(text: &[u8]) -> bool {
    let seconds = text.get(1..).unwrap_or_default();
    text.iter().zip(seconds).fold(false, |seen, (&a, &b)| {
        let is = |[first, second]: &[u8; 2]| (a == *first) & (b == *second);
        // JPEG, PNG, WebP, BMP.
        seen | is(b"9j") | is(b"iV") | is(b"Uk") | is(b"Qk") | is(b"a:")
    })
}

/// The ASCII characters of UTF-16 with a byte order mark, as PowerShell writes text, and how many
/// there are; none of any other text.
fn narrowed(start: &[u8]) -> Option<([u8; HEAD], usize)> {
    let high = match start {
        [0xFF, 0xFE, ..] => 1,
        [0xFE, 0xFF, ..] => 0,
        _ => return None,
    };
    let units = start.chunks_exact(2).skip(1);
    let letters = units.map_while(|unit| match (unit.get(high), unit.get(1 - high)) {
        (Some(0), Some(&letter)) => Some(letter),
        _ => None,
    });
    let mut narrow = [0; HEAD];
    let len = narrow
        .iter_mut()
        .zip(letters)
        .map(|(place, letter)| *place = letter)
        .count();
    Some((narrow, len))
}

/// The text behind a byte order mark, blanks and an opening quotation mark, Python's `b'` and SQL's
/// `X'` included.
fn unquoted(start: &[u8]) -> &[u8] {
    let text = crate::identify::text::trimmed(start);
    match text {
        [b'b' | b'x' | b'X', b'\'' | b'"', rest @ ..] | [b'\'' | b'"' | b'`', rest @ ..] => rest,
        _ => text,
    }
}

/// The printed form of bytes, as Python, C and JavaScript write it.
fn escapes(text: &[u8]) -> Found {
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

/// Hexadecimal digits, with `0x`, `\x`, blanks, colons and commas between them, or in an array of C.
fn hex(text: &[u8]) -> Found {
    let head = text.get(..128).unwrap_or(text);
    let array = head.contains(&b'{').then(|| {
        let mut parts = text.splitn(2, |&byte| byte == b'{').skip(1);
        parts
            .next()
            .filter(|array| array.trim_ascii_start().starts_with(b"0x"))
    });
    let mut rest = array.flatten().unwrap_or(text);
    let mut bytes = Bytes::default();
    let mut half = None;
    while let Some((&letter, behind)) = rest.split_first() {
        rest = match (letter, behind) {
            (b'0' | b'\\', [b'x' | b'X', digits @ ..]) if half.is_none() => digits,
            (b' ' | b':' | b',' | b'-' | b'\n' | b'\r' | b'\t', _) if half.is_none() => behind,
            _ => {
                let Some(value) = char::from(letter).to_digit(16) else {
                    break;
                };
                match half.take() {
                    None => half = Some(value),
                    Some(high) if bytes.push(high << 4 | value).is_none() => break,
                    Some(_) => {}
                }
                behind
            }
        };
    }
    signature(&bytes.0)
}

/// A list of the bytes as decimal numbers: `[137,80,78,71]`, `{"type":"Buffer","data":[137,80]}`,
/// `{"0":137,"1":80}`.
fn numbers(text: &[u8]) -> Found {
    let keyed = text.starts_with(b"{\"0\":");
    let head = text.get(..64).unwrap_or(text);
    let list = head.contains(&b'[').then(|| {
        let mut parts = text.splitn(2, |&byte| byte == b'[').skip(1);
        parts.next()
    });
    let text = match list.flatten() {
        Some(list) => list,
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

    fn coded(start: &[u8]) -> Option<Wrapped> {
        super::coded(start, Encoding::of(start))
    }

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
