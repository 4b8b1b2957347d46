//! What can be wrong with a header, each defect with the rule that it breaks.

use core::fmt;

#[cfg(feature = "std")]
use super::Need;
use crate::Format;

/// One defect of a header: what, where, and in which format.
///
/// ```
/// use preflight::{Defect, Probe, Window};
///
/// let error = Probe::new().feed(Window::last(0, b"\xFF\xD8\xFF\xD9")).unwrap_err();
/// assert_eq!(error.defect, Defect::MarkerBeforeFrame { marker: 0xD9 });
/// assert_eq!(
///     error.to_string(),
///     "JPEG, byte 2: expected a frame header (SOF), but found the marker 0xD9 (EOI)",
/// );
/// assert_eq!(error.section(), "ITU-T T.81, B.2.1");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("{}byte {offset}: {defect}", Prefix(*.format))]
#[non_exhaustive]
pub struct HeaderError {
    /// What is wrong.
    pub defect: Defect,
    /// Where it was seen, in bytes from the start of the file. For [`Defect::Truncated`] the length
    /// of the file.
    pub offset: u64,
    /// The format that the signature names; none for [`Defect::Unrecognised`].
    pub format: Option<Format>,
}

impl HeaderError {
    /// The section of the specification that is broken, for people.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.defect.section(self.format)
    }

    /// A need beyond the end of the file, as a driver finds it that cannot go on.
    #[cfg(feature = "std")]
    pub(crate) const fn beyond(need: Need, len: u64) -> Self {
        let needed = need.offset.saturating_add(need.len as u64);
        Self {
            defect: Defect::Truncated { needed, len },
            offset: len,
            format: None,
        }
    }

    /// Whether the data ends too early, as against being wrong.
    #[must_use]
    pub const fn is_truncated(&self) -> bool {
        matches!(self.defect, Defect::Truncated { .. })
    }
}

