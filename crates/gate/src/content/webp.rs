//! Whether a WebP's picture decodes.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

use super::Fault;

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
    let mut decoder = WebPDecoder::new(Cursor::new(file))?;
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
