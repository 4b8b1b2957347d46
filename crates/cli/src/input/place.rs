//! Where a named file really is, and whether it may be looked at there.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use report::lexical;

use crate::input::search::is_absent;
use crate::input::seen::{Fingerprint, Identity, Keys};

/// Folders whose real paths are remembered. Asking the system once a folder, and not once a file,
/// makes a long list as cheap as a walk; lists name the files of a folder one after the other.
const REMEMBERED: usize = 256;

/// Where a named file is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Absolute, every link resolved as far as it leads.
    pub(crate) real_path: PathBuf,
    /// Of that path.
    pub(crate) fingerprint: Fingerprint,
    pub(crate) standing: Standing,
}

/// Whether a file may be looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    Fine,
    /// A link whose target is not there.
    Dangling {
        target: PathBuf,
    },
    /// A link that leads back to itself.
    Loop,
    /// The system makes it up when it is read (procfs, sysfs and their like).
    OfKernel,
    /// The way to it leads out of the tree that is checked, through a link.
    Outside,
}

/// The folders that a walk must not leave.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    /// Where the walk starts.
    pub(crate) folder: Arc<Folder>,
}

/// Finds out where files are.
#[derive(Debug)]
pub(crate) struct Places {
    keys: Keys,
    /// The working directory.
    here: PathBuf,
    /// The root of the repository around it: who writes to the repository places links in it.
    repository: Option<PathBuf>,
    folders: HashMap<PathBuf, Arc<Folder>>,
    /// The most of them.
    remembered: usize,
    /// The folder that was asked for last, as it was named.
    last: Option<(PathBuf, Arc<Folder>)>,
}

/// A folder.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Absolute, every link resolved.
    pub(crate) real_path: PathBuf,
    fingerprint: Fingerprint,
    is_kernels: bool,
    is_in_repository: bool,
}

impl Places {
    pub(crate) fn new(here: &Path, keys: Keys) -> Self {
        let here = fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
        Self {
            keys,
            repository: repository(&here).map(Path::to_owned),
            here,
            folders: HashMap::new(),
            remembered: REMEMBERED,
            last: None,
        }
    }

    /// The root of the repository around the working directory.
    pub(crate) fn repository(&self) -> Option<&Path> {
        self.repository.as_deref()
    }

    /// The working directory.
    pub(crate) fn here(&self) -> &Path {
        &self.here
    }

