//! Making a thumbnail, with the decoders and the encoder of the `image` crate.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use preflight::Format;

use super::Thumbnail;

/// Sides in px and qualities to try, until one is short enough.
const STEPS: [(u32, u8); 5] = [
    (Thumbnail::MAX_SIDE, 75),
    (Thumbnail::MAX_SIDE, 50),
    (240, 50),
    (160, 40),
    (96, 30),
];

impl Thumbnail {
    /// The most memory in bytes that making a thumbnail takes, including a file of `len` bytes: its
    /// pixels, four bytes each, and six more for the coefficients of a progressive JPEG.
    #[must_use]
    pub fn memory(format: Format, width: u32, height: u32, len: u64) -> u64 {
        /// The pixels of the small copies, and the encoder's.
        const OVERHEAD: u64 = 4 << 20;
        let pixels = u64::from(width).saturating_mul(u64::from(height));
        let (copies, per_pixel) = match format {
            // The decoder keeps a copy of the file.
            Format::Jpeg => (2, 4 + 6),
            Format::Png | Format::Bmp => (1, 8),
            Format::Webp => (1, 16),
        };
        len.saturating_mul(copies)
            .saturating_add(pixels.saturating_mul(per_pixel))
            .saturating_add(OVERHEAD)
    }

    /// A thumbnail of a whole image in memory. `None` if it cannot be decoded within `max_memory`
    /// bytes, those of the file not counted.
    ///
    /// Blocks for as long as decoding takes: some 10 ms a megapixel.
    #[must_use]
    pub fn of(bytes: &[u8], format: Format, max_memory: u64) -> Option<Self> {
        // The decoders are other people's code and read untrusted bytes: after a panic there is no
        // thumbnail.
        let made = catch_unwind(AssertUnwindSafe(|| make(bytes, format, max_memory)));
        made.ok().flatten()
    }
}

fn make(bytes: &[u8], format: Format, max_memory: u64) -> Option<Thumbnail> {
    let image = decode(bytes, format, max_memory)?;
    let mut small = shrunk(&image, Thumbnail::MAX_SIDE);
    drop(image);
    for (side, quality) in STEPS {
        small = shrunk(&small, side);
        let mut jpeg = Vec::with_capacity(Thumbnail::MAX_BYTES);
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
        on_white(&small).write_with_encoder(encoder).ok()?;
        if jpeg.len() <= Thumbnail::MAX_BYTES {
            return Some(Thumbnail { jpeg });
        }
    }
    None
}

fn decode(bytes: &[u8], format: Format, max_memory: u64) -> Option<DynamicImage> {
    let format = match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::Bmp => ImageFormat::Bmp,
        Format::Webp => ImageFormat::WebP,
    };
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(max_memory);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let decoder = reader.into_decoder().ok()?;
    limits.reserve(decoder.total_bytes()).ok()?;
    DynamicImage::from_decoder(decoder).ok()
}

/// The image, scaled down until its longer side is at most `side` px. No side becomes less than 1
/// px.
fn shrunk(image: &DynamicImage, side: u32) -> DynamicImage {
    if image.width().max(image.height()) <= side {
        return image.clone();
    }
    image.thumbnail(side, side)
}

/// The image on a white background, as on paper.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0;
        let over = |value: u8| {
            let mixed = u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}
