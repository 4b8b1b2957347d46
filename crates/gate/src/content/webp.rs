//! Whether a WebP's picture decodes.

use std::borrow::Cow;
use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

use super::Fault;

/// The first chunk begins here (RFC 9649, 2.4), and VP8X's flags stand here (2.7.1).
const FIRST: usize = 12;
const FLAGS: usize = FIRST + 8;

const ANIMATION: u8 = 0x02;

/// EXIF and XMP.
const METADATA: u8 = 0x08 | 0x04;

/// Decodes a file whose header was found sound: of an animation the first frame.
pub(super) fn examine(file: &[u8]) -> Result<(), Fault> {
    decode(file).map_err(|error| match error {
        // Bytes in memory can only come to their end.
        DecodingError::IoError(_) => Fault::Cut(format!(
            "expected more pixels, but found the end of their chunk (the file has {} bytes)",
            file.len()
        )),
        DecodingError::ImageTooLarge | DecodingError::MemoryLimitExceeded => {
            Fault::Unsure("its size is more than the decoder takes".to_owned())
        }
        DecodingError::UnsupportedFeature(_) => {
            Fault::Unsure("it uses a feature that the decoder does not have".to_owned())
        }
        _ => Fault::Broken(
            "expected a picture in the chunk VP8 or VP8L, but found data that does not decode \
             (RFC 9649, 2.5 and 2.6)"
                .to_owned(),
        ),
    })
}

fn decode(file: &[u8]) -> Result<(), DecodingError> {
    let mut decoder = WebPDecoder::new(Cursor::new(without_metadata(file)))?;
    let len = decoder
        .output_buffer_size()
        .ok_or(DecodingError::ImageTooLarge)?;
    let mut pixels = Vec::new();
    pixels
        .try_reserve_exact(len)
        .map_err(|_| DecodingError::ImageTooLarge)?;
    pixels.resize(len, 0);
    decoder.read_image(&mut pixels)
}

/// The file as far as its picture goes, whose flags promise no metadata. image-webp holds the flags
/// against all chunks there are, and refuses pictures that libwebp decodes: many tools take the
/// metadata out and leave the flag.
fn without_metadata(file: &[u8]) -> Cow<'_, [u8]> {
    let Some((b"VP8X", flags)) = file.get(12..16).zip(file.get(FLAGS).copied()) else {
        return Cow::Borrowed(file);
    };
    let still = flags & ANIMATION == 0;
    let end = if still { picture_end(file) } else { None };
    let mut bare = file
        .get(..end.unwrap_or(file.len()))
        .unwrap_or(file)
        .to_vec();
    if let Some(flags) = bare.get_mut(FLAGS) {
        *flags &= !METADATA;
    }
    // It holds at least the header of VP8X, so that it is longer than 8 bytes.
    if let Ok(riff) = u32::try_from(bare.len() - 8)
        && end.is_some()
        && let Some(size) = bare.get_mut(4..8)
    {
        size.copy_from_slice(&riff.to_le_bytes());
    }
    Cow::Owned(bare)
}

/// Where the picture's chunk ends, of a still image with VP8X.
fn picture_end(file: &[u8]) -> Option<usize> {
    let mut at = FIRST;
    loop {
        let [k1, k2, k3, k4, size @ ..] = *file.get(at..)?.first_chunk::<8>()?;
        let size = usize::try_from(u32::from_le_bytes(size)).ok()?;
        let end = at
            .checked_add(8)?
            .checked_add(size)?
            .checked_add(size % 2)?;
        if matches!(&[k1, k2, k3, k4], b"VP8 " | b"VP8L") {
            return (end <= file.len()).then_some(end);
        }
        at = end;
    }
}
