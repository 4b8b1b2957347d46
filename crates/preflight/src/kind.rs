//! What bytes are when they are none of the four formats.

use core::fmt;

/// An image in a format that the probe does not read, named by its first bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Foreign {
    /// The format.
    pub format: ForeignFormat,
    /// Width and height in px, where the first bytes tell. Both at least 1.
    pub size: Option<(u32, u32)>,
}

impl Foreign {
    /// A foreign image whose size is not known.
    #[must_use]
    pub const fn new(format: ForeignFormat) -> Self {
        Self { format, size: None }
    }
}

/// The name, and the size where it is known: `GIF, 320 x 200 px`.
impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.format.fmt(f)?;
        self.size.map_or(Ok(()), |(width, height)| {
            write!(f, ", {width} x {height} px")
        })
    }
}

/// An enum of plain names: variant, lower-case word for machines, name for people.
macro_rules! names {
    ($(#[$meta:meta])* $enum:ident { $($(#[$doc:meta])* $variant:ident: $word:literal, $people:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum $enum {
            $($(#[$doc])* $variant,)+
        }

        impl $enum {
            /// Every one, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The lower-case word that machine-readable output uses.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        /// The name for people.
        impl fmt::Display for $enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $people,)+ })
            }
        }

        /// As [`name`](Self::name).
        #[cfg(feature = "serde")]
        impl serde::Serialize for $enum {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

names! {
    /// An image format that the probe does not read.
    ForeignFormat {
        /// Aseprite sprites.
        Aseprite: "aseprite", "Aseprite";
        /// ASTC textures.
        Astc: "astc", "ASTC texture";
        /// ATC textures.
        Atc: "atc", "ATC texture";
        /// AVIF.
        Avif: "avif", "AVIF";
        /// Blizzard's textures.
        Blp: "blp", "BLP texture";
        /// Canon's camera raw format, third version.
        Cr3: "cr3", "Canon raw (CR3)";
        /// `DirectDraw` surfaces.
        Dds: "dds", "DDS";
        /// `DjVu`.
        Djvu: "djvu", "DjVu";
        /// Enhanced Windows metafiles.
        Emf: "emf", "EMF";
        /// Encapsulated PostScript.
        Eps: "eps", "EPS";
        /// ETC textures.
        Etc: "etc", "ETC texture";
        /// OpenEXR.
        Exr: "exr", "OpenEXR";
        /// farbfeld.
        Farbfeld: "farbfeld", "farbfeld";
        /// GIF.
        Gif: "gif", "GIF";
        /// Radiance HDR.
        Hdr: "hdr", "Radiance HDR";
        /// HEIF with HEVC, as phones write it.
        Heic: "heic", "HEIC";
        /// HEIF with any other coding.
        Heif: "heif", "HEIF";
        /// Apple icons.
        Icns: "icns", "Apple icon";
        /// Windows icons and cursors.
        Ico: "ico", "ICO";
        /// Interleaved bitmaps of the Amiga.
        Ilbm: "ilbm", "ILBM";
        /// JPEG 2000.
        Jp2: "jp2", "JPEG 2000";
        /// JPEG XR.
        JpegXr: "jxr", "JPEG XR";
        /// JPEG XL.
        Jxl: "jxl", "JPEG XL";
        /// Khronos textures.
        Ktx: "ktx", "KTX texture";
        /// Multiple-image network graphics.
        Mng: "mng", "MNG";
        /// PC Paintbrush.
        Pcx: "pcx", "PCX";
        /// Portable bit-, grey- and pixmaps.
        Pnm: "pnm", "PNM";
        /// Photoshop.
        Psd: "psd", "PSD";
        /// PowerVR textures.
        Pvrtc: "pvrtc", "PowerVR texture";
        /// The quite OK image format.
        Qoi: "qoi", "QOI";
        /// Silicon Graphics.
        Sgi: "sgi", "SGI";
        /// SVG.
        Svg: "svg", "SVG";
        /// Truevision TGA.
        Tga: "tga", "TGA";
        /// TIFF, and the camera raw formats built on it.
        Tiff: "tiff", "TIFF";
        /// Valve textures.
        Vtf: "vtf", "Valve texture";
        /// Windows metafiles.
        Wmf: "wmf", "WMF";
        /// GIMP.
        Xcf: "xcf", "XCF";
    }
}

/// Something that is not an image, named by its first bytes.
///
/// ```
/// use preflight::{Content, Kind, probe_bytes};
///
/// let page = probe_bytes(b"<!DOCTYPE html><title>Not found</title>");
/// assert_eq!(page.content, Content::NotAnImage(Kind::Html));
/// assert_eq!(Kind::Html.to_string(), "an HTML page");
/// assert_eq!(page.starts.to_string(), r"<!DOCTYPE html><title>No");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "name", rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum Kind {
    /// An archive other than zip, or a compressed file other than gzip.
    Archive,
    /// Sound.
    Audio,
    /// A document of an old office suite.
    Document,
    /// A program.
    Executable,
    /// A file compressed with gzip.
    Gzip,
    /// An HTML page.
    Html,
    /// JSON.
    Json,
    /// A Git LFS pointer; the image itself has `size` bytes.
    LfsPointer {
        /// Bytes of the image that the pointer stands for, where it says.
        size: Option<u64>,
    },
    /// PDF.
    Pdf,
    /// Plain text, in UTF-8 or UTF-16.
    Text,
    /// None that we know.
    Unknown,
    /// A moving picture.
    Video,
    /// XML other than SVG.
    Xml,
    /// Nothing but zeros, as a failed download or a full disk leaves it.
    Zeros,
    /// A zip archive, or one of the many formats built on it.
    Zip,
}

