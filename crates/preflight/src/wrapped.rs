//! Images in a wrapping that no image reader takes off.

use core::fmt;

use crate::Format;
use crate::names::names;

names! {
    /// The thing around an image. `Display` follows the image's name: `in base64`.
    #[non_exhaustive]
    Wrapping {
        /// AppleDouble, what a Mac keeps beside a file (`._photo.jpg`); the image is in that file.
        AppleDouble: "apple-double", "as AppleDouble, what a Mac keeps beside the file itself";
        /// AppleSingle, a Mac's file and what belongs to it in one.
        AppleSingle: "apple-single", "in AppleSingle";
        /// Base64.
        Base64: "base64", "in base64";
        /// A byte order mark before the image.
        ByteOrderMark: "byte-order-mark", "behind a byte order mark of text";
        /// A list of the bytes as numbers, as JSON has it.
        ByteList: "byte-list", "as a list of numbers";
        /// A `data:` URI.
        DataUri: "data-uri", "in a data: URI";
        /// A dump of the bytes, as hexdump, xxd, od and Format-Hex print it.
        Dump: "dump", "as a dump of its bytes";
        /// The bytes as a program prints them, with `\x89`.
        Escapes: "escapes", "as the printed form of its bytes";
        /// Hexadecimal digits, one behind the other.
        Hex: "hex", "in hexadecimal";
        /// An HTTP response with its head.
        Http: "http", "behind the head of an HTTP answer";
        /// Each byte was taken for a character of Latin-1 and stored as UTF-8.
        Latin1: "latin-1", "that was read as Latin-1 text and stored as UTF-8";
        /// MacBinary.
        MacBinary: "mac-binary", "in MacBinary";
        /// A part of a multipart body.
        Multipart: "multipart", "in a multipart body";
        /// Percent-coding, with `%89`.
        PercentCoding: "percent-coding", "in percent-coding";
        /// Quoted-printable, with `=89`, as mail has it.
        QuotedPrintable: "quoted-printable", "in quoted-printable";
        /// The bytes that are not text were replaced: by U+FFFD (EF BF BD), or by question marks.
        Replaced: "replaced", "that was read as UTF-8 text, which replaced its other bytes (EF BF BD)";
        /// Blanks or text before the image, such as a script's warning.
        Text: "text", "behind text that does not belong to it";
    }
}

/// An image in a wrapping: not an image to any reader before the wrapping is taken off.
///
/// ```
/// use preflight::{Content, Format, Wrapping, probe_bytes};
///
/// let Content::Wrapped(found) = probe_bytes(b"iVBORw0KGgoAAAANSUhEUgAAAZAAAAH0").content else {
///     unreachable!()
/// };
/// assert_eq!((found.format, found.wrapping), (Some(Format::Png), Wrapping::Base64));
/// assert_eq!(found.to_string(), "a PNG in base64");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Wrapped {
    /// The format of the image; none for AppleDouble, which holds no image.
    pub format: Option<Format>,
    /// The thing around it.
    pub wrapping: Wrapping,
    /// Where the image's own bytes begin, in bytes from the start of the file; none where they are
    /// coded, or lost.
    pub offset: Option<u32>,
}

impl Wrapped {
    pub(crate) const fn coded(format: Format, wrapping: Wrapping) -> Self {
        Self {
            format: Some(format),
            wrapping,
            offset: None,
        }
    }

    /// How to get at the image, as a sentence without its full stop.
    #[must_use]
    pub const fn cure(self) -> &'static str {
        match self.wrapping {
            Wrapping::AppleDouble => "take the file of the same name without \"._\"",
            Wrapping::AppleSingle | Wrapping::MacBinary => {
                "unpack it, or cut off the bytes before the image"
            }
            Wrapping::Base64 => "decode it before it is stored (base64 -d)",
            Wrapping::ByteList => "store the numbers as bytes, not as JSON",
            Wrapping::ByteOrderMark | Wrapping::Text => {
                "cut off the bytes before the image, and write it as binary data, not as text"
            }
            Wrapping::DataUri => {
                "decode what stands behind the comma: base64 (base64 -d), or percent-coding"
            }
            Wrapping::Dump => {
                "store the file itself, not a dump of it (xxd -r turns one of xxd back)"
            }
            Wrapping::Escapes => "store the bytes themselves, not their printed form",
            Wrapping::Hex => "decode it before it is stored (xxd -r -p)",
            Wrapping::Http => "store the body of the answer alone, without its head",
            Wrapping::Latin1 => {
                "transfer the image as binary data, not as text; iconv -f utf-8 -t latin1 mends it"
            }
            Wrapping::Multipart => "store the part alone, without the boundary and its head",
            Wrapping::PercentCoding => "decode it before it is stored (Python: unquote_to_bytes)",
            Wrapping::QuotedPrintable => "decode it before it is stored (Python: quopri)",
            Wrapping::Replaced => {
                "transfer the image again as binary data, not as text (axios: responseType \
                 \"arraybuffer\"); the bytes that were replaced are lost"
            }
        }
    }
}

/// The image and what is around it: `a PNG in base64`.
impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            Some(format) => write!(f, "a {format} {}", self.wrapping),
            None => write!(f, "a file {}", self.wrapping),
        }
    }
}