/// What is wrong with a header.
///
/// `Display` words it as "expected …, but found …".
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "name", rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum Defect {
    /// BMP: a number of bits a pixel that no version of the format has.
    BitCount {
        /// The value found.
        found: u16,
    },
    /// BMP: an OS/2 bitmap array ("BA"), a list of pictures and none of them the picture.
    BitmapArray,
    /// WebP: a canvas of 2³² px or more.
    CanvasArea {
        /// Canvas width in px.
        width: u32,
        /// Canvas height in px.
        height: u32,
    },
    /// WebP: a chunk that does not fit into the RIFF container, or not into its own kind.
    ChunkSize {
        /// The least size in bytes.
        least: u32,
        /// The greatest size in bytes.
        most: u32,
        /// The size found, in bytes.
        found: u32,
    },
    /// PNG: a bit depth that its colour type does not allow, or no colour type.
    ColourType {
        /// The colour type found.
        colour: u8,
        /// The bit depth found, in bits.
        depth: u8,
    },
    /// JPEG: a number of components that no reader takes.
    ComponentCount {
        /// The value found.
        found: u8,
    },
    /// PNG: a compression method other than 0.
    CompressionMethod {
        /// The value found.
        found: u8,
    },
    /// BMP: a size of the DIB header that no version of the format has.
    DibSize {
        /// The size found, in bytes.
        found: u32,
    },
    /// BMP: the pixels are a JPEG file.
    EmbeddedJpeg,
    /// BMP: the pixels are a PNG file.
    EmbeddedPng,
    /// PNG: a filter method other than 0.
    FilterMethod {
        /// The value found.
        found: u8,
    },
    /// PNG: the first chunk (after Apple's CgBI) is not IHDR.
    FirstChunk {
        /// The chunk type found.
        found: [u8; 4],
    },
    /// WebP: the first chunk is none of `VP8 `, `VP8L` and `VP8X`.
    FirstWebpChunk {
        /// The chunk type found.
        found: [u8; 4],
    },
    /// JPEG: a frame header whose length does not fit its number of components.
    FrameLength {
        /// The length that the components need, in bytes.
        expected: u16,
        /// The length found, in bytes.
        found: u16,
    },
    /// The header goes on behind the budget for headers.
    HeaderTooLong {
        /// The budget in bytes.
        limit: u64,
    },
    /// JPEG: height 0, to be told behind the first scan (DNL). Decoders refuse it.
    HeightDeferred,
    /// PNG: the checksum of IHDR does not fit its bytes.
    IhdrCrc {
        /// The checksum of the bytes.
        computed: u32,
        /// The checksum in the file.
        found: u32,
    },
    /// PNG: IHDR is not 13 bytes long.
    IhdrLength {
        /// The length found, in bytes.
        found: u32,
    },
    /// PNG: an interlace method above 1.
    InterlaceMethod {
        /// The value found.
        found: u8,
    },
    /// JPEG-LS, another format under JPEG's signature.
    JpegLs,
    /// JPEG: a marker that may not stand before the frame header.
    MarkerBeforeFrame {
        /// The second byte of the marker.
        marker: u8,
    },
    /// BMP: a width below zero.
    NegativeWidth {
        /// The width found, in px.
        found: i32,
    },
    /// BMP: the pixels begin inside the header.
    PixelOffset {
        /// The least offset, in bytes.
        least: u32,
        /// The offset found, in bytes.
        found: u32,
    },
    /// BMP: a number of planes other than 1.
    Planes {
        /// The value found.
        found: u16,
    },
    /// PNG: the signature's last bytes are not what they should be: the file went through a
    /// transfer that changes line ends, or strips the eighth bit.
    PngSignature {
        /// The eight bytes found.
        found: [u8; 8],
    },
    /// WebP: a RIFF size outside 12 ..= 2³² − 10.
    RiffSize {
        /// The size found, in bytes.
        found: u32,
    },
    /// JPEG: a sample precision that the frame's coding does not have.
    SamplePrecision {
        /// The precision found, in bits.
        found: u8,
    },
    /// JPEG: a sampling factor outside 1 ..= 4.
    SamplingFactor {
        /// The byte found: horizontal factor in the upper half, vertical in the lower.
        found: u8,
    },
    /// JPEG: a segment shorter than its own length field.
    SegmentLength {
        /// The second byte of the marker.
        marker: u8,
        /// The length found, in bytes.
        found: u16,
    },
    /// PNG: a side above 2³¹ − 1.
    SideTooLarge {
        /// The side found, in px.
        found: u32,
    },
    /// JPEG: fill bytes without end before a marker.
    TooMuchFill {
        /// The limit in bytes.
        limit: u32,
    },
    /// JPEG: too many bytes that belong to no segment.
    TooMuchJunk {
        /// The limit in bytes.
        limit: u32,
    },
    /// JPEG: more segments than any real file has before its frame header.
    TooManySegments {
        /// The limit.
        limit: u32,
    },
    /// The data ends inside the header, or before the length that the header gives the file.
    Truncated {
        /// The least length of the file in bytes, as far as the header told.
        needed: u64,
        /// The length of the file in bytes.
        len: u64,
    },
    /// None of the four signatures.
    Unrecognised,
    /// WebP: VP8 data that does not begin with a key frame.
    Vp8KeyFrame,
    /// WebP: a key frame that is not to be shown.
    Vp8NotShown,
    /// WebP: a first partition as long as its chunk or longer.
    Vp8Partition {
        /// The size of the chunk in bytes.
        chunk: u32,
        /// The size of the partition in bytes.
        found: u32,
    },
    /// WebP: a VP8 profile above 3.
    Vp8Profile {
        /// The value found.
        found: u8,
    },
    /// WebP: a VP8 key frame without the start code 9D 01 2A.
    Vp8StartCode {
        /// The bytes found.
        found: [u8; 3],
    },
    /// WebP: VP8L data that does not begin with 0x2F.
    Vp8lSignature {
        /// The byte found.
        found: u8,
    },
    /// WebP: a VP8L version other than 0.
    Vp8lVersion {
        /// The value found.
        found: u8,
    },
    /// A side of 0 px.
    ZeroSide {
        /// Width in px.
        width: u32,
        /// Height in px.
        height: u32,
    },
}

