//! The text of an answer, whatever it is encoded in.

use std::borrow::Cow;

/// Decodes bytes. JSON is UTF-8, RFC 8259, section 8.1, but programs for Windows write UTF-16, and
/// old gateways put words of another encoding into a message. The words may be lost then, and what
/// they stand beside is not.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xff, 0xfe, units @ ..] => utf16(units, u16::from_le_bytes),
        [0xfe, 0xff, units @ ..] => utf16(units, u16::from_be_bytes),
        // RFC 4627, section 3: the zeros of the first two characters tell the encoding.
        [0x01..=0x7f, 0, 0x01..=0x7f, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, 0x01..=0x7f, 0, 0x01..=0x7f, ..] => utf16(bytes, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'_, str> {
    // An odd byte at the end is half a character.
    let (pairs, _) = bytes.as_chunks();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Cow::Owned(text.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes_of(text: &str, mark: bool, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        let units = mark.into_iter().chain(text.encode_utf16());
        units.flat_map(to_bytes).collect()
    }

    #[test]
    fn bytes_that_are_no_text_lose_only_themselves() {
        for (bytes, text) in [
            (
                b"{\"a\":\"\xbc\xbd\"}".as_slice(),
                "{\"a\":\"\u{fffd}\u{fffd}\"}",
            ),
            (b"\xef\xbb\xbf{}", "{}"),
            (b"\xff\xfe{\0}\0x", "{}"),
            (b"\0{}", "\0{}"),
            (b"", ""),
        ] {
            assert_eq!(decoded(bytes), text);
        }
    }

    proptest! {
        #[test]
        fn utf16_is_read_in_either_order_with_and_without_its_mark(text in "\\{\"[^\0]{0,20}", mark: bool) {
            for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let bytes = bytes_of(&text, mark, to_bytes);
                prop_assert_eq!(decoded(&bytes), text.as_str());
            }
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = decoded(&bytes);
        }
    }
}
