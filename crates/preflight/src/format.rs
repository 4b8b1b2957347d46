//! The four formats that the probe reads.

use core::fmt;

/// An image format that the probe reads.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "lowercase")
)]
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

    /// The format that a lower-case name stands for; `jpg` is `jpeg`.
    ///
    /// ```
    /// use preflight::Format;
    ///
    /// assert_eq!(Format::by_name("jpg"), Some(Format::Jpeg));
    /// assert_eq!(Format::by_name("gif"), None);
    /// ```
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        if name == "jpg" {
            return Some(Self::Jpeg);
        }
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The file name extensions that are customary for the format, in lower case, without the dot.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Bmp => &["bmp", "dib"],
            Self::Webp => &["webp"],
        }
    }
}

/// The name for people: `JPEG`, `PNG`, `BMP`, `WebP`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Bmp => "BMP",
            Self::Webp => "WebP",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_extensions_lead_back_to_one_format() {
        for format in Format::ALL {
            assert_eq!(Format::by_name(format.name()), Some(format));
            assert!(
                format
                    .extensions()
                    .iter()
                    .all(|e| e.chars().all(|c| c.is_ascii_lowercase()))
            );
        }
        let mut all: Vec<_> = Format::ALL.iter().flat_map(|f| f.extensions()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8);
    }
}
