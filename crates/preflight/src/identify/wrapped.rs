//! Images in a wrapping: behind text, as text, or in a Mac's container.

mod base64;
mod coded;
mod damaged;
mod dump;
mod escaped;
mod sample;

use super::encoding::Encoding;
use crate::{Format, Wrapped, Wrapping};

pub(crate) use damaged::{DAMAGE, damaged};

/// Names the wrapping, if the start of a file is that of a wrapped image.
pub(super) fn name(start: &[u8], encoding: Encoding) -> Option<Wrapped> {
    damaged(start)
        .or_else(|| of_a_mac(start))
        .or_else(|| behind_text(start, encoding))
        .or_else(|| coded::coded(start, encoding))
}

/// The format whose signature bytes begin with, surely: for BMP, whose signature is two letters,
/// with its reserved fields and a size of the second header.
pub(super) fn signature(bytes: &[u8]) -> Option<Format> {
    match *bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Format::Png),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(Format::Webp),
        [
            b'B',
            b'M',
            _,
            _,
            _,
            _,
            0,
            0,
            0,
            0,
            _,
            _,
            _,
            _,
            12 | 16..=64 | 108 | 124,
            0,
            0,
            0,
            ..,
        ] => Some(Format::Bmp),
        _ => None,
    }
}

/// AppleSingle and AppleDouble (RFC 1740, appendix A), and MacBinary (128 bytes of head, in which
/// bytes 0, 74 and 82 are zero).
fn of_a_mac(start: &[u8]) -> Option<Wrapped> {
    const DATA_FORK: u32 = 1;
    let plain = |wrapping, offset: u32| {
        let image = start.get(usize::try_from(offset).ok()?..)?;
        let format = Some(signature(image)?);
        let offset = Some(offset);
        Some(Wrapped {
            format,
            wrapping,
            offset,
        })
    };
    match *start {
        [0, 5, 0x16, 7, ..] => {
            let (format, wrapping, offset) = (None, Wrapping::AppleDouble, None);
            Some(Wrapped {
                format,
                wrapping,
                offset,
            })
        }
        [0, 5, 0x16, 0, ..] => {
            let entries = start.get(26..)?.chunks_exact(12);
            let data = entries.take(16).find_map(|entry| match *entry {
                [i1, i2, i3, i4, o1, o2, o3, o4, ..]
                    if u32::from_be_bytes([i1, i2, i3, i4]) == DATA_FORK =>
                {
                    Some(u32::from_be_bytes([o1, o2, o3, o4]))
                }
                _ => None,
            });
            plain(Wrapping::AppleSingle, data?)
        }
        [0, 1..=63, ..] if start.get(74) == Some(&0) && start.get(82) == Some(&0) => {
            plain(Wrapping::MacBinary, 128)
        }
        _ => None,
    }
}

/// A signature behind nothing but text.
fn behind_text(start: &[u8], encoding: Encoding) -> Option<Wrapped> {
    if let [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] = start {
        if let Some(format) = signature(rest) {
            return Some(Wrapped {
                format: Some(format),
                wrapping: Wrapping::ByteOrderMark,
                offset: Some(2),
            });
        }
    }
    // Every signature has bytes that no such text holds, but WebP's, whose size would be 500 MB then.
    if matches!(encoding, Encoding::Ascii | Encoding::Utf8) {
        return None;
    }
    for (at, &byte) in start.iter().enumerate() {
        let here = start.get(at..).unwrap_or_default();
        match byte {
            0x89 | 0xFF | b'R' | b'B' => {
                if let (Some(format), 1..) = (signature(here), at) {
                    let before = start.get(..at).unwrap_or_default();
                    return Some(Wrapped {
                        format: Some(format),
                        wrapping: text_before(before),
                        offset: u32::try_from(at).ok(),
                    });
                }
            }
            // No text holds these.
            0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F => return None,
            _ => {}
        }
    }
    None
}

