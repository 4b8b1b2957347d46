//! Base64: RFC 4648, both alphabets.

use super::sample::{Found, SAMPLE};
use super::signature;

/// The first two letters of each format's signature. JPEG begins with a slash, which is an underscore
/// in the alphabet of URLs.
const BEGINNINGS: [[u8; 2]; 5] = [*b"/9", *b"_9", *b"iV", *b"Uk", *b"Qk"];

/// An image in base64: at the start of a text, or behind something that is not a letter of base64, as
/// in an API's JSON or a mail.
pub(super) fn find(text: &[u8]) -> Found {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let mut before = None;
    text.iter().enumerate().find_map(|(at, &byte)| {
        let starts = before.is_none_or(|before| !is_letter(before));
        before = Some(byte);
        let here = text.get(at..)?;
        if !starts || !BEGINNINGS.iter().any(|two| here.starts_with(two)) && byte != b'\\' {
            return None;
        }
        signature(&decoded(here))
    })
}

/// The bytes that a text begins with, decoded; zeros behind its end. Blanks between letters do not
/// count, nor do backslashes: JSON may escape a slash.
pub(super) fn decoded(text: &[u8]) -> [u8; SAMPLE] {
    let mut bytes = [0; SAMPLE];
    let mut places = bytes.iter_mut();
    let (mut buffer, mut bits) = (0_u32, 0);
    for &letter in text {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b' ' | b'\t' | b'\n' | b'\r' | b'\\' => continue,
            _ => break,
        };
        (buffer, bits) = (buffer << 6 | u32::from(value), bits + 6);
        if bits >= 8 {
            bits -= 8;
            let Some(place) = places.next() else { break };
            *place = (buffer >> bits & 0xFF) as u8;
        }
    }
    bytes
}
