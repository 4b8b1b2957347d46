//! Each defect in words: "expected …, but found …".

use core::fmt;

use super::Defect;

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
