//! The four formats that the probe reads.

use crate::names::names;

names! {
    /// An image format that the probe reads. The names for people are `JPEG`, `PNG`, `BMP`, `WebP`.
    #[expect(clippy::exhaustive_enums, reason = "these four are what the detectors take")]
    Format {
        /// JPEG, ITU-T T.81.
        Jpeg: "jpeg", "JPEG";
        /// PNG, third edition.
        Png: "png", "PNG";
        /// Windows and OS/2 bitmaps.
        Bmp: "bmp", "BMP";
        /// WebP, RFC 9649.
        Webp: "webp", "WebP";
    }
}

impl Format {
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

    /// The media types that servers give the format, in lower case: first the registered one, then
    /// those that were customary before it, or still are.
    #[must_use]
    pub const fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["image/jpeg", "image/jpg", "image/pjpeg", "image/jfif"],
            Self::Png => &[
                "image/png",
                "image/x-png",
                "image/apng",
                "image/vnd.mozilla.apng",
            ],
            Self::Bmp => &[
                "image/bmp",
                "image/x-bmp",
                "image/x-ms-bmp",
                "image/x-windows-bmp",
                "image/dib",
            ],
            Self::Webp => &["image/webp", "image/x-webp"],
        }
    }

    /// The format that a `Content-Type` names, if it names one of the four. Case, blanks and
    /// parameters do not matter; of a value that was sent twice (`image/png, image/png`) the first
    /// counts.
    ///
    /// ```
    /// use preflight::Format;
    ///
    /// assert_eq!(Format::by_media_type("image/x-webp; q=1"), Some(Format::Webp));
    /// assert_eq!(Format::by_media_type("application/octet-stream"), None);
    /// ```
    #[must_use]
    pub fn by_media_type(content_type: &str) -> Option<Self> {
        let first = content_type
            .split([';', ','])
            .next()
            .unwrap_or_default()
            .trim();
        Self::ALL.into_iter().find(|format| {
            let mut all = format.media_types().iter();
            all.any(|known| known.eq_ignore_ascii_case(first))
        })
    }

    /// The format that a file name extension is customary for, in any case and without the dot.
    ///
    /// ```
    /// use preflight::Format;
    ///
    /// assert_eq!(Format::by_extension("JFIF"), Some(Format::Jpeg));
    /// assert_eq!(Format::by_extension("gif"), None);
    /// ```
    #[must_use]
    pub fn by_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| {
            let mut all = format.extensions().iter();
            all.any(|known| known.eq_ignore_ascii_case(extension))
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
