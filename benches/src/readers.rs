//! Every crate that answers "how large is this image?", behind one signature.

use std::io::Cursor;
use std::path::Path;

use image::ImageReader;
use preflight::Content;

/// Width and height in px, or none where the reader fails.
pub type Size = Option<(u32, u32)>;

/// A crate that reads the size of an image.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Reader {
    /// The crate's name.
    pub name: &'static str,
    /// Reads it from the whole file in memory.
    pub bytes: fn(&[u8]) -> Size,
    /// Reads it from a file.
    pub file: fn(&Path) -> Size,
}

/// All of them, ours first.
pub const READERS: [Reader; 5] = [
    Reader {
        name: "preflight",
        bytes: preflight_bytes,
        file: preflight_file,
    },
    Reader {
        name: "imagesize",
        bytes: imagesize_bytes,
        file: imagesize_file,
    },
    Reader {
        name: "imsz",
        bytes: imsz_bytes,
        file: imsz_file,
    },
    Reader {
        name: "imageinfo",
        bytes: imageinfo_bytes,
        file: imageinfo_file,
    },
    Reader {
        name: "image",
        bytes: image_bytes,
        file: image_file,
    },
];

impl Reader {
    /// The reader of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        READERS.into_iter().find(|reader| reader.name == name)
    }
}

fn preflight_bytes(bytes: &[u8]) -> Size {
    size_of(&preflight::probe_bytes(bytes).content)
}

fn preflight_file(path: &Path) -> Size {
    size_of(&preflight::probe_file(path).ok()?.content)
}

fn size_of(content: &Content) -> Size {
    match content {
        Content::Image(header) => Some((header.width, header.height)),
        _ => None,
    }
}

fn imagesize_bytes(bytes: &[u8]) -> Size {
    imagesize_size(imagesize::blob_size(bytes).ok()?)
}

fn imagesize_file(path: &Path) -> Size {
    imagesize_size(imagesize::size(path).ok()?)
}

fn imagesize_size(size: imagesize::ImageSize) -> Size {
    Some((
        u32::try_from(size.width).ok()?,
        u32::try_from(size.height).ok()?,
    ))
}

fn imsz_bytes(bytes: &[u8]) -> Size {
    imsz_size(&imsz::imsz_from_reader(&mut Cursor::new(bytes)).ok()?)
}

fn imsz_file(path: &Path) -> Size {
    imsz_size(&imsz::imsz_from_path(path).ok()?)
}

fn imsz_size(info: &imsz::ImInfo) -> Size {
    Some((
        u32::try_from(info.width).ok()?,
        u32::try_from(info.height).ok()?,
    ))
}

fn imageinfo_bytes(bytes: &[u8]) -> Size {
    imageinfo_size(&imageinfo::ImageInfo::from_raw_data(bytes).ok()?)
}

fn imageinfo_file(path: &Path) -> Size {
    imageinfo_size(&imageinfo::ImageInfo::from_file_path(path).ok()?)
}

fn imageinfo_size(info: &imageinfo::ImageInfo) -> Size {
    Some((
        u32::try_from(info.size.width).ok()?,
        u32::try_from(info.size.height).ok()?,
    ))
}

fn image_bytes(bytes: &[u8]) -> Size {
    ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?
        .into_dimensions()
        .ok()
}

fn image_file(path: &Path) -> Size {
    ImageReader::open(path)
        .ok()?
        .with_guessed_format()
        .ok()?
        .into_dimensions()
        .ok()
}
