//! Images in formats that the probe does not read.

use core::fmt;

use crate::names::names;

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

names! {
    /// An image format that the probe does not read.
    #[non_exhaustive]
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

impl ForeignFormat {
    /// The file name extensions that are customary for the format, in lower case, without the dot:
    /// of those formats that photographs and drawings come in.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Avif => &["avif"],
            Self::Gif => &["gif"],
            Self::Heic => &["heic", "heif"],
            Self::Ico => &["ico"],
            Self::Jp2 => &["jp2"],
            Self::Jxl => &["jxl"],
            Self::Psd => &["psd"],
            Self::Svg => &["svg"],
            Self::Tiff => &["tif", "tiff"],
            _ => &[],
        }
    }

    /// The format that a file name extension is customary for, in any case and without the dot.
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
    fn words_for_machines_are_lower_case_and_their_own() {
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
    fn a_foreign_image_says_its_size_where_known() {
        let gif = Foreign {
            size: Some((320, 200)),
            ..Foreign::new(ForeignFormat::Gif)
        };
        assert_eq!(gif.to_string(), "GIF, 320 x 200 px");
        assert_eq!(Foreign::new(ForeignFormat::Heic).to_string(), "HEIC");
    }
}
