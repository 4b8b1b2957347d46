//! The first look at an image, as the service takes it: is it one of the formats, and how large is
//! it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use image::{ImageFormat, ImageReader};
use sha2::{Digest, Sha256};

use crate::request::hex;

/// "The image must be in the JPG, JPEG, PNG, BMP, or WebP format."
const FORMATS: [ImageFormat; 4] = [
    ImageFormat::Jpeg,
    ImageFormat::Png,
    ImageFormat::Bmp,
    ImageFormat::WebP,
];

/// "The shortest side of the image must be at least 400 pixels", px.
const MIN_SIDE: u32 = 400;

/// "The longest side must be no more than 7,000 pixels", px.
const MAX_SIDE: u32 = 7000;

/// Bytes of an image that are looked at: an uncompressed 32-bit bitmap of 7,000 × 7,000 px (196 MB)
/// fits, and a stranger's endless body ends.
pub(crate) const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Bytes hashed at a time.
const CHUNK: usize = 64 * 1024;

/// Content and size of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// Lower-case hexadecimal, of all its bytes.
    pub(crate) sha256: String,
    /// None if it is not a readable image of an accepted format.
    pub(crate) size: Option<Size>,
}

/// Stored width and height, before any EXIF orientation, px.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Size {
    pub(crate) fn is_accepted(self) -> bool {
        self.width.min(self.height) >= MIN_SIDE && self.width.max(self.height) <= MAX_SIDE
    }
}

/// Where the bytes of an image are.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Bytes(Bytes),
    File(std::sync::Arc<Path>),
}

impl Inspection {
    /// Reads the whole image once, a chunk at a time, and its header again. Blocks.
    ///
    /// # Errors
    ///
    /// If it cannot be read or holds more than [`MAX_BYTES`].
    pub(crate) fn of(source: &Source) -> io::Result<Self> {
        match source {
            Source::Bytes(bytes) => Self::read(Cursor::new(bytes)),
            Source::File(path) => Self::read(BufReader::with_capacity(CHUNK, File::open(path)?)),
        }
    }

    fn read(mut reader: impl BufRead + Seek) -> io::Result<Self> {
        let sha256 = sha256(&mut reader)?;
        reader.seek(SeekFrom::Start(0))?;
        Ok(Self {
            sha256,
            size: size(reader),
        })
    }
}

fn sha256(reader: impl Read) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(CHUNK, reader.take(MAX_BYTES + 1));
    let mut hash = Sha256::new();
    let mut total = 0;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let length = chunk.len();
        hash.update(chunk);
        reader.consume(length);
        total += length as u64;
    }
    if total > MAX_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("expected at most {MAX_BYTES} bytes"),
        ));
    }
    Ok(hex(&hash.finalize()))
}

fn size(reader: impl BufRead + Seek) -> Option<Size> {
    let reader = ImageReader::new(reader).with_guessed_format().ok()?;
    if !FORMATS.contains(&reader.format()?) {
        return None;
    }
    let (width, height) = reader.into_dimensions().ok()?;
    Some(Size { width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive() {
        for (width, height, accepted) in [
            (400, 400, true),
            (399, 400, false),
            (400, 399, false),
            (7000, 7000, true),
            (7001, 7000, false),
            (400, 7001, false),
        ] {
            assert_eq!(
                Size { width, height }.is_accepted(),
                accepted,
                "{width}x{height}"
            );
        }
    }

    #[test]
    fn a_page_is_no_picture_and_still_has_a_hash() {
        let image = Inspection::of(&Source::Bytes(Bytes::from_static(b"abc"))).unwrap();
        assert_eq!(image.size, None);
        // FIPS 180-4's example.
        assert_eq!(
            image.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_four_formats_and_no_other() {
        for (format, accepted) in [
            (ImageFormat::Bmp, true),
            (ImageFormat::Jpeg, true),
            (ImageFormat::Png, true),
            (ImageFormat::WebP, true),
        ] {
            let mut bytes = Cursor::new(Vec::new());
            image::DynamicImage::new_rgb8(420, 410)
                .write_to(&mut bytes, format)
                .unwrap();
            let image = Inspection::of(&Source::Bytes(bytes.into_inner().into())).unwrap();
            assert_eq!(
                image.size
                    == Some(Size {
                        width: 420,
                        height: 410
                    }),
                accepted,
                "{format:?}"
            );
        }
        // A GIF's header, 420 × 410.
        let gif = Bytes::from_static(b"GIF89a\xa4\x01\x9a\x01\x00\x00\x00;");
        assert_eq!(Inspection::of(&Source::Bytes(gif)).unwrap().size, None);
    }
}