impl Defect {
    /// The defect's name in kebab case, as in machine-readable output.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BitCount { .. } => "bit-count",
            Self::BitmapArray => "bitmap-array",
            Self::CanvasArea { .. } => "canvas-area",
            Self::ChunkSize { .. } => "chunk-size",
            Self::ColourType { .. } => "colour-type",
            Self::ComponentCount { .. } => "component-count",
            Self::CompressionMethod { .. } => "compression-method",
            Self::DibSize { .. } => "dib-size",
            Self::EmbeddedJpeg => "embedded-jpeg",
            Self::EmbeddedPng => "embedded-png",
            Self::FilterMethod { .. } => "filter-method",
            Self::FirstChunk { .. } => "first-chunk",
            Self::FirstWebpChunk { .. } => "first-webp-chunk",
            Self::FrameLength { .. } => "frame-length",
            Self::HeaderTooLong { .. } => "header-too-long",
            Self::HeightDeferred => "height-deferred",
            Self::IhdrCrc { .. } => "ihdr-crc",
            Self::IhdrLength { .. } => "ihdr-length",
            Self::InterlaceMethod { .. } => "interlace-method",
            Self::JpegLs => "jpeg-ls",
            Self::MarkerBeforeFrame { .. } => "marker-before-frame",
            Self::NegativeWidth { .. } => "negative-width",
            Self::PixelOffset { .. } => "pixel-offset",
            Self::Planes { .. } => "planes",
            Self::PngSignature { .. } => "png-signature",
            Self::RiffSize { .. } => "riff-size",
            Self::SamplePrecision { .. } => "sample-precision",
            Self::SamplingFactor { .. } => "sampling-factor",
            Self::SegmentLength { .. } => "segment-length",
            Self::SideTooLarge { .. } => "side-too-large",
            Self::TooManySegments { .. } => "too-many-segments",
            Self::TooMuchFill { .. } => "too-much-fill",
            Self::TooMuchJunk { .. } => "too-much-junk",
            Self::Truncated { .. } => "truncated",
            Self::Unrecognised => "unrecognised",
            Self::Vp8KeyFrame => "vp8-key-frame",
            Self::Vp8NotShown => "vp8-not-shown",
            Self::Vp8Partition { .. } => "vp8-partition",
            Self::Vp8Profile { .. } => "vp8-profile",
            Self::Vp8StartCode { .. } => "vp8-start-code",
            Self::Vp8lSignature { .. } => "vp8l-signature",
            Self::Vp8lVersion { .. } => "vp8l-version",
            Self::ZeroSide { .. } => "zero-side",
        }
    }

    /// The section that the defect breaks. Sides, signatures and length are everybody's, so that
    /// the format decides there.
    const fn section(&self, format: Option<Format>) -> &'static str {
        match self {
            Self::BitCount { .. } => "BITMAPINFOHEADER, biBitCount",
            Self::BitmapArray => "OS/2 BITMAPARRAYFILEHEADER",
            Self::CanvasArea { .. } => "RFC 9649, section 2.7",
            Self::ChunkSize { .. } => "RFC 9649, section 2.3",
            Self::ColourType { .. } => "PNG (third edition), 11.2.1, table 12",
            Self::ComponentCount { .. } => "ITU-T T.81, B.2.2 (Nf)",
            Self::CompressionMethod { .. } => "PNG (third edition), 11.2.1 (compression method)",
            Self::DibSize { .. } => "BITMAPINFOHEADER, biSize",
            Self::EmbeddedJpeg | Self::EmbeddedPng => "BITMAPINFOHEADER, biCompression",
            Self::FilterMethod { .. } => "PNG (third edition), 11.2.1 (filter method)",
            Self::FirstChunk { .. } => "PNG (third edition), 5.6",
            Self::FirstWebpChunk { .. } => "RFC 9649, sections 2.5 to 2.7",
            Self::FrameLength { .. } => "ITU-T T.81, B.2.2 (Lf)",
            Self::HeightDeferred => "ITU-T T.81, B.2.5 (DNL)",
            Self::IhdrCrc { .. } => "PNG (third edition), 5.5",
            Self::IhdrLength { .. } => "PNG (third edition), 11.2.1",
            Self::InterlaceMethod { .. } => "PNG (third edition), 11.2.1 (interlace method)",
            Self::JpegLs => "ITU-T T.87, C.1.1",
            Self::MarkerBeforeFrame { .. } => "ITU-T T.81, B.2.1",
            Self::NegativeWidth { .. } => "BITMAPINFOHEADER, biWidth",
            Self::PixelOffset { .. } => "BITMAPFILEHEADER, bfOffBits",
            Self::Planes { .. } => "BITMAPINFOHEADER, biPlanes",
            Self::PngSignature { .. } => "PNG (third edition), 5.2",
            Self::RiffSize { .. } => "RFC 9649, section 2.4",
            Self::SamplePrecision { .. } => "ITU-T T.81, B.2.2 (P)",
            Self::SamplingFactor { .. } => "ITU-T T.81, B.2.2 (Hi, Vi)",
            Self::SegmentLength { .. } => "ITU-T T.81, B.1.1.4",
            Self::SideTooLarge { .. } => "PNG (third edition), 7.1",
            Self::TooMuchFill { .. } => "ITU-T T.81, B.1.1.2",
            Self::TooManySegments { .. } | Self::TooMuchJunk { .. } => "ITU-T T.81, B.2.1",
            Self::Unrecognised => "the signatures of JPEG, PNG, BMP and WebP",
            Self::Vp8KeyFrame
            | Self::Vp8NotShown
            | Self::Vp8Partition { .. }
            | Self::Vp8Profile { .. }
            | Self::Vp8StartCode { .. } => "RFC 6386, section 9.1",
            Self::Vp8lSignature { .. } | Self::Vp8lVersion { .. } => "RFC 9649, section 3.4",
            Self::HeaderTooLong { .. } | Self::Truncated { .. } => match format {
                Some(Format::Jpeg) => "ITU-T T.81, B.2.1",
                Some(Format::Png) => "PNG (third edition), 5.6",
                Some(Format::Bmp) => "BITMAPFILEHEADER and BITMAPINFOHEADER",
                Some(Format::Webp) => "RFC 9649, section 2.4",
                None => "the signatures of JPEG, PNG, BMP and WebP",
            },
            Self::ZeroSide { .. } => match format {
                Some(Format::Jpeg) => "ITU-T T.81, B.2.2 (X, Y)",
                Some(Format::Png) => "PNG (third edition), 11.2.1",
                Some(Format::Bmp) => "BITMAPINFOHEADER, biWidth and biHeight",
                Some(Format::Webp) | None => "RFC 6386, section 9.1",
            },
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BitCount { found } => {
                write!(f, "expected 1, 2, 4, 8, 16, 24, 32 or 64 bits a pixel, but found {found}")
            }
            Self::BitmapArray => {
                f.write_str("expected one bitmap (\"BM\"), but found an OS/2 bitmap array (\"BA\")")
            }
            Self::CanvasArea { width, height } => {
                write!(f, "expected a canvas below 4,294,967,296 px, but found {width} x {height} px")
            }
            Self::ChunkSize { least, most, found } => {
                write!(f, "expected a chunk of {least} to {most} bytes, but found {found} bytes")
            }
            Self::ColourType { colour, depth } => write!(
                f,
                "expected a colour type (0, 2, 3, 4 or 6) and a bit depth that it allows, \
                 but found colour type {colour} with {depth} bits"
            ),
            Self::ComponentCount { found } => {
                write!(f, "expected 1 to 4 components, but found {found}")
            }
            Self::CompressionMethod { found } => {
                write!(f, "expected compression method 0, but found {found}")
            }
            Self::DibSize { found } => write!(
                f,
                "expected a DIB header of 12, 16 to 64, 108 or 124 bytes, but found {found} bytes"
            ),
            Self::EmbeddedJpeg => f.write_str("expected pixels, but found an embedded JPEG file"),
            Self::EmbeddedPng => f.write_str("expected pixels, but found an embedded PNG file"),
            Self::FilterMethod { found } => {
                write!(f, "expected filter method 0, but found {found}")
            }
            Self::FirstChunk { found } => {
                write!(f, "expected the chunk \"IHDR\" first, but found {}", FourCc(found))
            }
            Self::FirstWebpChunk { found } => write!(
                f,
                "expected the chunk \"VP8 \", \"VP8L\" or \"VP8X\" first, but found {}",
                FourCc(found)
            ),
            Self::FrameLength { expected, found } => {
                write!(f, "expected a frame header of {expected} bytes, but found {found} bytes")
            }
            Self::HeaderTooLong { limit } => {
                write!(f, "expected the header to end within {limit} bytes, but found it to go on")
            }
            Self::HeightDeferred => f.write_str(
                "expected the height in the frame header, but found 0: it is deferred to a DNL segment",
            ),
            Self::IhdrCrc { computed, found } => {
                write!(f, "expected the checksum {computed:#010X} of IHDR, but found {found:#010X}")
            }
            Self::IhdrLength { found } => {
                write!(f, "expected an IHDR of 13 bytes, but found {found} bytes")
            }
            Self::InterlaceMethod { found } => {
                write!(f, "expected interlace method 0 or 1, but found {found}")
            }
            Self::JpegLs => f.write_str("expected JPEG, but found JPEG-LS (marker 0xF7)"),
            Self::MarkerBeforeFrame { marker } => {
                write!(f, "expected a frame header (SOF), but found the marker {}", Marker(marker))
            }
            Self::NegativeWidth { found } => {
                write!(f, "expected a width above 0 px, but found {found} px")
            }
            Self::PixelOffset { least, found } => {
                write!(f, "expected the pixels at byte {least} or later, but found them at {found}")
            }
            Self::Planes { found } => write!(f, "expected 1 plane, but found {found}"),
            Self::PngSignature { found } => {
                f.write_str("expected 89 50 4E 47 0D 0A 1A 0A, but found")?;
                found.iter().try_for_each(|byte| write!(f, " {byte:02X}"))?;
                f.write_str(" (were line ends converted on the way?)")
            }
            Self::RiffSize { found } => write!(
                f,
                "expected a RIFF size of 12 to 4,294,967,286 bytes, but found {found} bytes"
            ),
            Self::SamplePrecision { found } => {
                write!(f, "expected 8 or 12 bits a sample (lossless: 2 to 16), but found {found}")
            }
            Self::SamplingFactor { found } => write!(
                f,
                "expected sampling factors of 1 to 4, but found {} x {}",
                found >> 4,
                found & 0x0F
            ),
            Self::SegmentLength { marker, found } => write!(
                f,
                "expected a segment of at least 2 bytes after the marker {}, but found {found}",
                Marker(marker)
            ),
            Self::SideTooLarge { found } => {
                write!(f, "expected a side of at most 2,147,483,647 px, but found {found} px")
            }
            Self::TooMuchFill { limit } => {
                write!(f, "expected at most {limit} fill bytes (0xFF), but found more")
            }
            Self::TooMuchJunk { limit } => {
                write!(f, "expected at most {limit} bytes outside segments, but found more")
            }
            Self::TooManySegments { limit } => {
                write!(f, "expected a frame header within {limit} segments, but found none")
            }
            Self::Truncated { needed, len } => {
                write!(f, "expected at least {needed} bytes, but found the end after {len} bytes")
            }
            Self::Unrecognised => {
                f.write_str("expected a JPEG, PNG, BMP or WebP signature, but found none of them")
            }
            Self::Vp8KeyFrame => f.write_str("expected a key frame, but found an inter frame"),
            Self::Vp8NotShown => {
                f.write_str("expected a frame to be shown, but found one that is not")
            }
            Self::Vp8Partition { chunk, found } => write!(
                f,
                "expected a first partition shorter than its chunk of {chunk} bytes, \
                 but found {found} bytes"
            ),
            Self::Vp8Profile { found } => {
                write!(f, "expected a VP8 profile of 0 to 3, but found {found}")
            }
            Self::Vp8StartCode { found: [a, b, c] } => write!(
                f,
                "expected the start code 9D 01 2A, but found {a:02X} {b:02X} {c:02X}"
            ),
            Self::Vp8lSignature { found } => {
                write!(f, "expected the signature byte 0x2F, but found {found:#04X}")
            }
            Self::Vp8lVersion { found } => {
                write!(f, "expected VP8L version 0, but found {found}")
            }
            Self::ZeroSide { width, height } => {
                write!(f, "expected sides of at least 1 px, but found {width} x {height} px")
            }
        }
    }
}

