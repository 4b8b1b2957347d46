//! A folder that is written to, held open, so that nobody can put another in its place.

#[cfg_attr(unix, path = "folder/unix.rs")]
#[cfg_attr(not(unix), path = "folder/by_path.rs")]
mod system;

use std::ffi::OsString;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io;

pub(crate) use system::Folder;

/// An entry of a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Entry {
    File,
    Folder,
    /// A link, and where it leads.
    Link(OsString),
    Missing,
    /// A FIFO, a socket or a device.
    Stream,
}

/// How a file is opened. A link is never followed, a FIFO never waited for in reading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    /// Adds to a file that is there.
    Append,
    /// Adds to a file, and makes it if nothing is there.
    AppendOrNew,
    /// A file that nobody has made yet, with the rights of any new file, for writing and reading.
    New,
    Read,
}

impl Folder {
    /// A new file, under a name that says whose it is.
    ///
    /// # Errors
    ///
    /// The folder takes no file.
    pub(crate) fn new_temporary(&self) -> io::Result<(OsString, File)> {
        /// Names are taken by accident only, once in 2^64.
        const TRIES: u64 = 4;
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 0..TRIES {
            let random = RandomState::new().hash_one(number);
            let name = OsString::from(format!(".preflight-{random:016x}.tmp"));
            match self.open(&name, Access::New) {
                Ok(file) => return Ok((name, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}
