//! The way to a file that is written: through folders that are held open, and through no link that a
//! repository holds.
//!
//! Whoever writes to a repository can commit a link under the name that a report is known to have.
//! What such a link leads to is not for him to choose. Links elsewhere are the user's own.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::sink::folder::{Access, Entry, Folder};

/// Links in a way; Linux follows as many.
const MAX_LINKS: usize = 40;

/// Where a file is written.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) folder: Folder,
    pub(crate) name: OsString,
    /// The whole path, links resolved.
    pub(crate) real_path: PathBuf,
    pub(crate) stands: Stands,
}

impl Way {
    /// The file at the end, open for adding to it.
    ///
    /// # Errors
    ///
    /// Nothing stands there, or it may not be written to.
    pub(crate) fn open_old(&self) -> io::Result<File> {
        match self.stands {
            // Only its path leads to it.
            Stands::StreamOfProcess => File::options().append(true).open(&self.real_path),
            _ => self.folder.open(&self.name, Access::Append),
        }
    }

    /// A file to add to. It is made where nothing stands.
    ///
    /// # Errors
    ///
    /// It may not be written to.
    pub(crate) fn append(&self) -> io::Result<File> {
        match self.stands {
            Stands::File | Stands::Nothing => self.folder.open(&self.name, Access::AppendOrNew),
            Stands::Stream | Stands::StreamOfProcess => self.open_old(),
        }
    }
}

/// The entry at the end of a way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stands {
    File,
    Nothing,
    /// A FIFO or a device.
    Stream,
    /// A stream of a process, by a name that the system makes up.
    StreamOfProcess,
}

/// Why nothing can be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WayError {
    #[error("expected a file, but found a folder")]
    Folder,
    #[error(
        "expected a place to write to, but found a link in a repository ({} to {}): whoever writes \
         to the repository chose where it leads; remove it, or name another place",
        link.display(),
        target.display()
    )]
    Link { link: PathBuf, target: PathBuf },
    #[error("expected an existing folder, but found none")]
    NoFolder,
    #[error(transparent)]
    System(#[from] io::Error),
}

/// A folder on the way.
struct Step {
    folder: Folder,
    path: PathBuf,
    /// Whether it lies in a repository.
    is_in_repository: bool,
}

/// Finds the way to a file, which need not be there. Its folder must.
///
/// # Errors
///
/// There is no such way, or it must not be taken.
pub(crate) fn find(path: &Path) -> Result<Way, WayError> {
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(WayError::Folder);
    }
    let path = std::path::absolute(path)?;
    let mut steps = vec![Step::root(&path)?];
    // The names that are left to go, the next one last.
    let mut ahead = names(&path);
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        if name == ".." {
            if steps.len() > 1 {
                steps.pop();
            }
            continue;
        }
        let Some(step) = steps.last() else {
            return Err(WayError::NoFolder);
        };
        let stands = match step.folder.entry(&name)? {
            Entry::Folder => {
                let step = step.enter(&name)?;
                steps.push(step);
                continue;
            }
            Entry::Link(_) if ahead.is_empty() && step.folder.is_of_processes() => {
                Stands::StreamOfProcess
            }
            Entry::Link(target) => {
                links += 1;
                let target = PathBuf::from(target);
                if step.is_in_repository {
                    let link = step.path.join(name);
                    return Err(WayError::Link { link, target });
                }
                if links > MAX_LINKS {
                    let message = "the links on the way lead in a circle";
                    return Err(io::Error::other(message).into());
                }
                if target.has_root() {
                    steps.truncate(1);
                }
                ahead.extend(names(&target));
                continue;
            }
            Entry::File => Stands::File,
            Entry::Missing => Stands::Nothing,
            Entry::Stream => Stands::Stream,
        };
        if !ahead.is_empty() {
            return Err(WayError::NoFolder);
        }
        return Ok(Way {
            real_path: step.path.join(&name),
            folder: step.folder.try_clone()?,
            name,
            stands,
        });
    }
    Err(WayError::Folder)
}

