//! What bytes are when they are none of the four formats.

/// An image in a format that the probe does not read, named by its first bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Foreign {
    /// The format.
    pub format: ForeignFormat,
    /// Width and height in px, where the first bytes tell.
    pub size: Option<(u32, u32)>,
}

/// The name of an image format that the probe does not read (`name()`: `gif`, `tiff`, `heic`, `avif`, `jxl`, `svg`, `psd`, `ico`, …).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ForeignFormat {
    /// GIF.
    Gif,
}

/// Something that is not an image, named by its first bytes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// A Git LFS pointer; the image itself has `size` bytes.
    LfsPointer {
        /// Bytes of the image that the pointer stands for, where it says.
        size: Option<u64>,
    },
    /// An HTML page.
    Html,
    /// None that we know.
    Unknown,
}
