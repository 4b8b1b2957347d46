//! The promise of a file's name.

/// Extensions of the four formats; the commonest first.
const IMAGES: [&str; 8] = ["jpg", "png", "jpeg", "webp", "bmp", "jfif", "jpe", "dib"];

/// Other names that a photograph may bear. The service refuses them, which is worth knowing: phones
/// write HEIC.
const PHOTOGRAPHS: [&str; 8] = ["heic", "heif", "avif", "gif", "tif", "tiff", "jxl", "jp2"];

/// Images that are hardly meant as portraits, but that people keep beside them: worth a word when a
/// walk passes them over.
const OTHER_IMAGES: [&str; 7] = ["apng", "ico", "j2k", "pgm", "ppm", "psd", "svg"];

/// Longer ones say nothing of what is in a file: `Dr. Smith at work`.
const LONGEST_EXTENSION: usize = 12;

/// The promise of a file's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NamePromise {
    /// A photograph: a walk yields it.
    Image,
    /// An image of another kind, by its extension in lower case: a walk counts it.
    OtherImage(&'static str),
    /// The extension of an image with something behind it (`a.jpg!w400`, `a.jpeg.1`): a walk looks
    /// at its first bytes.
    Tail,
    /// Nothing: a walk looks at its first bytes, and mentions it only if it is an image.
    Nothing,
    /// Something else.
    Other,
}

/// The promise of a file's name, in capitals or not.
pub(crate) fn promise(name: &[u8]) -> NamePromise {
    // A leading dot starts no extension: it hides the file.
    let Some(dot) = name
        .iter()
        .rposition(|byte| *byte == b'.')
        .filter(|at| *at > 0)
    else {
        return if has_tail(name) {
            NamePromise::Tail
        } else {
            NamePromise::Nothing
        };
    };
    let extension = name.get(dot + 1..).unwrap_or_default();
    let is = |known: &&str| extension.eq_ignore_ascii_case(known.as_bytes());
    if IMAGES.iter().chain(&PHOTOGRAPHS).any(is) {
        NamePromise::Image
    } else if let Some(known) = OTHER_IMAGES.into_iter().find(is) {
        NamePromise::OtherImage(known)
    } else if is_word(extension) {
        // `a.jpg.json` says what it is; `a.jpg.bak` and `a.jpg.part` may be images all the same.
        if has_tail(name) {
            NamePromise::Nothing
        } else {
            NamePromise::Other
        }
    } else if has_tail(name) {
        NamePromise::Tail
    } else {
        NamePromise::Nothing
    }
}

/// Whether an extension is a word that names a kind of file.
fn is_word(extension: &[u8]) -> bool {
    extension.len() <= LONGEST_EXTENSION
        && extension.iter().all(u8::is_ascii_alphanumeric)
        && extension.iter().any(u8::is_ascii_alphabetic)
}

/// Whether the extension of an image stands in a name, with something behind it that does not go on
/// with the word.
fn has_tail(name: &[u8]) -> bool {
    name.iter().enumerate().any(|(dot, byte)| {
        let rest = name.get(dot + 1..).unwrap_or_default();
        *byte == b'.'
            && IMAGES.iter().chain(&PHOTOGRAPHS).any(|known| {
                rest.get(..known.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(known.as_bytes()))
                    && rest
                        .get(known.len())
                        .is_some_and(|next| !next.is_ascii_alphanumeric())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_promises_by_its_extension_and_what_stands_behind_it() {
        use NamePromise::{Image, Nothing, Other, OtherImage, Tail};

        for (promised, names) in [
            (
                Image,
                &[
                    "a.jpg",
                    "a.JPEG",
                    "a.jpe",
                    "a.jfif",
                    "a.Png",
                    "a.bmp",
                    "a.dib",
                    ".x.webp",
                    "a.HEIC",
                    "a.heif",
                    "a.avif",
                    "a.gif",
                    "a.tif",
                    "a.TIFF",
                    "a.jxl",
                    "a.jp2",
                    "a.json.png",
                ][..],
            ),
            (OtherImage("svg"), &["a.SVG"]),
            (
                Tail,
                &[
                    "a.jpg!w400",
                    "a.jpg?w=8",
                    "a.jpeg.1",
                    "a.jpg.",
                    "x.jpg_large",
                    "name.JPG:large",
                    "a.jpg@2x",
                    "a.png~",
                    "a.png (1)",
                    "a.webp&x=1",
                    "a.jpg%3Fw=8",
                    "a.jpg-small",
                    "a.heic,2",
                    ".a.jpg!x",
                ],
            ),
            (
                Nothing,
                &[
                    "b4f2c9aa",
                    "Makefile",
                    "png",
                    ".png",
                    "a.",
                    "a.b c",
                    "a.thirteenchars",
                    "IMG.2024.01",
                    "a.png.txt",
                    "a.jpg.part",
                    "a.jpg.json",
                ],
            ),
            (
                Other,
                &["notes.txt", "a.mp4", "a.jpgx", "a.jsonl", "a.jpeg2000"],
            ),
        ] {
            for name in names {
                assert_eq!(promise(name.as_bytes()), promised, "{name}");
            }
        }
    }
}
