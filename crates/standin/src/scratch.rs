//! A temporary folder that is made when it is first needed and gone when the stand-in is.

use std::io;
use std::sync::{Mutex, PoisonError};

use tempfile::{NamedTempFile, TempDir, TempPath};

/// Bytes that one file keeps in memory on their way to the disk; tokio's own 2 MiB make 64 MiB of
/// 32 images at once.
const WRITE_BUFFER: usize = 256 * 1024;

/// Room for images on their way and for uploads. Lent files need none, so that a run over local
/// files leaves no trace even if the process is ended hard.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    folder: Mutex<Folder>,
}

#[derive(Debug, Default)]
enum Folder {
    Closed,
    Made(TempDir),
    #[default]
    NotMade,
}

impl Scratch {
    /// A new file, deleted when its path is dropped.
    ///
    /// # Errors
    ///
    /// If none can be made, or the stand-in is gone.
    pub(crate) fn file(&self) -> io::Result<(tokio::fs::File, TempPath)> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*folder, Folder::NotMade) {
            *folder = Folder::Made(TempDir::with_prefix("emo-standin-")?);
        }
        let Folder::Made(made) = &*folder else {
            return Err(io::Error::other("the stand-in is shut down"));
        };
        let (file, path) = NamedTempFile::new_in(made.path())?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        file.set_max_buf_size(WRITE_BUFFER);
        Ok((file, path))
    }

    /// Deletes the folder with all that is in it; no other is made.
    pub(crate) fn close(&self) {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        *folder = Folder::Closed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lives_from_the_first_file_to_the_close() {
        let scratch = Scratch::default();
        let (_file, path) = scratch.file().unwrap();
        let folder = path.parent().unwrap().to_owned();
        assert!(folder.exists());
        scratch.close();
        assert!(!folder.exists());
        assert!(scratch.file().is_err());
    }
}