impl Kind {
    /// The name that machine-readable output uses, in kebab case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Executable => "executable",
            Self::Gzip => "gzip",
            Self::Html => "html",
            Self::Json => "json",
            Self::LfsPointer { .. } => "lfs-pointer",
            Self::Pdf => "pdf",
            Self::Text => "text",
            Self::Unknown => "unknown",
            Self::Video => "video",
            Self::Xml => "xml",
            Self::Zeros => "zeros",
            Self::Zip => "zip",
        }
    }
}

/// A noun with its article: `an HTML page`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Archive => "an archive",
            Self::Audio => "a sound file",
            Self::Document => "an office document",
            Self::Executable => "a program",
            Self::Gzip => "a gzip file",
            Self::Html => "an HTML page",
            Self::Json => "JSON",
            Self::LfsPointer { .. } => "a Git LFS pointer",
            Self::Pdf => "a PDF document",
            Self::Text => "plain text",
            Self::Unknown => "data of no known kind",
            Self::Video => "a video",
            Self::Xml => "an XML document",
            Self::Zeros => "nothing but zero bytes",
            Self::Zip => "a zip archive",
        })
    }
}

/// The first bytes of a file, at most [`Excerpt::MAX`], to show what it starts with.
///
/// They are a stranger's: `Display` escapes what is not printable ASCII.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Excerpt {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl Excerpt {
    /// The most bytes that are kept: enough for every signature that has a name, and for half a
    /// line of an error page.
    pub const MAX: usize = 24;

    /// The first bytes of `bytes`.
    #[must_use]
    #[inline]
    pub fn of(bytes: &[u8]) -> Self {
        if let Some(&bytes) = bytes.first_chunk() {
            return Self {
                bytes,
                len: Self::MAX as u8,
            };
        }
        Self::short(bytes)
    }

    #[cold]
    fn short(bytes: &[u8]) -> Self {
        let mut excerpt = Self::default();
        for (to, from) in excerpt.bytes.iter_mut().zip(bytes) {
            *to = *from;
            excerpt.len += 1;
        }
        excerpt
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// One line of printable ASCII; all else is escaped.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Quotes stand in most of what is shown here (HTML, JSON) and need no escape of ours.
        self.as_bytes().iter().try_for_each(|&byte| match byte {
            b'"' | b'\'' => write!(f, "{}", char::from(byte)),
            _ => write!(f, "{}", byte.escape_ascii()),
        })
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Excerpt(\"{self}\")")
    }
}

/// As it is displayed.
#[cfg(feature = "serde")]
impl serde::Serialize for Excerpt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_lower_case() {
        let mut words: Vec<_> = ForeignFormat::ALL.iter().map(|f| f.name()).collect();
        assert!(words.iter().all(|w| {
            w.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        }));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ForeignFormat::ALL.len());
    }

    #[test]
    fn an_excerpt_is_bounded_and_escaped() {
        assert_eq!(Excerpt::of(b"").to_string(), "");
        assert_eq!(
            Excerpt::of(b"{\"a\":\x1b[31m\n}").to_string(),
            r#"{"a":\x1b[31m\n}"#
        );
        assert_eq!(Excerpt::of(&[b'x'; 99]).as_bytes().len(), Excerpt::MAX);
    }

    #[test]
    fn a_foreign_image_says_its_size_where_known() {
        let gif = Foreign {
            size: Some((320, 200)),
            ..Foreign::new(ForeignFormat::Gif)
        };
        assert_eq!(gif.to_string(), "GIF, 320 x 200 px");
        assert_eq!(Foreign::new(ForeignFormat::Heic).to_string(), "HEIC");
    }
}
