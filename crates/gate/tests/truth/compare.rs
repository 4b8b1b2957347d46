//! Where both sides say different things.

use preflight::Format;
use testkit::disagreements::Pair;

use crate::ours::{Ours, Pixels};
use crate::theirs::{Reader, Says, Theirs};

/// What both sides say, if any reader says another thing than we do: takes a file that we do not
/// take or the other way round, or sees another format or size.
pub(crate) fn disagreement(ours: &Ours, theirs: &Theirs) -> Option<Pair> {
    let format = theirs.format.as_deref().unwrap_or("none");
    let readers = || theirs.readers.values();
    let differs = match ours {
        Ours::Image(header, pixels) => {
            theirs.format.is_some() && format != pillows_name(header.format)
                || readers().any(|reader| {
                    !agrees(pixels, reader.says)
                        || is_other_size(header.width, header.height, reader)
                })
        }
        Ours::Foreign(foreign) => {
            is_ours(format)
                || foreign.size.is_some_and(|(width, height)| {
                    readers().any(|reader| is_other_size(width, height, reader))
                })
        }
        // Pillow reads other formats, too.
        Ours::Other(_) => {
            (theirs.format.is_none() || is_ours(format)) && readers().any(|it| it.says.has_pixels())
        }
    };
    differs.then(|| Pair {
        ours: in_words(ours),
        theirs: readers_in_words(ours, theirs),
    })
}

fn is_ours(format: &str) -> bool {
    let mut all = Format::ALL.into_iter();
    all.any(|ours| pillows_name(ours) == format)
}

const fn pillows_name(format: Format) -> &'static str {
    match format {
        Format::Bmp => "BMP",
        Format::Jpeg => "JPEG",
        Format::Png => "PNG",
        Format::Webp => "WEBP",
    }
}

const fn agrees(pixels: &Pixels, says: Says) -> bool {
    match (pixels, says) {
        (Pixels::Unsure, _) | (_, Says::Skips) => true,
        (Pixels::Whole, says) => matches!(says, Says::Decodes),
        (Pixels::Rejected(_), says) => !matches!(says, Says::Decodes),
    }
}

fn is_other_size(width: u32, height: u32, reader: &Reader) -> bool {
    reader.size.is_some_and(|size| size != (width, height))
}

fn in_words(ours: &Ours) -> String {
    match ours {
        Ours::Image(header, pixels) => {
            let pixels = match pixels {
                Pixels::Whole => "whole",
                Pixels::Unsure => "unsure",
                Pixels::Rejected(code) => code,
            };
            format!("{} {pixels}", header.format.name())
        }
        Ours::Foreign(foreign) => format!("another format: {}", foreign.format),
        Ours::Other(words) => words.clone(),
    }
}

fn readers_in_words(ours: &Ours, theirs: &Theirs) -> String {
    let size = match ours {
        Ours::Image(header, _) => Some((header.width, header.height)),
        Ours::Foreign(foreign) => foreign.size,
        Ours::Other(_) => None,
    };
    let format = theirs.format.as_deref().unwrap_or("none");
    let named = matches!(ours, Ours::Image(header, _) if pillows_name(header.format) == format);
    let words = theirs.readers.iter().map(|(name, reader)| {
        let format = if name == "pillow" && !named && theirs.format.is_some() {
            format!(" {format}")
        } else {
            String::new()
        };
        let other = match (size, reader.size) {
            (Some(ours), Some(theirs)) if ours != theirs => ", another size",
            _ => "",
        };
        format!("{name}: {}{format}{other}", reader.says.name())
    });
    words.collect::<Vec<_>>().join("; ")
}