/// `JPEG, ` or nothing.
struct Prefix(Option<Format>);

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |format| write!(f, "{format}, "))
    }
}

/// A chunk type: quoted, with strangers' bytes escaped.
struct FourCc([u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// A JPEG marker's second byte, with its name in T.81 table B.1 where it has one.
struct Marker(u8);

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0xC4 => "DHT",
            0xC8 => "JPG",
            0xCC => "DAC",
            0xD8 => "SOI",
            0xD9 => "EOI",
            0xDA => "SOS",
            0xDB => "DQT",
            0xDC => "DNL",
            0xDD => "DRI",
            0xDE => "DHP",
            0xDF => "EXP",
            0xC0..=0xCF => "SOF",
            _ => "reserved",
        };
        write!(f, "{:#04X} ({name})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use core::error::Error;

    use super::*;

    #[test]
    fn the_error_is_small_and_its_own_cause() {
        fn shared<T: Error + Send + Sync + 'static>(_: &T) {}
        let error = HeaderError {
            defect: Defect::JpegLs,
            offset: 2,
            format: Some(Format::Jpeg),
        };
        shared(&error);
        assert!(error.source().is_none());
        assert!(
            size_of::<HeaderError>() <= 40,
            "{}",
            size_of::<HeaderError>()
        );
    }

    #[test]
    fn strangers_bytes_are_escaped() {
        let defect = Defect::FirstChunk { found: *b"\x1b[3m" };
        assert_eq!(
            HeaderError {
                defect,
                offset: 12,
                format: Some(Format::Png)
            }
            .to_string(),
            r#"PNG, byte 12: expected the chunk "IHDR" first, but found "\x1b[3m""#
        );
    }

    #[test]
    fn where_no_format_is_known_none_is_named() {
        let error = HeaderError {
            defect: Defect::Unrecognised,
            offset: 0,
            format: None,
        };
        assert!(error.to_string().starts_with("byte 0: expected a JPEG"));
    }
}