/// What the text before an image is.
fn text_before(text: &[u8]) -> Wrapping {
    match text.trim_ascii_start() {
        b"\xEF\xBB\xBF" => Wrapping::ByteOrderMark,
        // RFC 9112, 4 (status line), and 2046, 5.1.1 (the boundary line of a part).
        [b'H', b'T', b'T', b'P', b'/', ..] => Wrapping::Http,
        [b'-', b'-', ..] => Wrapping::Multipart,
        head if has_field(head, b"content-disposition:") => Wrapping::Multipart,
        head if has_field(head, b"content-type:") => Wrapping::Http,
        _ => Wrapping::Text,
    }
}

fn has_field(head: &[u8], name: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n').any(|line| {
        line.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: &[u8]) -> Option<Wrapped> {
        super::name(start, Encoding::of(start))
    }

    const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\x90\0\0\x01\xF4";
    const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0";
    const WEBP: &[u8] = b"RIFF\x24\x00\x01\0WEBPVP8 \x18\0\x01\0";
    const BMP: &[u8] = b"BM\x36\x10\x0E\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x90\x01\0\0";

    #[test]
    fn an_image_behind_text_is_found_with_its_place() {
        let before: [(&[u8], Wrapping); 9] = [
            (b"\xEF\xBB\xBF", Wrapping::ByteOrderMark),
            (b"\xFF\xFE", Wrapping::ByteOrderMark),
            (b" \r\n\n", Wrapping::Text),
            (b"\xEF\xBB\xBF\n", Wrapping::Text),
            (
                b"<br />\n<b>Warning</b>: Undefined variable $f in <b>/srv/c.php</b>\n",
                Wrapping::Text,
            ),
            (
                b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
                Wrapping::Http,
            ),
            (b"Content-type: image/png\n\n", Wrapping::Http),
            (
                b"--x1\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n",
                Wrapping::Multipart,
            ),
            (b"Warnung: ung\xC3\xBCltige Kopfzeile\n", Wrapping::Text),
        ];
        let images = [
            (PNG, Format::Png),
            (JPEG, Format::Jpeg),
            (WEBP, Format::Webp),
            (BMP, Format::Bmp),
        ];
        for (text, wrapping) in before {
            for (image, format) in images {
                let found = name(&[text, image].concat());
                let offset = Some(text.len() as u32);
                let format = Some(format);
                assert_eq!(
                    found,
                    Some(Wrapped {
                        format,
                        wrapping,
                        offset
                    }),
                    "{}",
                    text.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn letters_in_a_text_are_no_signature() {
        for text in [
            "BMW and RIFF and WEBP and PNG",
            "The BM is 26 bytes long",
            "RIFFs",
            "see RIFFsizeWEBP",
        ] {
            assert_eq!(name(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_containers_of_a_mac_are_named() {
        let double = [b"\0\x05\x16\x07\0\x02\0\0".as_slice(), &[0; 60]].concat();
        assert_eq!(
            name(&double).unwrap().to_string(),
            "a file as AppleDouble, what a Mac keeps beside the file itself"
        );
        let mut single = b"\0\x05\x16\0\0\x02\0\0".to_vec();
        single.extend([0; 16]);
        single.extend(b"\0\x02\0\0\0\x09\0\0\0\x32\0\0\0\0\0\0\0\x01\0\0\0\x32\0\0\0\x99");
        single.extend(JPEG);
        let found = name(&single).unwrap();
        assert_eq!(
            (found.wrapping, found.offset),
            (Wrapping::AppleSingle, Some(50))
        );
        let mut binary = vec![0; 128];
        binary[1..5].copy_from_slice(b"\x03a.b");
        binary.extend(PNG);
        let found = name(&binary).unwrap();
        assert_eq!(
            (found.wrapping, found.offset),
            (Wrapping::MacBinary, Some(128))
        );
    }
}
