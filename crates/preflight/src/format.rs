//! The four formats that the probe reads.

use core::fmt;

/// An image format that the probe reads.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Format {
    /// JPEG, ITU-T T.81.
    Jpeg,
    /// PNG, third edition.
    Png,
    /// Windows and OS/2 bitmaps.
    Bmp,
    /// WebP, RFC 9649.
    Webp,
}

impl Format {
    /// Every format, in the order of this list.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Bmp, Self::Webp];

    /// The lower-case name that machine-readable output uses: `jpeg`, `png`, `bmp`, `webp`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Bmp => "bmp",
            Self::Webp => "webp",
        }
    }
}

/// The name for people: `JPEG`, `PNG`, `BMP`, `WebP`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Bmp => "BMP",
            Self::Webp => "WebP",
        })
    }
}