/// The names in a path, the first one last.
fn names(path: &Path) -> Vec<OsString> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::CurDir | Component::Prefix(_) | Component::RootDir => None,
    });
    let mut names: Vec<_> = names.collect();
    names.reverse();
    names
}

impl Step {
    #[cfg(unix)]
    fn root(_: &Path) -> io::Result<Self> {
        Self::new(Folder::root()?, PathBuf::from("/"), false)
    }

    #[cfg(not(unix))]
    fn root(path: &Path) -> io::Result<Self> {
        let top = path.ancestors().last().unwrap_or(path).to_owned();
        Self::new(Folder::root_of(path), top, false)
    }

    fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let folder = self.folder.folder(name)?;
        Self::new(folder, self.path.join(name), self.is_in_repository)
    }

    fn new(folder: Folder, path: PathBuf, is_in_repository: bool) -> io::Result<Self> {
        let is_in_repository =
            is_in_repository || folder.entry(OsStr::new(".git"))? != Entry::Missing;
        Ok(Self {
            folder,
            path,
            is_in_repository,
        })
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// A repository in a folder of its own, with links of its own and of the user.
    fn folders() -> (tempfile::TempDir, PathBuf) {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().canonicalize().unwrap();
        for folder in ["repo/.git", "repo/out", "home"] {
            fs::create_dir_all(path.join(folder)).unwrap();
        }
        fs::write(path.join("home/.bashrc"), "").unwrap();
        symlink("../home/.bashrc", path.join("repo/report.md")).unwrap();
        symlink("../home", path.join("repo/folder")).unwrap();
        symlink("out", path.join("repo/inside")).unwrap();
        symlink("nowhere", path.join("repo/dangling.md")).unwrap();
        symlink("repo", path.join("to-repo")).unwrap();
        symlink("home/.bashrc", path.join("mine.md")).unwrap();
        symlink("circle", path.join("circle")).unwrap();
        (top, path)
    }

    #[test]
    fn no_link_of_a_repository_is_followed() {
        let (_top, path) = folders();
        for name in [
            "repo/report.md",
            "repo/folder/new.md",
            "repo/folder/../home/new.md",
            "repo/inside/new.md",
            "repo/dangling.md",
            "to-repo/report.md",
            "home/../repo/./report.md",
        ] {
            let found = find(&path.join(name));
            assert!(
                matches!(found, Err(WayError::Link { .. })),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn links_elsewhere_are_the_users_own() {
        let (_top, path) = folders();
        for (name, real, stands) in [
            ("mine.md", "home/.bashrc", Stands::File),
            ("to-repo/out/new.md", "repo/out/new.md", Stands::Nothing),
            ("to-repo/../home/.bashrc", "home/.bashrc", Stands::File),
        ] {
            let way = find(&path.join(name)).unwrap();
            assert_eq!(way.real_path, path.join(real), "{name}");
            assert_eq!(way.stands, stands, "{name}");
        }
    }

    #[test]
    fn what_is_no_way_is_said() {
        let (_top, path) = folders();
        for name in ["home", "new.md/", "home/.."] {
            let found = find(&path.join(name));
            assert!(matches!(found, Err(WayError::Folder)), "{name}: {found:?}");
        }
        for name in ["no/new.md", "home/.bashrc/new.md"] {
            let found = find(&path.join(name));
            assert!(
                matches!(found, Err(WayError::NoFolder)),
                "{name}: {found:?}"
            );
        }
        let found = find(&path.join("circle"));
        assert!(matches!(found, Err(WayError::System(_))), "{found:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn streams_are_known() {
        for name in ["/dev/null", "/dev/full"] {
            assert_eq!(find(Path::new(name)).unwrap().stands, Stands::Stream);
        }
        for name in ["/dev/stdout", "/dev/fd/2", "/proc/self/fd/1"] {
            let way = find(Path::new(name)).unwrap();
            assert_eq!(way.stands, Stands::StreamOfProcess, "{name}");
        }
    }
}
