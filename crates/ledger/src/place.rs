//! Where the ledger lies, and whether what lies there may be opened.

use std::ffi::OsString;
use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::found::Found;
use crate::open_error::OpenError;

/// The ledger's name in its folder.
pub const FILE_NAME: &str = "ledger.sqlite3";

/// The files that SQLite makes beside a database, by the ends of their names.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The folder of the ledger: `PREFLIGHT_CACHE_DIR`, else `preflight` in the system's folder for
/// what can be made again.
///
/// That is `$XDG_CACHE_HOME` or `~/.cache` (XDG base directory specification), `~/Library/Caches`
/// on a Mac, `%LOCALAPPDATA%` on Windows. `None` if the system names none.
///
/// ```
/// use std::path::PathBuf;
///
/// let home = |name: &str| (name == "HOME").then(|| "/home/anna".into());
/// # if cfg!(target_os = "linux") {
/// assert_eq!(ledger::place(home), Some(PathBuf::from("/home/anna/.cache/preflight")));
/// # }
/// ```
pub fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name: &str| {
        let value = variable(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    path("PREFLIGHT_CACHE_DIR").or_else(|| Some(system_cache(&path)?.join("preflight")))
}

fn system_cache(path: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if cfg!(windows) {
        return path("LOCALAPPDATA");
    }
    let home = path("HOME");
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library").join("Caches"));
    }
    // The specification has relative paths ignored.
    let xdg = path("XDG_CACHE_HOME").filter(|dir| dir.is_absolute());
    xdg.or_else(|| Some(home?.join(".cache")))
}

/// The first symbolic link on the path from a folder down to a place in it. `None` if there is no
/// link, or if the place lies outside the folder.
///
/// A ledger's own folder and file are never links; what lies above is the caller's to judge. Where
/// strangers write to a folder, as in a checked repository, a link in it leads wherever they like.
///
/// # Errors
///
/// The I/O error of looking at a step of the path. A step that does not exist yet is not an error.
pub fn link_below(folder: &Path, place: &Path) -> io::Result<Option<PathBuf>> {
    let (folder, place) = (plain(folder)?, plain(place)?);
    let Ok(below) = place.strip_prefix(&folder) else {
        return Ok(None);
    };
    let mut way = folder;
    for step in below {
        way.push(step);
        match fs::symlink_metadata(&way) {
            Ok(found) if found.is_symlink() => return Ok(Some(way)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// A folder and the ledger in it, which were looked at and may be opened.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) file: PathBuf,
}

impl Place {
    /// Looks at a place, and makes what is not there: the folder for the user alone, and an empty
    /// file likewise.
    pub(crate) fn make(folder: &Path) -> Result<Self, OpenError> {
        let folder = plain(folder).map_err(|source| cannot("find", folder, source))?;
        if stat(&folder)?.is_none() {
            make_folder(&folder).map_err(|source| cannot("make", &folder, source))?;
        }
        let place = Self::judged(&folder)?.ok_or_else(|| OpenError::Gone {
            path: folder.clone(),
        })?;
        if stat(&place.file)?.is_none() {
            match make_file(&place.file) {
                // Another process was faster, which is as good.
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(cannot("make", &place.file, error));
                }
                _ => {}
            }
            judge_file(&place.file)?;
        }
        Ok(place)
    }

    /// Looks at a place, and makes nothing. `None` if there is no ledger.
    pub(crate) fn find(folder: &Path) -> Result<Option<Self>, OpenError> {
        let folder = plain(folder).map_err(|source| cannot("find", folder, source))?;
        let Some(place) = Self::judged(&folder)? else {
            return Ok(None);
        };
        Ok(stat(&place.file)?.is_some().then_some(place))
    }

    /// Why no file can be made beside the ledger. `None` if one can.
    pub(crate) fn why_not_written(&self) -> Option<Fault> {
        self.on_a_probe(|_| Ok(())).err().map(Fault::of_io)
    }

    /// Why no file beside the ledger can be locked as SQLite locks one. `None` if one can.
    pub(crate) fn why_not_locked(&self) -> Option<Fault> {
        let failed = self.on_a_probe(lock_a_range).err()?;
        Some(Fault::NoLocks(Box::new(failed)))
    }

    /// Makes a file beside the ledger, uses it, and removes it. The ledger itself must not be opened
    /// for that: to close it would give up the locks that this process holds on it.
    fn on_a_probe(&self, use_it: impl FnOnce(&fs::File) -> io::Result<()>) -> io::Result<()> {
        let probe = self.folder.join(probe_name());
        let used = make_file(&probe).and_then(|file| use_it(&file));
        let _ = fs::remove_file(probe);
        used
    }

    /// Judges the folder, the ledger, and the files that SQLite puts beside it.
    fn judged(folder: &Path) -> Result<Option<Self>, OpenError> {
        let Some(found) = stat(folder)? else {
            return Ok(None);
        };
        if !found.is_dir() {
            return Err(OpenError::NotAFolder {
                path: folder.to_owned(),
                found: Found::of(&found),
            });
        }
        rights::judge_folder(folder, &found)?;
        // SQLite refuses each link on the way; those above the folder are the system's or the
        // user's own.
        let folder = real(folder).map_err(|source| cannot("find", folder, source))?;
        let file = folder.join(FILE_NAME);
        judge_file(&file)?;
        for end in BESIDE {
            judge_file(&folder.join(format!("{FILE_NAME}{end}")))?;
        }
        Ok(Some(Self { folder, file }))
    }
}

/// A file that is there must be a file of this user: a link would lead elsewhere, a FIFO would
/// block for ever.
fn judge_file(path: &Path) -> Result<(), OpenError> {
    let Some(found) = stat(path)? else {
        return Ok(());
    };
    if !found.is_file() {
        return Err(OpenError::NotAFile {
            path: path.to_owned(),
            found: Found::of(&found),
        });
    }
    rights::judge_owner(path, &found)
}

fn stat(path: &Path) -> Result<Option<Metadata>, OpenError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("look at", path, error)),
    }
}

