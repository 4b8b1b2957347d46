//! What can be wrong with a header.

mod display;
mod section;

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
}
