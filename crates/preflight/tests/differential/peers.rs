//! What the peers say.

use std::io::Cursor;

use image::{ImageError, ImageReader};

/// Width and height in px.
pub(crate) type Size = (u64, u64);

pub(crate) fn imagesize(bytes: &[u8]) -> Option<Size> {
    let size = imagesize::blob_size(bytes).ok()?;
    Some((size.width as u64, size.height as u64))
}

pub(crate) fn image(bytes: &[u8]) -> Result<Size, ImageError> {
    let (width, height) = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()?
        .into_dimensions()?;
    Ok((width.into(), height.into()))
}
