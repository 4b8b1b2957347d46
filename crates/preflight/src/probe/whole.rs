//! The header against the whole file, for those who have all of it.

use super::reader::Stop;
use super::webp;
use crate::{Defect, Format, Header, HeaderError};

impl Header {
    /// Holds the header against the whole file, `file`, that it was read from: of a still WebP, the
    /// canvas against the picture, which may stand behind any number of other chunks (RFC 9649, 2.7).
    ///
    /// # Errors
    ///
    /// [`Defect::CanvasPicture`], [`Defect::NoPicture`], or a defect of the picture's own header.
    pub fn check_whole(&self, file: &[u8]) -> Result<(), HeaderError> {
        let checked = match self.format {
            Format::Webp => webp::check_whole(file, (self.width, self.height)),
            Format::Jpeg | Format::Png | Format::Bmp => return Ok(()),
        };
        checked.map_err(|stop| {
            let (defect, offset) = match stop {
                Stop::Defect { defect, offset } => (defect, offset),
                Stop::More(_) => (Defect::NoPicture, file.len() as u64),
            };
            HeaderError {
                defect,
                offset,
                format: Some(self.format),
            }
        })
    }
}
