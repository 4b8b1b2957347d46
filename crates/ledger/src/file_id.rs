//! The identity of a file, whatever its path.

use std::io;
use std::path::Path;

/// A file, whatever it is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let found = std::fs::symlink_metadata(path)?;
        Ok(Self {
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// Windows lets nobody remove a file that is open: that it is there is enough.
    #[cfg(not(unix))]
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        std::fs::symlink_metadata(path)?;
        Ok(Self {
            device: 0,
            inode: 0,
        })
    }
}
