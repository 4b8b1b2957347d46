//! Folders by their paths, where the system gives no handles to work with.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Access, Entry};

/// A folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The top of the folders that a path starts from: the drive.
    pub(crate) fn root_of(path: &Path) -> Self {
        let top = path.ancestors().last().unwrap_or(path);
        Self {
            path: top.to_owned(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a handle may not be had")]
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(self.clone())
    }

    /// A folder in this one; not through a link.
    pub(crate) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        match self.entry(name)? {
            Entry::Folder => Ok(Self {
                path: self.path.join(name),
            }),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// The entry of a name.
    pub(crate) fn entry(&self, name: &OsStr) -> io::Result<Entry> {
        let path = self.path.join(name);
        let found = match fs::symlink_metadata(&path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entry::Missing),
            Err(error) => return Err(error),
        };
        Ok(if found.is_symlink() {
            Entry::Link(fs::read_link(&path)?.into_os_string())
        } else if found.is_dir() {
            Entry::Folder
        } else if found.is_file() {
            Entry::File
        } else {
            Entry::Stream
        })
    }

    pub(crate) fn open(&self, name: &OsStr, access: Access) -> io::Result<File> {
        let mut options = File::options();
        match access {
            Access::Append => options.append(true),
            Access::AppendOrNew => options.read(true).append(true).create(true),
            Access::New => options.read(true).write(true).create_new(true),
            Access::Read => options.read(true),
        };
        options.open(self.path.join(name))
    }

    /// Gives a file another name here, in place of what has that name.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    pub(crate) const fn is_of_processes(&self) -> bool {
        false
    }
}
