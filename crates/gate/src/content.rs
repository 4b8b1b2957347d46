//! The content stage: decodes the pixels of an image whose header passed.
//!
//! The decoders are the `image` crate's. What is ours is telling apart what its errors leave
//! together (broken, cut short, too large, not supported), and asking whether the picture ends
//! where its file does, which a lenient decoder forgives.

mod ending;

use std::any::Any;
use std::io::{self, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::error::{ImageError, LimitError, LimitErrorKind};
use image::{ImageDecoder as _, ImageFormat, ImageReader, ImageResult};
use preflight::{Format, Header, Quirk};

use crate::{Code, Finding};

/// Memory in bytes that decoding may take unless told otherwise: enough for a JPEG of
/// 7000 x 7000 px, the largest that any profile takes, and little enough for a CI machine.
pub const DEFAULT_DECODE_MEMORY: u64 = 512_000_000;

/// Bytes of an object behind a URL that are fetched to be decoded, where the profile sets no limit.
#[cfg(feature = "http")]
pub(crate) const MAX_FETCH: u64 = 32_000_000;

/// What is wrong with the pixels, if anything.
pub(crate) fn examine(bytes: &[u8], header: &Header, max_memory: u64) -> Option<Finding> {
    // The decoders are other people's code on a stranger's bytes. A panic in one of them says that
    // it cannot read the image, and must not take the other images down with it.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(bytes, header, max_memory)))
        .unwrap_or_else(|panic| Err(Failure::Panicked(panic_message(&*panic))));
    let ending = ending::find(header.format, bytes);

    match decoded {
        // A PNG without IEND has all its pixels, or it would not decode; a JPEG without EOI has grey.
        Ok(()) if header.format == Format::Jpeg => ending
            .missing_marker()
            .map(|marker| cut_short(marker, bytes)),
        Ok(()) => None,
        Err(Failure::TooLarge(needed)) => Some(too_large(needed, max_memory)),
        Err(failure) if is_rare_coding(header) => Some(Finding::new(
            Code::DecoderLacks,
            format!(
                "our decoder does not read this {} coding: {}",
                header.format,
                failure.text()
            ),
        )),
        Err(Failure::EndOfFile(_)) => Some(cut_short("more picture data", bytes)),
        Err(failure) => Some(match (ending.missing_marker(), failure) {
            (Some(marker), _) => cut_short(marker, bytes),
            (None, Failure::Unsupported(text)) => Finding::new(
                Code::DecoderLacks,
                format!("our decoder does not read this: {text}"),
            ),
            (None, Failure::Panicked(text)) => Finding::new(
                Code::DecoderLacks,
                format!("our decoder broke on it: {text}"),
            ),
            (None, failure) => Finding::new(
                Code::Undecodable,
                format!("the pixels do not decode: {}", failure.text()),
            ),
        }),
    }
}

/// The thread that decoded it ended without an answer.
#[cfg(feature = "http")]
pub(crate) fn broke(error: &tokio::task::JoinError) -> Finding {
    Finding::new(
        Code::DecoderLacks,
        format!("our decoder broke on it: {error}"),
    )
}

/// Whether the file alone is more than may be held.
pub(crate) fn too_long(len: Option<u64>, max_memory: u64) -> Option<Finding> {
    len.filter(|&len| len > max_memory)
        .map(|len| too_large(len, max_memory))
}

fn cut_short(expected: &str, bytes: &[u8]) -> Finding {
    let len = bytes.len();
    Finding::new(
        Code::BodyTruncated,
        format!("expected {expected}, but found the end of the file at byte {len}"),
    )
}

fn too_large(needed: u64, max_memory: u64) -> Finding {
    Finding::new(
        Code::DecodeLimit,
        format!("decoding needs {needed} bytes of memory, allowed are {max_memory} bytes"),
    )
    .numbers(needed, max_memory)
}

/// Codings that the decoders lack, as far as the header shows them.
fn is_rare_coding(header: &Header) -> bool {
    use Quirk::{Arithmetic, Cgbi, DeepSamples, Hierarchical, Lossless, Os2};
    [Arithmetic, Cgbi, DeepSamples, Hierarchical, Lossless, Os2]
        .into_iter()
        .any(|quirk| header.quirks.contains(quirk))
}

/// Why no pixels came out.
enum Failure {
    Broken(String),
    EndOfFile(String),
    Panicked(String),
    /// Bytes of memory that it would take.
    TooLarge(u64),
    Unsupported(String),
}

impl Failure {
    fn text(&self) -> String {
        match self {
            Self::Broken(text)
            | Self::EndOfFile(text)
            | Self::Panicked(text)
            | Self::Unsupported(text) => text.clone(),
            Self::TooLarge(needed) => format!("it needs {needed} bytes of memory"),
        }
    }
}

fn decode(bytes: &[u8], header: &Header, max_memory: u64) -> Result<(), Failure> {
    let needed = memory(bytes, header);
    if needed > max_memory {
        return Err(Failure::TooLarge(needed));
    }
    pixels(bytes, header.format, max_memory).map_err(|error| Failure::of(&error, needed))
}

fn pixels(bytes: &[u8], format: Format, max_memory: u64) -> ImageResult<()> {
    let image_format = image_format(format);
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(max_memory);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format);
    reader.limits(limits.clone());
    let decoder = reader.into_decoder()?;

    // The decoder's own figure may exceed ours: 16-bit samples, or a WebP whose frame is larger
    // than its canvas.
    limits.reserve(decoder.total_bytes())?;
    let len = usize::try_from(decoder.total_bytes()).map_err(|_| {
        ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
    })?;
    let mut buffer = vec![0; len];
    decoder.read_image(&mut buffer)
}

/// Bytes of memory that decoding takes, from what the header says: the file, twice for JPEG, whose
/// decoder keeps a copy; the pixels, at least three bytes each; and the coefficients that a
/// progressive JPEG holds until its last scan, three times two bytes a pixel.
fn memory(bytes: &[u8], header: &Header) -> u64 {
    let file = bytes.len() as u64;
    let pixels = u64::from(header.width) * u64::from(header.height);
    let (copies, per_pixel) = if header.format == Format::Jpeg {
        (2, 3 + 6)
    } else {
        (1, 3)
    };
    file.saturating_mul(copies)
        .saturating_add(pixels.saturating_mul(per_pixel))
}

const fn image_format(format: Format) -> ImageFormat {
    match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::Bmp => ImageFormat::Bmp,
        Format::Webp => ImageFormat::WebP,
    }
}

impl Failure {
    fn of(error: &ImageError, needed: u64) -> Self {
        let text = one_line(error);
        match error {
            ImageError::Limits(_) => Self::TooLarge(needed),
            ImageError::Unsupported(_) => Self::Unsupported(text),
            ImageError::IoError(io) if io.kind() == io::ErrorKind::UnexpectedEof => {
                Self::EndOfFile(text)
            }
            _ if has_unexpected_eof(error) => Self::EndOfFile(text),
            _ => Self::Broken(text),
        }
    }
}

fn has_unexpected_eof(error: &dyn std::error::Error) -> bool {
    std::iter::successors(error.source(), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|io| io.kind() == io::ErrorKind::UnexpectedEof)
}

/// The decoder's words, which may hold bytes of the image, on one line.
fn one_line(error: &ImageError) -> String {
    error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no reason given".to_owned())
}
