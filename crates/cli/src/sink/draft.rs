//! A file in the making, which replaces another one whole or leaves nothing behind.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::SpooledTempFile;

use crate::sink::folder::Folder;
use crate::sink::way::{Stands, Way};

/// Bytes that are kept in memory where no file can be made beside the target.
const IN_MEMORY: usize = 8 << 20;

/// The temporary files that there are. Each is removed when it is dropped; a process that is ended
/// at once drops nothing, and removes them by this list.
static OPEN: Mutex<Vec<(Folder, OsString)>> = Mutex::new(Vec::new());

/// A file in the making.
#[derive(Debug)]
pub(crate) struct Draft {
    folder: Folder,
    name: OsString,
    text: Text,
    /// The file that it replaces, open for writing: for a place where no file can be moved to.
    old: Option<File>,
}

/// Where the bytes are until the end.
#[derive(Debug)]
enum Text {
    /// In a file beside the target.
    Beside(Temporary),
    /// Where the folder takes no file, or a new one could not have the old one's owner: at hand.
    Gathered(SpooledTempFile),
}

#[derive(Debug)]
struct Temporary {
    folder: Folder,
    name: OsString,
    file: File,
}

impl Draft {
    /// Begins a file at the end of a way. `old` is the file that is there, open for writing.
    ///
    /// # Errors
    ///
    /// Nothing can be written there.
    pub(crate) fn begin(way: Way, old: Option<File>) -> io::Result<Self> {
        let text = match Temporary::beside(&way.folder, old.as_ref()) {
            Ok(temporary) => Text::Beside(temporary),
            Err(_) if way.stands == Stands::File => Text::Gathered(SpooledTempFile::new(IN_MEMORY)),
            Err(error) => return Err(error),
        };
        Ok(Self {
            folder: way.folder,
            name: way.name,
            text,
            old,
        })
    }

    /// Brings the file to its place: at once, by renaming, or where that cannot be (a mounted file,
    /// another user's folder) by writing over what stands there.
    ///
    /// # Errors
    ///
    /// Neither could be done.
    pub(crate) fn finish(self) -> io::Result<()> {
        let Self {
            folder,
            name,
            text,
            old,
        } = self;
        match (text, old) {
            (Text::Beside(mut temporary), old) => {
                match (folder.rename(&temporary.name, &name), old) {
                    (Ok(()), _) => temporary.forget(),
                    (Err(_), Some(old)) => write_over(&old, &mut temporary.file)?,
                    (Err(error), None) => return Err(error),
                }
                Ok(())
            }
            (Text::Gathered(mut text), Some(old)) => write_over(&old, &mut text),
            (Text::Gathered(_), None) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Temporary {
    /// A new file in a folder, with owner and rights of an old one.
    fn beside(folder: &Folder, old: Option<&File>) -> io::Result<Self> {
        let (folder, listed) = (folder.try_clone()?, folder.try_clone()?);
        let (name, file) = folder.new_temporary()?;
        open().push((listed, name.clone()));
        let temporary = Self { folder, name, file };
        if let Some(old) = old {
            give_on(old, &temporary.file)?;
        }
        Ok(temporary)
    }

    /// It is what it was made for, and not to be removed any more.
    fn forget(&self) {
        open().retain(|(_, name)| *name != self.name);
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut open = open();
        if open.iter().any(|(_, name)| *name == self.name) {
            let _ = self.folder.remove(&self.name);
            open.retain(|(_, name)| *name != self.name);
        }
    }
}

/// Gives owner and rights of an old file on to a new one.
fn give_on(old: &File, new: &File) -> io::Result<()> {
    let old = old.metadata()?;
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

/// Writes a text over a file that is open for appending.
fn write_over(mut old: &File, text: &mut (impl io::Read + io::Seek)) -> io::Result<()> {
    text.rewind()?;
    old.set_len(0)?;
    io::copy(text, &mut old).map(drop)
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.text {
            Text::Beside(temporary) => temporary.file.write(bytes),
            Text::Gathered(text) => text.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.text {
            Text::Beside(temporary) => temporary.file.flush(),
            Text::Gathered(text) => text.flush(),
        }
    }
}

/// Removes every temporary file, for a process that is about to be ended.
pub(crate) fn remove_all() {
    for (folder, name) in open().drain(..) {
        let _ = folder.remove(&name);
    }
}

/// A panic of another thread leaves the list whole.
fn open() -> MutexGuard<'static, Vec<(Folder, OsString)>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::sink::way::find;

    const OLD: &str = "an old and longer report";

    fn old_report(folder: &tempfile::TempDir) -> PathBuf {
        let path = folder.path().join("report.md");
        fs::write(&path, OLD).unwrap();
        #[cfg(unix)]
        {
            use std::fs::Permissions;
            use std::os::unix::fs::PermissionsExt as _;

            fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        }
        path
    }

    fn begin(path: &Path) -> Draft {
        let way = find(path).unwrap();
        let old = (way.stands == Stands::File).then(|| way.open_old().unwrap());
        Draft::begin(way, old).unwrap()
    }

    fn assert_only_file(path: &Path, text: &str) {
        assert_eq!(fs::read_to_string(path).unwrap(), text);
        let folder = fs::read_dir(path.parent().unwrap()).unwrap();
        assert_eq!(folder.count(), 1, "nothing else is left");
    }

    #[test]
    fn it_becomes_what_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let path = old_report(&folder);
        let old = fs::metadata(&path).unwrap();
        let mut draft = begin(&path);
        assert!(matches!(draft.text, Text::Beside(_)));
        draft.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
        draft.finish().unwrap();
        assert_only_file(&path, "new");
        let new = fs::metadata(&path).unwrap();
        assert_eq!(new.permissions(), old.permissions());
    }

    #[test]
    fn dropped_it_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = old_report(&folder);
        let mut draft = begin(&path);
        draft.write_all(b"new").unwrap();
        drop(draft);
        assert_only_file(&path, OLD);
    }

    #[test]
    fn what_cannot_be_moved_there_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = old_report(&folder);
        // A removed file cannot be moved; its bytes are still there.
        let mut draft = begin(&path);
        draft.write_all(b"new").unwrap();
        if let Text::Beside(temporary) = &draft.text {
            draft.folder.remove(&temporary.name).unwrap();
        }
        draft.finish().unwrap();
        assert_only_file(&path, "new");
        // In a folder that takes no file.
        fs::write(&path, OLD).unwrap();
        let mut draft = begin(&path);
        draft.text = Text::Gathered(SpooledTempFile::new(2));
        draft.write_all(b"newer").unwrap();
        draft.finish().unwrap();
        assert_only_file(&path, "newer");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_appears_on_the_way_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        let victim = folder.path().join("victim");
        fs::write(&victim, "kept").unwrap();
        let mut draft = begin(&path);
        draft.write_all(b"new").unwrap();
        std::os::unix::fs::symlink("victim", &path).unwrap();
        draft.finish().unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
