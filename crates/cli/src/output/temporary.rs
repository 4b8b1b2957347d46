//! Temporary files that become reports, or leave nothing behind.

use std::fs::{self, File, Permissions};
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

/// Those that there are. Each is taken away when it is dropped; a process that is ended at once
/// drops nothing, and takes them away by this list.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file beside the place that it is for, so that moving it there never crosses a file system.
pub(crate) struct Temporary(NamedTempFile);

impl Temporary {
    /// A file for a place. It gets the rights of what it will replace, else those of any new file:
    /// the default of temporary files would hide the report from other users.
    ///
    /// # Errors
    ///
    /// The folder takes no file.
    pub(crate) fn beside(place: &Path, rights: Option<Permissions>) -> io::Result<Self> {
        let folder = place.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".preflight-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            builder.permissions(Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder)?;
        open().push(file.path().to_owned());
        let temporary = Self(file);
        if let Some(rights) = rights {
            temporary.0.as_file().set_permissions(rights)?;
        }
        Ok(temporary)
    }

    /// Moves the file to its place. What stands there and cannot be replaced, as a file that is
    /// mounted or that lies in another user's folder, is written anew instead.
    ///
    /// # Errors
    ///
    /// Neither could be done.
    pub(crate) fn move_to(self, place: &Path) -> io::Result<()> {
        let path = self.0.path().to_owned();
        let moved = match self.0.persist(place) {
            Ok(_) => Ok(()),
            Err(refused) if place.exists() => {
                let mut file = refused.file;
                rewrite(place, file.as_file_mut())
            }
            Err(refused) => Err(refused.error),
        };
        open().retain(|other| *other != path);
        moved
    }
}

fn rewrite(place: &Path, from: &mut File) -> io::Result<()> {
    from.rewind()?;
    let mut to = File::options().write(true).truncate(true).open(place)?;
    io::copy(from, &mut to).map(drop)
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Takes every temporary file away, for a process that is about to be ended.
pub(crate) fn remove_all() {
    for path in open().drain(..) {
        // One that has just been moved is a report, and not here any more.
        let _ = fs::remove_file(path);
    }
}

/// A panic of another thread leaves the list whole.
fn open() -> MutexGuard<'static, Vec<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_becomes_what_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.md");
        fs::write(&place, "an old and longer report").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            fs::set_permissions(&place, Permissions::from_mode(0o640)).unwrap();
        }
        let rights = fs::metadata(&place).unwrap().permissions();
        let mut temporary = Temporary::beside(&place, Some(rights.clone())).unwrap();
        temporary.write_all(b"new").unwrap();
        temporary.move_to(&place).unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        assert_eq!(fs::metadata(&place).unwrap().permissions(), rights);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_replaced_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.md");
        fs::write(&place, "an old and longer report").unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"new").unwrap();
        rewrite(&place, &mut file).unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
    }
}