    /// Where a file is that somebody named. `is_link` says whether the file itself is a link.
    pub(crate) fn named(&mut self, path: &Path, is_link: bool) -> Place {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            let real_path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            return self.place(real_path, Standing::Fine);
        };
        let folder = self.folder(parent);
        if is_link {
            return self.behind_link(path, name, &folder, |real_path| {
                self.leads_out(path, &folder, real_path)
            });
        }
        let is_outside =
            !folder.is_in_repository && self.leads_out(path, &folder, &folder.real_path);
        self.plain(name, &folder, is_outside)
    }

    /// Where a file is that was found in a folder in a walk of `tree`. `path` is how it is named.
    pub(crate) fn found(
        &self,
        path: &Path,
        name: &OsStr,
        is_link: bool,
        folder: &Folder,
        tree: &Path,
    ) -> Place {
        if is_link {
            self.behind_link(path, name, folder, |real_path| !real_path.starts_with(tree))
        } else {
            // A walk enters no link, so that it is still in its tree.
            self.plain(name, folder, false)
        }
    }

    /// The tree that a walk of a folder must not leave: the repository around the working directory
    /// where the folder lies in it, else the folder.
    ///
    /// # Errors
    ///
    /// The folder must not be walked.
    pub(crate) fn tree(&mut self, named: &Path) -> Result<Tree, Standing> {
        let folder = self.folder(named);
        if folder.is_kernels {
            return Err(Standing::OfKernel);
        }
        if self.leads_out(named, &folder, &folder.real_path) {
            return Err(Standing::Outside);
        }
        let root = match &self.repository {
            Some(repository) if folder.is_in_repository => repository.clone(),
            _ => folder.real_path.clone(),
        };
        Ok(Tree { root, folder })
    }

    /// A folder that a walk found in another one.
    pub(crate) fn below(&self, above: &Folder, name: &OsStr) -> Arc<Folder> {
        self.at(joined(&above.real_path, name))
    }

    /// A file that is not a link.
    fn plain(&self, name: &OsStr, folder: &Folder, is_outside: bool) -> Place {
        Place {
            real_path: joined(&folder.real_path, name),
            fingerprint: self.keys.of(Identity::File {
                folder: folder.fingerprint,
                name: name.as_encoded_bytes(),
            }),
            standing: if is_outside {
                Standing::Outside
            } else if folder.is_kernels {
                Standing::OfKernel
            } else {
                Standing::Fine
            },
        }
    }

    fn behind_link(
        &self,
        path: &Path,
        name: &OsStr,
        folder: &Folder,
        is_outside: impl FnOnce(&Path) -> bool,
    ) -> Place {
        match fs::canonicalize(path) {
            Ok(real_path) => {
                let standing = if is_outside(&real_path) {
                    Standing::Outside
                } else if real_path.parent().is_some_and(is_of_kernel) {
                    Standing::OfKernel
                } else {
                    Standing::Fine
                };
                self.place(real_path, standing)
            }
            Err(error) => {
                let standing = match fs::read_link(path) {
                    Ok(_) if is_loop(&error) => Standing::Loop,
                    Ok(target) if is_absent(&error) => Standing::Dangling { target },
                    // Opening it fails in the same way, and is reported.
                    Ok(_) | Err(_) => Standing::Fine,
                };
                self.place(joined(&folder.real_path, name), standing)
            }
        }
    }

    fn place(&self, real_path: PathBuf, standing: Standing) -> Place {
        let folder = real_path.parent().unwrap_or(&real_path);
        let name = real_path.file_name().unwrap_or_default();
        let fingerprint = self.keys.of(Identity::File {
            folder: self.keys.of_folder(folder.as_os_str().as_encoded_bytes()),
            name: name.as_encoded_bytes(),
        });
        Place {
            fingerprint,
            real_path,
            standing,
        }
    }

    /// Whether a name in the repository leads out of it. `folder` is where the name's folder is.
    fn leads_out(&self, path: &Path, folder: &Folder, real_path: &Path) -> bool {
        let Some(repository) = &self.repository else {
            return false;
        };
        !real_path.starts_with(repository)
            && (folder.is_in_repository || lexical(&self.here.join(path)).starts_with(repository))
    }

    fn folder(&mut self, named: &Path) -> Arc<Folder> {
        // By their bytes: lists name the files of a folder one after the other.
        if let Some((last, folder)) = &self.last
            && last.as_os_str() == named.as_os_str()
        {
            return Arc::clone(folder);
        }
        let folder = match self.folders.get(named) {
            Some(folder) => Arc::clone(folder),
            None => self.look_up(named),
        };
        self.last = Some((named.to_owned(), Arc::clone(&folder)));
        folder
    }

    fn look_up(&mut self, named: &Path) -> Arc<Folder> {
        let path = if named == Path::new("") {
            Path::new(".")
        } else {
            named
        };
        let folder = self.at(fs::canonicalize(path).unwrap_or_else(|_| self.here.join(named)));
        if self.folders.len() >= self.remembered {
            self.folders.clear();
        }
        self.folders.insert(named.to_owned(), Arc::clone(&folder));
        folder
    }

    fn at(&self, real_path: PathBuf) -> Arc<Folder> {
        let repository = self.repository.as_ref();
        Arc::new(Folder {
            fingerprint: self
                .keys
                .of_folder(real_path.as_os_str().as_encoded_bytes()),
            is_kernels: is_of_kernel(&real_path),
            is_in_repository: repository.is_some_and(|it| real_path.starts_with(it)),
            real_path,
        })
    }
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

#[cfg(not(unix))]
const fn is_loop(_: &io::Error) -> bool {
    false
}

/// A path with a name behind it, in one piece of memory.
pub(crate) fn joined(folder: &Path, name: &OsStr) -> PathBuf {
    let mut path = PathBuf::with_capacity(folder.as_os_str().len() + 1 + name.len());
    path.push(folder);
    path.push(name);
    path
}

/// The root of the repository around a folder.
pub(crate) fn repository(folder: &Path) -> Option<&Path> {
    folder
        .ancestors()
        .find(|ancestor| ancestor.join(".git").symlink_metadata().is_ok())
}

/// Whether a folder holds files that the kernel makes up. Some never end, some are used up by
/// reading, and some are secret; none is an image.
#[cfg(target_os = "linux")]
fn is_of_kernel(folder: &Path) -> bool {
    /// Of linux/magic.h: procfs, sysfs, debugfs, tracefs, configfs, securityfs, selinuxfs, both
    /// versions of cgroupfs, bpf, binfmt_misc, pstore.
    const MAGIC: [u32; 12] = [
        0x9fa0,
        0x6265_6572,
        0x6462_6720,
        0x7472_6163,
        0x6265_6570,
        0x7363_6673,
        0xf97c_ff8c,
        0x0027_e0eb,
        0x6367_7270,
        0xcafe_4a11,
        0x4249_4e4d,
        0x6165_676c,
    ];
    // The field is signed on some machines; its bits are the number.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "magic numbers have 32 bits"
    )]
    rustix::fs::statfs(folder).is_ok_and(|system| MAGIC.contains(&(system.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
const fn is_of_kernel(_: &Path) -> bool {
    false
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
