//! Folders by their handles.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};

use super::{Access, Entry};

/// A folder, held open.
#[derive(Debug)]
pub(crate) struct Folder {
    handle: OwnedFd,
}

/// Looking up names in a folder takes no right to list it.
#[cfg(target_os = "linux")]
const AS_A_FOLDER: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const AS_A_FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// The rights of any new file, less what the process' mask takes: other users may read a report.
const OF_ANY_FILE: u32 = 0o666;

impl Folder {
    /// The top of all folders.
    pub(crate) fn root() -> io::Result<Self> {
        let handle = rustix::fs::openat(CWD, "/", AS_A_FOLDER, Mode::empty())?;
        Ok(Self { handle })
    }

    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            handle: self.handle.try_clone()?,
        })
    }

    /// A folder in this one; not through a link.
    pub(crate) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        let handle = rustix::fs::openat(&self.handle, name, AS_A_FOLDER, Mode::empty())?;
        Ok(Self { handle })
    }

    /// The entry of a name.
    pub(crate) fn entry(&self, name: &OsStr) -> io::Result<Entry> {
        let found = match rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => found,
            Err(error) if error == rustix::io::Errno::NOENT => return Ok(Entry::Missing),
            Err(error) => return Err(error.into()),
        };
        Ok(match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => Entry::Folder,
            FileType::RegularFile => Entry::File,
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(&self.handle, name, Vec::new())?;
                Entry::Link(OsString::from_vec(target.into_bytes()))
            }
            _ => Entry::Stream,
        })
    }

    pub(crate) fn open(&self, name: &OsStr, access: Access) -> io::Result<File> {
        let flags = OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let flags = flags
            | match access {
                Access::Append => OFlags::WRONLY | OFlags::APPEND,
                Access::AppendOrNew => OFlags::RDWR | OFlags::APPEND | OFlags::CREATE,
                Access::New => OFlags::RDWR | OFlags::CREATE | OFlags::EXCL,
                Access::Read => OFlags::RDONLY | OFlags::NONBLOCK,
            };
        let mode = Mode::from_raw_mode(OF_ANY_FILE as rustix::fs::RawMode);
        Ok(rustix::fs::openat(&self.handle, name, flags, mode)?.into())
    }

    /// Gives a file another name here, in place of what has that name: if it is a link, of the link.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.handle, from, &self.handle, to)?)
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    /// Whether the system makes its entries up (procfs): links there lead to what a process holds
    /// open, whatever they say.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_of_processes(&self) -> bool {
        let system = rustix::fs::fstatfs(&self.handle);
        system.is_ok_and(|system| system.f_type == rustix::fs::PROC_SUPER_MAGIC)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) const fn is_of_processes(&self) -> bool {
        false
    }
}
