//! What a header says.

use crate::Format;

/// What an image's header says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Header {
    /// The format of the picture.
    pub format: Format,
    /// Width in px as stored, before any EXIF orientation. At least 1.
    pub width: u32,
    /// Height in px as stored, before any EXIF orientation. At least 1.
    pub height: u32,
    /// Legal, but unusual: some readers refuse it.
    pub quirks: Quirks,
    /// The least length in bytes that the header's own sizes give the file (RIFF size, BMP offset
    /// and rows), or none where the header says nothing of it.
    pub declared_len: Option<u64>,
}

/// A legal coding that some readers refuse.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Quirk {
    /// JPEG with arithmetic coding.
    Arithmetic,
    /// Lossless JPEG.
    Lossless,
    /// JPEG with hierarchical (differential) frames.
    Hierarchical,
    /// JPEG with more than 8 bits a sample.
    DeepSamples,
    /// JPEG that carries more pictures behind the first (MPF); some readers call it MPO.
    MultiPicture,
    /// Apple's CgBI variant of PNG.
    Cgbi,
    /// BMP with an OS/2 2.x header.
    Os2,
}

/// A set of [`Quirk`]s.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Quirks(u8);
