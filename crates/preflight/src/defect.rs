//! What can be wrong with a header: one row a defect.

mod shown;

use core::fmt;

use crate::Format;
use shown::{FourCc, Hex, Marker};

/// Where a rule is written down.
enum Rule {
    Is(&'static str),
    /// Where the format's header ends.
    End,
    /// What the format says of its sides.
    Sides,
}

/// Defines [`Defect`]. A row: doc, variant with its fields, name for machines, rule, text with its
/// arguments.
macro_rules! defects {
    ($($(#[$doc:meta])* $variant:ident $({
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    })?: $name:literal, $rule:expr, $text:literal $(, $argument:expr)*;)+) => {
        /// A fault of a header.
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
            $($(#[$doc])* $variant $({ $($(#[$field_doc])* $field: $type,)+ })?,)+
        }

        impl Defect {
            /// The defect's name in kebab case, as in machine-readable output.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant $({ $($field: _,)+ })? => $name,)+ }
            }

            const fn rule(&self) -> Rule {
                match self { $(Self::$variant $({ $($field: _,)+ })? => $rule,)+ }
            }
        }

        impl fmt::Display for Defect {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$variant $({ $($field,)+ })? => write!(f, $text $(, $argument)*),)+
                }
            }
        }
    };
}

defects! {
    /// BMP: a number of bits a pixel that no version of the format has.
    BitCount {
        /// The value found.
        found: u16,
    }: "bit-count", Rule::Is("BITMAPINFOHEADER, biBitCount"),
        "expected 1, 2, 4, 8, 16, 24, 32 or 64 bits a pixel, but found {found}";
    /// BMP: an OS/2 bitmap array ("BA"), a list of images of which none counts before the others.
    BitmapArray: "bitmap-array", Rule::Is("OS/2 BITMAPARRAYFILEHEADER"),
        "expected one bitmap (\"BM\"), but found an OS/2 bitmap array (\"BA\")";
    /// WebP: a canvas of 2³² px or more.
    CanvasArea {
        /// Canvas width in px.
        width: u32,
        /// Canvas height in px.
        height: u32,
    }: "canvas-area", Rule::Is("RFC 9649, section 2.7"),
        "expected a canvas below 4,294,967,296 px, but found {width} x {height} px";
    /// WebP: a still image whose canvas is not as large as its picture.
    CanvasPicture {
        /// Canvas width and height in px.
        canvas: (u32, u32),
        /// Width and height of the picture in px.
        picture: (u32, u32),
    }: "canvas-picture", Rule::Is("RFC 9649, section 2.7"),
        "expected a picture as large as its canvas of {} x {} px, but found one of {} x {} px",
        canvas.0, canvas.1, picture.0, picture.1;
    /// WebP: a chunk that does not fit into the RIFF container, or not into its own kind.
    ChunkSize {
        /// The least size in bytes.
        least: u32,
        /// The greatest size in bytes.
        most: u32,
        /// The size found, in bytes.
        found: u32,
    }: "chunk-size", Rule::Is("RFC 9649, section 2.3"),
        "expected a chunk of {least} to {most} bytes, but found {found} bytes";
    /// PNG: a bit depth that its colour type does not allow, or no colour type.
    ColourType {
        /// The colour type found.
        colour: u8,
        /// The bit depth found, in bits.
        depth: u8,
    }: "colour-type", Rule::Is("PNG (third edition), 11.2.1, table 12"),
        "expected a colour type (0, 2, 3, 4 or 6) and a bit depth that it allows, but found colour type {colour} with {depth} bits";
    /// JPEG: a number of components that no reader takes.
    ComponentCount {
        /// The value found.
        found: u8,
    }: "component-count", Rule::Is("ITU-T T.81, B.2.2 (Nf)"),
        "expected 1 to 4 components, but found {found}";
    /// BMP: a coding of the pixels that no version of the format has, or not with so many bits a pixel.
    Compression {
        /// biCompression.
        found: u32,
        /// Bits a pixel.
        bits: u16,
    }: "compression", Rule::Is("BITMAPINFOHEADER, biCompression"),
        "expected a coding that goes with {bits} bits a pixel, but found number {found}";
    /// PNG: a compression method other than 0.
    CompressionMethod {
        /// The value found.
        found: u8,
    }: "compression-method", Rule::Is("PNG (third edition), 11.2.1 (compression method)"),
        "expected compression method 0, but found {found}";
    /// BMP: a size of the DIB header that no version of the format has.
    DibSize {
        /// The size found, in bytes.
        found: u32,
    }: "dib-size", Rule::Is("BITMAPINFOHEADER, biSize"),
        "expected a DIB header of 12, 16 to 64, 108 or 124 bytes, but found {found} bytes";
    /// BMP: the pixels are a JPEG file.
    EmbeddedJpeg: "embedded-jpeg", Rule::Is("BITMAPINFOHEADER, biCompression"),
        "expected pixels, but found an embedded JPEG file";
    /// BMP: the pixels are a PNG file.
    EmbeddedPng: "embedded-png", Rule::Is("BITMAPINFOHEADER, biCompression"),
        "expected pixels, but found an embedded PNG file";
    /// PNG: a filter method other than 0.
    FilterMethod {
        /// The value found.
        found: u8,
    }: "filter-method", Rule::Is("PNG (third edition), 11.2.1 (filter method)"),
        "expected filter method 0, but found {found}";
    /// PNG: the first chunk (after Apple's CgBI) is not IHDR.
    FirstChunk {
        /// The chunk type found.
        found: [u8; 4],
    }: "first-chunk", Rule::Is("PNG (third edition), 5.6"),
        "expected the chunk \"IHDR\" first, but found {}", FourCc(found);
    /// WebP: the first chunk is neither `VP8 ` nor `VP8L` nor `VP8X`.
    FirstWebpChunk {
        /// The chunk type found.
        found: [u8; 4],
    }: "first-webp-chunk", Rule::Is("RFC 9649, sections 2.5 to 2.7"),
        "expected the chunk \"VP8 \", \"VP8L\" or \"VP8X\" first, but found {}", FourCc(found);
    /// JPEG: a frame header whose length does not fit its number of components.
    FrameLength {
        /// The length that the components need, in bytes.
        expected: u16,
        /// The length found, in bytes.
        found: u16,
    }: "frame-length", Rule::Is("ITU-T T.81, B.2.2 (Lf)"),
        "expected a frame header of {expected} bytes, but found {found} bytes";
    /// The header goes on behind the budget for headers.
    HeaderTooLong {
        /// The budget in bytes.
        limit: u64,
    }: "header-too-long", Rule::End,
        "expected the header to end within {limit} bytes, but found it to go on";
    /// JPEG: height 0, to be told behind the first scan (DNL). Decoders refuse it.
    HeightDeferred: "height-deferred", Rule::Is("ITU-T T.81, B.2.5 (DNL)"),
        "expected the height in the frame header, but found 0: it is deferred to a DNL segment";
    /// PNG: the checksum of IHDR does not fit its bytes.
    IhdrCrc {
        /// The checksum of the bytes.
        computed: u32,
        /// The checksum in the file.
        found: u32,
    }: "ihdr-crc", Rule::Is("PNG (third edition), 5.5"),
        "expected the checksum {computed:#010X} of IHDR, but found {found:#010X}";
    /// PNG: IHDR is not 13 bytes long.
    IhdrLength {
        /// The length found, in bytes.
        found: u32,
    }: "ihdr-length", Rule::Is("PNG (third edition), 11.2.1"),
        "expected an IHDR of 13 bytes, but found {found} bytes";
    /// PNG: an interlace method above 1.
    InterlaceMethod {
        /// The value found.
        found: u8,
    }: "interlace-method", Rule::Is("PNG (third edition), 11.2.1 (interlace method)"),
        "expected interlace method 0 or 1, but found {found}";
    /// JPEG-LS, another format under JPEG's signature.
    JpegLs: "jpeg-ls", Rule::Is("ITU-T T.87, C.1.1"),
        "expected JPEG, but found JPEG-LS (marker 0xF7)";
    /// JPEG: a marker that may not stand before the frame header.
    MarkerBeforeFrame {
        /// The second byte of the marker.
        marker: u8,
    }: "marker-before-frame", Rule::Is("ITU-T T.81, B.2.1"),
        "expected a frame header (SOF), but found the marker {}", Marker(marker);
    /// BMP: a width below zero.
    NegativeWidth {
        /// The width found, in px.
        found: i32,
    }: "negative-width", Rule::Is("BITMAPINFOHEADER, biWidth"),
        "expected a width above 0 px, but found {found} px";
    /// BMP: up to 8 bits a pixel, and no palette between header and pixels.
    NoPalette {
        /// The colours that the header calls for.
        colours: u32,
    }: "no-palette", Rule::Is("BITMAPINFOHEADER, biClrUsed"),
        "expected a palette of {colours} colours before the pixels, but found no room for one";
    /// WebP: no chunk with a picture.
    NoPicture: "no-picture", Rule::Is("RFC 9649, section 2.7"),
        "expected a picture in a chunk \"VP8 \" or \"VP8L\", but found none";
    /// BMP: the pixels begin inside the header.
    PixelOffset {
        /// The least offset, in bytes.
        least: u32,
        /// The offset found, in bytes.
        found: u32,
    }: "pixel-offset", Rule::Is("BITMAPFILEHEADER, bfOffBits"),
        "expected the pixels at byte {least} or later, but found them at {found}";
    /// BMP: a number of planes other than 1.
    Planes {
        /// The value found.
        found: u16,
    }: "planes", Rule::Is("BITMAPINFOHEADER, biPlanes"),
        "expected 1 plane, but found {found}";
    /// PNG: the signature's last bytes are not what they should be: the file went through a
    /// transfer that changes line ends, or strips the eighth bit.
    PngSignature {
        /// The eight bytes found.
        found: [u8; 8],
    }: "png-signature", Rule::Is("PNG (third edition), 5.2"),
        "expected 89 50 4E 47 0D 0A 1A 0A, but found {} (were line ends converted on the way?)", Hex(&found);
    /// WebP: a RIFF size that has no room for an image, or is above 2³² − 10.
    RiffSize {
        /// The least size, in bytes.
        least: u32,
        /// The size found, in bytes.
        found: u32,
    }: "riff-size", Rule::Is("RFC 9649, section 2.4"),
        "expected a RIFF size of {least} to 4,294,967,286 bytes, but found {found} bytes";
    /// JPEG: a sample precision that the frame's coding does not have.
    SamplePrecision {
        /// The precision found, in bits.
        found: u8,
    }: "sample-precision", Rule::Is("ITU-T T.81, B.2.2 (P)"),
        "expected 8 or 12 bits a sample (lossless: 2 to 16), but found {found}";
    /// JPEG: a sampling factor outside 1 ..= 4.
    SamplingFactor {
        /// The byte found: horizontal factor in the upper half, vertical in the lower.
        found: u8,
    }: "sampling-factor", Rule::Is("ITU-T T.81, B.2.2 (Hi, Vi)"),
        "expected sampling factors of 1 to 4, but found {} x {}", found >> 4, found & 0x0F;
    /// JPEG: a segment shorter than its own length field.
    SegmentLength {
        /// The second byte of the marker.
        marker: u8,
        /// The length found, in bytes.
        found: u16,
    }: "segment-length", Rule::Is("ITU-T T.81, B.1.1.4"),
        "expected a segment of at least 2 bytes after the marker {}, but found {found}", Marker(marker);
    /// PNG: a side above 2³¹ − 1.
    SideTooLarge {
        /// The side found, in px.
        found: u32,
    }: "side-too-large", Rule::Is("PNG (third edition), 7.1"),
        "expected a side of at most 2,147,483,647 px, but found {found} px";
    /// JPEG: fill bytes without end before a marker.
    TooMuchFill {
        /// The limit in bytes.
        limit: u32,
    }: "too-much-fill", Rule::Is("ITU-T T.81, B.1.1.2"),
        "expected at most {limit} fill bytes (0xFF), but found more";
    /// JPEG: too many bytes that belong to no segment.
    TooMuchJunk {
        /// The limit in bytes.
        limit: u32,
    }: "too-much-junk", Rule::Is("ITU-T T.81, B.2.1"),
        "expected at most {limit} bytes outside segments, but found more";
    /// JPEG: more segments than any real file has before its frame header.
    TooManySegments {
        /// The limit.
        limit: u32,
    }: "too-many-segments", Rule::Is("ITU-T T.81, B.2.1"),
        "expected a frame header within {limit} segments, but found none";
    /// The data ends inside the header, or before the length that the header gives the file.
    Truncated {
        /// The least length of the file in bytes, as far as the header told.
        needed: u64,
        /// The length of the file in bytes.
        len: u64,
    }: "truncated", Rule::End,
        "expected at least {needed} bytes, but found the end after {len} bytes";
    /// None of the four signatures.
    Unrecognised: "unrecognised", Rule::Is("the signatures of JPEG, PNG, BMP and WebP"),
        "expected a JPEG, PNG, BMP or WebP signature, but found none of them";
    /// WebP: VP8 data that does not begin with a key frame.
    Vp8KeyFrame: "vp8-key-frame", Rule::Is("RFC 6386, section 9.1"),
        "expected a key frame, but found an inter frame";
    /// WebP: a key frame that is not to be shown.
    Vp8NotShown: "vp8-not-shown", Rule::Is("RFC 6386, section 9.1"),
        "expected a frame to be shown, but found one that is not";
    /// WebP: a first partition as long as its chunk or longer.
    Vp8Partition {
        /// The size of the chunk in bytes.
        chunk: u32,
        /// The size of the partition in bytes.
        found: u32,
    }: "vp8-partition", Rule::Is("RFC 6386, section 9.1"),
        "expected a first partition shorter than its chunk of {chunk} bytes, but found {found} bytes";
    /// WebP: a VP8 profile above 3.
    Vp8Profile {
        /// The value found.
        found: u8,
    }: "vp8-profile", Rule::Is("RFC 6386, section 9.1"),
        "expected a VP8 profile of 0 to 3, but found {found}";
    /// WebP: a VP8 key frame without the start code 9D 01 2A.
    Vp8StartCode {
        /// The bytes found.
        found: [u8; 3],
    }: "vp8-start-code", Rule::Is("RFC 6386, section 9.1"),
        "expected the start code 9D 01 2A, but found {}", Hex(&found);
    /// WebP: VP8L data that does not begin with 0x2F.
    Vp8lSignature {
        /// The byte found.
        found: u8,
    }: "vp8l-signature", Rule::Is("RFC 9649, section 3.4"),
        "expected the signature byte 0x2F, but found {found:#04X}";
    /// WebP: a VP8L version other than 0.
    Vp8lVersion {
        /// The value found.
        found: u8,
    }: "vp8l-version", Rule::Is("RFC 9649, section 3.4"),
        "expected VP8L version 0, but found {found}";
    /// A side of 0 px.
    ZeroSide {
        /// Width in px.
        width: u32,
        /// Height in px.
        height: u32,
    }: "zero-side", Rule::Sides,
        "expected sides of at least 1 px, but found {width} x {height} px";
}

impl Defect {
    /// The section that the defect breaks, of the format's specification.
    pub(crate) const fn section(&self, format: Option<Format>) -> &'static str {
        match (self.rule(), format) {
            (Rule::Is(section), _) => section,
            (Rule::End, Some(Format::Jpeg)) => "ITU-T T.81, B.2.1",
            (Rule::End, Some(Format::Png)) => "PNG (third edition), 5.6",
            (Rule::End, Some(Format::Bmp)) => "BITMAPFILEHEADER and BITMAPINFOHEADER",
            (Rule::End, Some(Format::Webp)) => "RFC 9649, section 2.4",
            (Rule::End, None) => "the signatures of JPEG, PNG, BMP and WebP",
            (Rule::Sides, Some(Format::Jpeg)) => "ITU-T T.81, B.2.2 (X, Y)",
            (Rule::Sides, Some(Format::Png)) => "PNG (third edition), 11.2.1",
            (Rule::Sides, Some(Format::Bmp)) => "BITMAPINFOHEADER, biWidth and biHeight",
            (Rule::Sides, Some(Format::Webp) | None) => "RFC 6386, section 9.1",
        }
    }
}
