//! Images that went through a conversion of text.

use super::signature;
use crate::{Format, Wrapped, Wrapping};

/// U+FFFD, the replacement character, in UTF-8.
const REPLACED: &[u8] = b"\xEF\xBF\xBD";

/// Bytes in which the signs of damage are looked for: every format has some within its first header.
pub(crate) const DAMAGE: usize = 64;

/// Names an image that was read as text and stored again.
///
/// The bytes 89 of PNG and FF D8 FF of JPEG are text in no encoding; WebP and BMP begin with letters,
/// so that damage shows in the numbers behind them.
pub(crate) fn damaged(start: &[u8]) -> Option<Wrapped> {
    let head = start.get(..DAMAGE).unwrap_or(start);
    let replaced = |format| Some(Wrapped::coded(format, Wrapping::Replaced));
    let latin_1 = |format| Some(Wrapped::coded(format, Wrapping::Latin1));
    match head {
        [0xEF, 0xBF, 0xBD, b'P', b'N', b'G', ..] | [b'?', b'P', b'N', b'G', b'\r', b'\n', ..] => {
            replaced(Format::Png)
        }
        // U+0089 of Latin-1, or U+2030 of Windows-1252.
        [0xC2, 0x89, b'P', b'N', b'G', ..] | [0xE2, 0x80, 0xB0, b'P', b'N', b'G', ..] => {
            latin_1(Format::Png)
        }
        [0xC3, 0xBF, 0xC3, 0x98, 0xC3, 0xBF, ..] => latin_1(Format::Jpeg),
        [0xEF, 0xBF, 0xBD, ..] => {
            // FF D8 FF and the second byte of the first segment's marker.
            let count = head
                .chunks(3)
                .take_while(|chunk| *chunk == REPLACED)
                .count();
            (count >= 4).then(|| Wrapped::coded(Format::Jpeg, Wrapping::Replaced))
        }
        [b'?', b'?', b'?', ..] if holds(head, b"JFIF\0") || holds(head, b"Exif\0") => {
            replaced(Format::Jpeg)
        }
        [b'R', b'I', b'F', b'F', ..] if holds(head, b"WEBP") => {
            // The size that stands between is four bytes long, and longer once it was converted.
            if holds(head, REPLACED) {
                replaced(Format::Webp)
            } else if holds(head, b"\xC2\x9D\x01\x2A")
                || !head.is_ascii() && !head.get(8..)?.starts_with(b"WEBP")
            {
                latin_1(Format::Webp)
            } else {
                None
            }
        }
        [b'B', b'M', ..] if holds(head, REPLACED) && holds(head, b"\0\0") => replaced(Format::Bmp),
        [b'B', b'M', ..] if signature(head).is_none() => {
            signature(&narrowed(head)).and_then(latin_1)
        }
        _ => None,
    }
}

/// The bytes that UTF-8 of Latin-1 characters stands for.
fn narrowed(head: &[u8]) -> [u8; DAMAGE] {
    let mut bytes = [0; DAMAGE];
    let mut rest = head;
    for place in &mut bytes {
        (*place, rest) = match *rest {
            [0xC2, low @ 0x80..=0xBF, ref behind @ ..] => (low, behind),
            [0xC3, low @ 0x80..=0xBF, ref behind @ ..] => (low + 0x40, behind),
            [byte, ref behind @ ..] => (byte, behind),
            [] => break,
        };
    }
    bytes
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\x90\0\0\x01\xF4\x08\x02\0\0\0";
    const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0";
    const EXIF: &[u8] = b"\xFF\xD8\xFF\xE1\x1F\xFEExif\0\0II\x2A\0\x08\0\0\0";
    const WEBP: &[u8] =
        b"RIFF\x24\xD0\x01\0WEBPVP8 \x18\xD0\x01\0\xF0\x5B\0\x9D\x01\x2A\x90\x01\xF4\x01";
    const BMP: &[u8] = b"BM\x36\xA5\x8E\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x90\x01\0\0\xF4\x01\0\0";

    #[test]
    fn an_image_that_went_through_text_is_named_in_each_format() {
        for (image, format) in [
            (PNG, Format::Png),
            (JPEG, Format::Jpeg),
            (EXIF, Format::Jpeg),
            (WEBP, Format::Webp),
            (BMP, Format::Bmp),
        ] {
            let replaced = String::from_utf8_lossy(image);
            assert_eq!(
                damaged(replaced.as_bytes()),
                Some(Wrapped::coded(format, Wrapping::Replaced)),
                "{format}"
            );
            assert_eq!(damaged(image), None, "{format}");
        }
        for (image, format) in [
            (PNG, Format::Png),
            (JPEG, Format::Jpeg),
            (WEBP, Format::Webp),
            (BMP, Format::Bmp),
        ] {
            let latin_1: String = image.iter().map(|&byte| char::from(byte)).collect();
            assert_eq!(
                damaged(latin_1.as_bytes()),
                Some(Wrapped::coded(format, Wrapping::Latin1)),
                "{format}"
            );
        }
    }

    #[test]
    fn other_text_is_not_damaged() {
        for text in [
            "\u{FFFD}\u{FFFD} two of them",
            "???",
            "RIFF and WEBPs",
            "BM \u{FFFD}",
        ] {
            assert_eq!(
                damaged(text.as_bytes()).filter(|w| w.format != Some(Format::Webp)),
                None
            );
        }
    }
}
