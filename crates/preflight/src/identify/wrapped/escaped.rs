//! Bytes that are written as a sign and two hexadecimal digits: percent-coding (RFC 3986, 2.1) and
//! quoted-printable (RFC 2045, 6.7); and the `data:` URIs (RFC 2397) that percent-coding stands in.

use super::base64;
use super::sample::{Bytes, Found};
use super::signature;

/// Letters of base64 that are looked at, unescaped.
const LETTERS: usize = 64;

/// An image in a `data:` URI, in base64 or percent-coded, with whichever parameters it has.
pub(super) fn data_uri(text: &[u8]) -> Found {
    let at = text
        .windows(5)
        .position(|window| window.eq_ignore_ascii_case(b"data:"))?;
    let uri = text.get(at..)?;
    let comma = uri.iter().position(|&byte| byte == b',')?;
    let (head, data) = uri.split_at(comma);
    let data = data.get(1..)?;
    let is_base64 = head
        .trim_ascii_end()
        .rsplit(|&byte| byte == b';')
        .next()
        .is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"base64"));
    if is_base64 {
        let mut letters = [0; LETTERS];
        for (place, letter) in letters.iter_mut().zip(unescaped(data, b'%')) {
            *place = letter;
        }
        signature(&base64::decoded(&letters))
    } else {
        percent(data)
    }
}

/// An image in percent-coding.
pub(super) fn percent(text: &[u8]) -> Found {
    begins(text, b'%')
}

/// An image in quoted-printable: the whole file, or behind the head of a mail's part.
pub(super) fn quoted_printable(text: &[u8]) -> Found {
    begins(text, b'=').or_else(|| begins(behind_head(text)?, b'='))
}

/// The body behind a head of fields, which begins with a name and a colon: RFC 5322, 2.1.
fn behind_head(text: &[u8]) -> Option<&[u8]> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let end = text.iter().position(|byte| !is_name(byte))?;
    if text.get(end) != Some(&b':') {
        return None;
    }
    let behind = |end: &[u8]| {
        let at = text.windows(end.len()).position(|window| window == end)?;
        text.get(at + end.len()..)
    };
    behind(b"\n\n").or_else(|| behind(b"\r\n\r\n"))
}

fn begins(text: &[u8], sign: u8) -> Found {
    // JPEG and PNG begin with a byte that is escaped, BMP and WebP with a letter.
    if !text
        .first()
        .is_some_and(|&byte| byte == sign || matches!(byte, b'B' | b'R'))
    {
        return None;
    }
    let mut bytes = Bytes::default();
    unescaped(text, sign).try_for_each(|byte| bytes.push(byte.into()));
    signature(&bytes.0)
}

/// The bytes that a text stands for. A sign before a line end joins two lines.
fn unescaped(text: &[u8], sign: u8) -> impl Iterator<Item = u8> {
    let mut rest = text;
    core::iter::from_fn(move || {
        loop {
            let (&byte, behind) = rest.split_first()?;
            rest = behind;
            if byte != sign {
                return Some(byte);
            }
            let digit = |byte: u8| char::from(byte).to_digit(16);
            rest = match *behind {
                [b'\n', ref rest @ ..] | [b'\r', b'\n', ref rest @ ..] => rest,
                [high, low, ref behind @ ..] => {
                    rest = behind;
                    return Some((digit(high)? << 4 | digit(low)?) as u8);
                }
                _ => return None,
            };
        }
    })
}
