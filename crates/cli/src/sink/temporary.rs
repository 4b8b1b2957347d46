//! Temporary files that become reports, or leave nothing behind.

use std::fs::{self, File, Metadata};
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

/// Those that there are. Each is taken away when it is dropped; a process that is ended at once
/// drops nothing, and takes them away by this list.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file that becomes another: by being moved there, which lets nobody see half of it, or where that
/// cannot be, by being copied over what stands there.
pub(crate) struct Temporary {
    file: NamedTempFile,
    is_copied: bool,
}

impl Temporary {
    /// A file for a place where nothing is yet, with the rights of any new file: the default of
    /// temporary files would hide the report from other users.
    ///
    /// # Errors
    ///
    /// The folder takes no file.
    pub(crate) fn for_new(place: &Path) -> io::Result<Self> {
        Ok(Self {
            file: beside(place)?,
            is_copied: false,
        })
    }

    /// A file for the place of an old one. It gets the owner and the rights of the old one, or is
    /// copied over it: where the folder takes no file, and where the owner cannot be given on.
    ///
    /// # Errors
    ///
    /// There is no place for a temporary file.
    pub(crate) fn for_old(place: &Path, old: &Metadata) -> io::Result<Self> {
        let moved = beside(place).and_then(|file| {
            give_on(old, file.as_file())?;
            Ok(file)
        });
        Ok(match moved {
            Ok(file) => Self {
                file,
                is_copied: false,
            },
            Err(_) => Self {
                // Others share that folder, and the old report may not have been for them.
                file: in_folder(&std::env::temp_dir(), PRIVATE)?,
                is_copied: true,
            },
        })
    }

    /// Brings the file to its place. What stands there and cannot be replaced after all, as a file
    /// that is mounted or that lies in another user's folder, is copied over.
    ///
    /// # Errors
    ///
    /// Neither could be done.
    pub(crate) fn move_to(self, place: &Path) -> io::Result<()> {
        let Self { file, is_copied } = self;
        let path = file.path().to_owned();
        let moved = if is_copied {
            copy_over(place, file)
        } else {
            match file.persist(place) {
                Ok(_) => Ok(()),
                Err(refused) if place.exists() => copy_over(place, refused.file),
                Err(refused) => Err(refused.error),
            }
        };
        open().retain(|other| *other != path);
        moved
    }
}

/// A temporary file that will not have to cross a file system.
fn beside(place: &Path) -> io::Result<NamedTempFile> {
    in_folder(place.parent().unwrap_or(Path::new(".")), OF_ANY_FILE)
}

/// The rights of any new file, less what the process' mask takes.
const OF_ANY_FILE: u32 = 0o666;
/// The rights of a file that nobody else reads: a report may hold signed URLs.
const PRIVATE: u32 = 0o600;

/// A temporary file with these rights, on systems that have them.
#[cfg_attr(not(unix), expect(unused_variables, reason = "rights of Unix"))]
fn in_folder(folder: &Path, rights: u32) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".preflight-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;

        builder.permissions(Permissions::from_mode(rights));
    }
    let file = builder.tempfile_in(folder)?;
    open().push(file.path().to_owned());
    Ok(file)
}

/// Gives owner and rights of an old file on to a new one.
fn give_on(old: &Metadata, new: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};

        let found = new.metadata()?;
        if (found.uid(), found.gid()) != (old.uid(), old.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
    }
    new.set_permissions(old.permissions())
}

fn copy_over(place: &Path, mut from: NamedTempFile) -> io::Result<()> {
    from.rewind()?;
    let mut to = File::options().write(true).truncate(true).open(place)?;
    io::copy(&mut from, &mut to).map(drop)
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
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

    const OLD: &str = "an old and longer report";

    fn old_report(folder: &tempfile::TempDir) -> (PathBuf, Metadata) {
        let place = folder.path().join("report.md");
        fs::write(&place, OLD).unwrap();
        #[cfg(unix)]
        {
            use std::fs::Permissions;
            use std::os::unix::fs::PermissionsExt as _;

            fs::set_permissions(&place, Permissions::from_mode(0o640)).unwrap();
        }
        let old = fs::metadata(&place).unwrap();
        (place, old)
    }

    fn assert_replaced(place: &Path, old: &Metadata) {
        assert_eq!(fs::read_to_string(place).unwrap(), "new");
        let new = fs::metadata(place).unwrap();
        assert_eq!(new.permissions(), old.permissions());
        let folder = fs::read_dir(place.parent().unwrap()).unwrap();
        assert_eq!(folder.count(), 1, "nothing else is left");
    }

    #[test]
    fn it_becomes_what_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let (place, old) = old_report(&folder);
        let mut temporary = Temporary::for_old(&place, &old).unwrap();
        assert!(!temporary.is_copied);
        temporary.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), OLD);
        temporary.move_to(&place).unwrap();
        assert_replaced(&place, &old);
    }

    #[test]
    fn what_cannot_be_replaced_is_copied_over() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (place, old) = old_report(&folder);
        for is_copied in [true, false] {
            fs::write(&place, OLD).unwrap();
            let file = in_folder(elsewhere.path(), PRIVATE).unwrap();
            if !is_copied {
                // What is gone cannot be moved; its bytes are still there.
                fs::remove_file(file.path()).unwrap();
            }
            let mut temporary = Temporary { file, is_copied };
            temporary.write_all(b"new").unwrap();
            temporary.move_to(&place).unwrap();
            assert_replaced(&place, &old);
        }
    }

    /// Found by rereading: what is copied over a report waits in a folder that others share.
    #[cfg(unix)]
    #[test]
    fn what_waits_elsewhere_is_read_by_nobody_else() {
        use std::os::unix::fs::PermissionsExt as _;

        // No folder of that name takes a file, as one that may not be written to does not.
        let folder = tempfile::tempdir().unwrap();
        let (place, old) = old_report(&folder);
        let gone = folder.path().join("gone").join("report.md");
        let temporary = Temporary::for_old(&gone, &old).unwrap();
        assert!(temporary.is_copied);
        let mode = temporary
            .file
            .as_file()
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
        assert!(place.exists());
    }
}
