//! The content stage: whether all of the picture is there, of an image whose header passed.
//!
//! | format | what is done |
//! |---|---|
//! | JPEG | every code of every scan is passed over and counted |
//! | PNG | the chunks are walked to IEND, the critical ones' checksums are computed, the pixels
//! inflated |
//! | BMP | run-length codings are walked; plain rows were measured by the header stage |
//! | WebP | decoded |
//!
//! Codings that we lack are told by the header, before anything is read; what a library says of an
//! image is never shown.

mod bmp;
mod jpeg;
mod memory;
mod png;
mod webp;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use preflight::{Excerpt, Format, Header, HeaderError, Quirk};

use crate::{Code, Finding, screen};

pub use memory::{DecodeMemory, Permit};

/// Bytes of an object behind a URL that are fetched to be decoded, where the profile sets no limit.
#[cfg(feature = "http")]
pub(crate) const MAX_FETCH: u64 = 32_000_000;

/// A defect in an image's data.
#[derive(Debug)]
enum Fault {
    /// It ends too early, or a part of it is missing.
    Cut(String),
    /// It breaks its format.
    Broken(String),
    /// The header does not fit what stands behind it.
    Malformed(HeaderError),
    /// We cannot tell; a reason that completes "this coding is not read here: ...".
    Unsure(String),
}

impl Fault {
    fn cut(expected: &str, file: &[u8]) -> Self {
        let len = file.len();
        Self::Cut(format!(
            "expected {expected}, but found the end of the data (the file has {len} bytes)"
        ))
    }
}

/// The defect in the data of an image, if any. Blocks for as long as decoding takes.
pub(crate) fn examine(file: &[u8], header: &Header) -> Option<Finding> {
    if let Some(quirk) = rare_coding(header) {
        return Some(lacking(&format!("{} with {quirk}", header.format)));
    }
    // A decoder is other people's code on a stranger's bytes. A panic in it says that it cannot
    // read the image, and must not take the other images down with it.
    let examined = catch_unwind(AssertUnwindSafe(|| {
        header.check_whole(file).map_err(Fault::Malformed)?;
        match header.format {
            Format::Jpeg => jpeg::examine(file),
            Format::Png => png::examine(file),
            Format::Bmp => bmp::examine(file, header),
            Format::Webp => webp::examine(file),
        }
    }))
    .unwrap_or_else(|panic| Err(Fault::Unsure(broke(&*panic))));
    Some(match examined.err()? {
        Fault::Cut(text) => Finding::new(Code::BodyTruncated, text),
        Fault::Broken(text) => Finding::new(Code::Undecodable, text),
        Fault::Malformed(error) => screen::header_error(&error),
        Fault::Unsure(text) => lacking(&text),
    })
}

/// Bytes of memory that examining an image takes at the most, its file of `len` bytes included:
/// `start` are the file's first bytes, which tell WebP's codings apart.
///
/// A progressive JPEG takes a bit for each coefficient of up to four components; the other JPEGs
/// and PNG a window of their data; WebP is copied and decoded whole (image-webp 0.2: planes, then the
/// pixels of each step).
pub(crate) fn estimate(header: &Header, start: &Excerpt, len: u64) -> u64 {
    const OVERHEAD: u64 = 1 << 20;
    let pixels = u64::from(header.width).saturating_mul(u64::from(header.height));
    let decoding = match header.format {
        Format::Jpeg => {
            // Whole MCUs, of up to 32 px a side.
            let side = |px: u32| u64::from(px).div_ceil(32) * 4;
            side(header.width)
                .saturating_mul(side(header.height))
                .saturating_mul(4 * 8)
        }
        Format::Png | Format::Bmp => 0,
        Format::Webp => pixels
            .saturating_mul(webp_bytes_a_pixel(start.as_bytes()))
            .saturating_add(len),
    };
    len.saturating_add(decoding).saturating_add(OVERHEAD)
}

fn webp_bytes_a_pixel(start: &[u8]) -> u64 {
    const ALPHA: u8 = 0x10;
    const ANIMATION: u8 = 0x02;
    match (start.get(12..16), start.get(20)) {
        // Three planes of 1.5 bytes and the pixels.
        (Some(b"VP8 "), _) => 5,
        // The pixels with alpha, and without.
        (Some(b"VP8L"), _) => 8,
        (_, Some(flags)) if flags & ANIMATION != 0 => 16,
        (_, Some(flags)) if flags & ALPHA != 0 => 11,
        _ => 8,
    }
}

/// An image that takes more memory than there is.
pub(crate) fn too_large(needed: u64, limit: u64) -> Finding {
    let text =
        format!("decoding needs {needed} bytes of memory, but at most {limit} bytes may be used");
    Finding::new(Code::DecodeLimit, text).numbers(needed, limit)
}

/// The thread that examined it ended without an answer.
#[cfg(feature = "http")]
pub(crate) fn lost(error: &tokio::task::JoinError) -> Finding {
    lacking(&format!("it ended the thread that read it ({error})"))
}

fn lacking(what: &str) -> Finding {
    Finding::new(
        Code::DecoderLacks,
        format!("whether the picture is whole cannot be told here: {what}"),
    )
}

/// A coding that we do not read, as the header shows it.
fn rare_coding(header: &Header) -> Option<Quirk> {
    use Quirk::{Arithmetic, Cgbi, DeepSamples, Hierarchical, Lossless};
    let lacking = [Arithmetic, Hierarchical, Lossless, DeepSamples, Cgbi];
    lacking
        .into_iter()
        .find(|&quirk| header.quirks.contains(quirk))
}

fn broke(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "our decoder broke on it ({})",
        text.unwrap_or_else(|| "no reason given".to_owned())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No decoder that is known to break is at hand.
    #[test]
    fn what_a_decoder_says_as_it_breaks_is_told() {
        let broken: [(fn(), &str); 3] = [
            (|| panic!("index out of bounds"), "(index out of bounds)"),
            (|| panic!("the length is {}", 7), "(the length is 7)"),
            (|| std::panic::panic_any(7), "(no reason given)"),
        ];
        for (decode, reason) in broken {
            let panic = catch_unwind(decode).unwrap_err();
            let text = broke(&*panic);
            assert!(
                text.contains("our decoder") && text.ends_with(reason),
                "{text}"
            );
        }
    }
}