fn cannot(what: &'static str, path: &Path, source: io::Error) -> OpenError {
    OpenError::Place {
        what,
        path: path.to_owned(),
        source,
    }
}

/// The absolute path, without a slash at its end: with one, the system would follow a link there.
fn plain(path: &Path) -> io::Result<PathBuf> {
    Ok(std::path::absolute(path)?.components().collect())
}

/// The path without links on the way.
fn real(folder: &Path) -> io::Result<PathBuf> {
    if cfg!(unix) {
        fs::canonicalize(folder)
    } else {
        Ok(folder.to_owned())
    }
}

/// The name of a file beside the ledger on which something is tried out.
pub(crate) fn probe_name() -> String {
    format!("{FILE_NAME}-probe-{}", std::process::id())
}

/// POSIX's locks, which SQLite takes.
#[cfg(unix)]
fn lock_a_range(file: &fs::File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    Ok(fcntl_lock(file, FlockOperation::NonBlockingLockExclusive)?)
}

#[cfg(not(unix))]
fn lock_a_range(file: &fs::File) -> io::Result<()> {
    Ok(file.try_lock()?)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes an empty file. `create_new` follows no link (POSIX, `O_EXCL`).
pub(crate) fn make_file(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
mod rights {
    use std::fs::Metadata;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    use crate::open_error::OpenError;

    const ROOT: u32 = 0;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;

    pub(super) fn judge_owner(path: &Path, found: &Metadata) -> Result<(), OpenError> {
        let user = rustix::process::geteuid().as_raw();
        if found.uid() == user {
            return Ok(());
        }
        Err(OpenError::ForeignOwner {
            path: path.to_owned(),
            owner: found.uid(),
            user,
        })
    }

    /// In a folder of somebody else, or where others may write and remove, the ledger could be
    /// exchanged while it is in use. `/tmp` is root's, and its sticky bit keeps others out.
    pub(super) fn judge_folder(path: &Path, found: &Metadata) -> Result<(), OpenError> {
        if found.uid() != ROOT {
            judge_owner(path, found)?;
        }
        let mode = found.mode();
        if mode & WRITABLE_BY_OTHERS != 0 && mode & STICKY == 0 {
            return Err(OpenError::OpenToOthers {
                path: path.to_owned(),
                mode: mode & 0o7777,
            });
        }
        Ok(())
    }
}

#[cfg(not(unix))]
mod rights {
    use std::fs::Metadata;
    use std::path::Path;

    use crate::open_error::OpenError;

    // The folders of a Windows user are closed to others by what they inherit.

    pub(super) fn judge_owner(_: &Path, _: &Metadata) -> Result<(), OpenError> {
        Ok(())
    }

    pub(super) fn judge_folder(_: &Path, _: &Metadata) -> Result<(), OpenError> {
        Ok(())
    }
}
