//! The rule that each defect breaks.

use super::Defect;
use crate::Format;

impl Defect {
    /// The section that the defect breaks. Sides, signatures and length are everybody's, so that
    /// the format decides there.
    pub(crate) const fn section(&self, format: Option<Format>) -> &'static str {
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
