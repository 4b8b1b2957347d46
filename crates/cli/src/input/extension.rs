//! What a file's extension promises.

use std::path::Path;

/// What the four formats are called; the commonest first.
const IMAGES: [&str; 8] = ["jpg", "png", "jpeg", "webp", "bmp", "jfif", "jpe", "dib"];

/// Formats that no profile takes, but that people keep beside those that it does: worth a word
/// when a walk passes them over.
const OTHER_IMAGES: [&str; 15] = [
    "apng", "avif", "gif", "heic", "heif", "ico", "j2k", "jp2", "jxl", "pgm", "ppm", "psd", "svg",
    "tif", "tiff",
];

/// What a file's extension promises.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Named {
    /// One of the four formats: a walk yields it.
    Image,
    /// An image of another format, by its extension in lower case: a walk counts it.
    OtherImage(&'static str),
    /// No image.
    Other,
}

/// What the extension of a path promises, in any case.
pub(crate) fn of(path: &Path) -> Named {
    let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else {
        return Named::Other;
    };
    let is = |known: &&str| extension.eq_ignore_ascii_case(known);
    if IMAGES.iter().any(is) {
        return Named::Image;
    }
    OTHER_IMAGES
        .into_iter()
        .find(is)
        .map_or(Named::Other, Named::OtherImage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_does_not_matter() {
        for name in [
            "a.jpg",
            "a.JPEG",
            "a.jpe",
            "a.jfif",
            "a.Png",
            "a.bmp",
            "a.dib",
            "b/.x.webp",
        ] {
            assert_eq!(of(Path::new(name)), Named::Image, "{name}");
        }
        assert_eq!(of(Path::new("a.GIF")), Named::OtherImage("gif"));
        for name in ["png", ".png", "a.png.txt", "a", "a.", "png/a"] {
            assert_eq!(of(Path::new(name)), Named::Other, "{name}");
        }
    }
}
