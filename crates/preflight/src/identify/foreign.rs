//! What `imagesize` knows: the sizes of foreign images, and formats whose signatures are weak.
//!
//! It takes strangers' bytes at their word and its work is not bounded, so that it gets a bounded
//! prefix only, and what it answers is checked.

use imagesize::ImageType;

use crate::{Content, Foreign, ForeignFormat};

/// No picture is wider: a greater number is a misreading.
const MAX_SIDE: usize = 1 << 24;

/// The size, where the prefix tells a credible one. For HEIF it is the size after rotation.
pub(super) fn size(prefix: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(prefix).ok()?;
    let side = |side: usize| {
        u32::try_from(side)
            .ok()
            .filter(|_| (1..=MAX_SIDE).contains(&side))
    };
    side(size.width).zip(side(size.height))
}

/// Names a format whose signature could be an accident; hence only with a credible size.
pub(super) fn name(prefix: &[u8]) -> Option<Content> {
    let format = match imagesize::image_type(prefix).ok()? {
        ImageType::Aseprite => ForeignFormat::Aseprite,
        ImageType::Astc => ForeignFormat::Astc,
        ImageType::Atc(_) => ForeignFormat::Atc,
        ImageType::Eac(_) | ImageType::Etc2(_) => ForeignFormat::Etc,
        ImageType::Gif => ForeignFormat::Gif,
        ImageType::Ilbm => ForeignFormat::Ilbm,
        ImageType::Jxl => ForeignFormat::Jxl,
        // The legacy signature is but the header's length; "PVR!" stands 44 bytes in.
        ImageType::Pvrtc(_)
            if prefix.starts_with(b"PVR\x03") || prefix.get(44..48) == Some(b"PVR!") =>
        {
            ForeignFormat::Pvrtc
        }
        ImageType::Tga => ForeignFormat::Tga,
        _ => return None,
    };
    Some(Content::Foreign(Foreign {
        format,
        size: Some(size(prefix)?),
    }))
}

/// Netpbm: "P1" to "P6" and white space, so that prose about P2 is prose. It is text where its
/// pixels are, and must be asked for before text is named.
pub(super) fn pnm(prefix: &[u8]) -> Option<Content> {
    match prefix {
        [b'P', b'1'..=b'6', b' ' | b'\t' | b'\n' | b'\r', ..] => {
            let size = Some(size(prefix)?);
            Some(Content::Foreign(Foreign {
                format: ForeignFormat::Pnm,
                size,
            }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(bytes: &[u8]) -> Option<(&'static str, Option<(u32, u32)>)> {
        match crate::identify::name_all(bytes) {
            Content::Foreign(foreign) => Some((foreign.format.name(), foreign.size)),
            _ => None,
        }
    }

    #[test]
    fn sizes_are_told_where_the_first_bytes_have_them() {
        assert_eq!(
            named(b"GIF89a\x40\x01\xC8\0\0\0"),
            Some(("gif", Some((320, 200))))
        );
        assert_eq!(
            named(b"P6\n# drawn\n640 480\n255\n"),
            Some(("pnm", Some((640, 480))))
        );
        assert_eq!(
            named(b"\0\0\x01\0\x01\0\x20\x20\0\0\x01\0\0\0"),
            Some(("ico", Some((32, 32))))
        );
        assert_eq!(
            named(b"qoif\0\0\x01\x90\0\0\x01\x91\x03\0"),
            Some(("qoi", Some((400, 401))))
        );
        let tiff = b"II\x2A\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x20\x03\0\0\x01\x01\x03\0\x01\0\0\0\x58\x02\0\0";
        assert_eq!(named(tiff), Some(("tiff", Some((800, 600)))));
        // The directory is beyond the prefix: named all the same.
        assert_eq!(named(b"II\x2A\0\0\0\0\x7F    "), Some(("tiff", None)));
    }

    #[test]
    fn sizes_of_no_credible_picture_are_not_told() {
        assert_eq!(named(b"GIF89a\0\0\xC8\0\0\0"), Some(("gif", None)));
        assert_eq!(
            named(b"qoif\x7F\xFF\xFF\xFF\0\0\x01\x91\x03\0"),
            Some(("qoi", None))
        );
    }

    #[test]
    fn prose_is_no_picture() {
        assert_eq!(named(b"P2 is the second of the parking decks"), None);
        assert_eq!(
            named(b"4\0\0\0 a number of 52, and nothing else of PowerVR's here"),
            None
        );
    }
}
