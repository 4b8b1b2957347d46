//! Whether a picture's data goes on to its end marker.
//!
//! Lenient decoders fill what is missing with grey and say nothing. BMP and WebP state their length
//! in the header, which the header stage has held against the file's; JPEG and PNG end in a marker.

use preflight::Format;

/// How a picture's data ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// With its end marker, or in a format that has none.
    Complete,
    /// Before its end marker, which is named.
    Missing(&'static str),
}

impl Ending {
    pub(super) const fn missing_marker(self) -> Option<&'static str> {
        match self {
            Self::Complete => None,
            Self::Missing(marker) => Some(marker),
        }
    }
}

/// How the data of the first picture in `bytes` ends.
pub(super) fn find(format: Format, bytes: &[u8]) -> Ending {
    let complete = match format {
        Format::Jpeg => jpeg(bytes),
        Format::Png => png(bytes),
        _ => true,
    };
    match format {
        _ if complete => Ending::Complete,
        Format::Png => Ending::Missing("the end chunk IEND (PNG 3rd ed. section 11.2.4)"),
        _ => Ending::Missing("the end marker FF D9 (T.81 section B.2.1)"),
    }
}

/// Whether the first picture goes on to EOI.
///
/// Segments are walked by their lengths, so that a thumbnail's EOI inside APPn does not count;
/// entropy-coded data is scanned for the next marker (T.81 section B.1.1.5: FF 00 is data).
fn jpeg(bytes: &[u8]) -> bool {
    const EOI: u8 = 0xD9;
    const SOI: u8 = 0xD8;
    const TEM: u8 = 0x01;
    const RST0: u8 = 0xD0;
    const RST7: u8 = 0xD7;

    let mut rest = bytes;
    loop {
        // Whatever stands between here and the next FF is entropy-coded data, or junk.
        let Some(start) = rest.iter().position(|&byte| byte == 0xFF) else {
            return false;
        };
        rest = rest.get(start + 1..).unwrap_or_default();
        match rest.first().copied() {
            None => return false,
            Some(EOI) => return true,
            // A stuffed byte, a fill byte (which may begin the marker itself), or no length.
            Some(0x00 | 0xFF | TEM | SOI | RST0..=RST7) => {}
            Some(_) => {
                let Some(&[high, low]) = rest.get(1..3).and_then(<[u8]>::first_chunk) else {
                    return false;
                };
                // A length below 2 skips nothing, as decoders have it.
                let len = usize::from(u16::from_be_bytes([high, low])).max(2);
                let Some(behind) = rest.get(1 + len..) else {
                    return false;
                };
                rest = behind;
            }
        }
    }
}

/// Whether the chunks go on to IEND (PNG 3rd ed. section 5.3).
fn png(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((head, behind)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = *head;
        if &kind == b"IEND" {
            return true;
        }
        let len = u64::from(u32::from_be_bytes([a, b, c, d])).saturating_add(4);
        let Some(next) = usize::try_from(len).ok().and_then(|len| behind.get(len..)) else {
            return false;
        };
        rest = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnails_eoi_does_not_end_the_picture() {
        let thumbnail = [0xFF, 0xE1, 0x00, 0x06, 0xFF, 0xD8, 0xFF, 0xD9];
        let scan = [
            0xFF, 0xDA, 0x00, 0x02, 0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56,
        ];
        let cut = [&[0xFF, 0xD8][..], &thumbnail, &scan].concat();
        assert!(!jpeg(&cut));
        assert!(jpeg(&[&cut[..], &[0xFF, 0xD9]].concat()));
        assert!(
            jpeg(&[&cut[..], &[0xFF, 0xFF, 0xD9, 0x00, 0x00]].concat()),
            "fill and a tail"
        );
    }

    #[test]
    fn no_prefix_of_a_picture_is_complete() {
        let jpeg_bytes = [
            0xFF, 0xD8, 0xFF, 0xFE, 0x00, 0x00, 0xFF, 0xDA, 0x00, 0x02, 9, 0xFF, 0xD9,
        ];
        let mut png_bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        png_bytes.extend([0, 0, 0, 1, b'I', b'D', b'A', b'T', 7, 0, 0, 0, 0]);
        png_bytes.extend([0, 0, 0, 0, b'I', b'E', b'N', b'D']);
        for (format, bytes) in [(Format::Jpeg, &jpeg_bytes[..]), (Format::Png, &png_bytes)] {
            for len in 0..bytes.len() {
                let ending = find(format, &bytes[..len]);
                assert!(ending.missing_marker().is_some(), "{format} cut at {len}");
            }
            assert_eq!(find(format, bytes), Ending::Complete);
        }
    }
}
