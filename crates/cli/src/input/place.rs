//! Where a named file really is, and whether it may be looked at there.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use report::lexical;

use crate::input::search::is_absent;

/// Folders whose real paths are remembered. Asking the system once a folder, and not once a file,
/// makes a long list as cheap as a walk; lists name the files of a folder one after the other.
const REMEMBERED: usize = 256;

/// Where a named file is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Absolute, every link resolved as far as it leads.
    pub(crate) real_path: Arc<Path>,
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
    /// The system makes it up when it is read (procfs, sysfs and their like).
    OfKernel,
    /// The way to it leads out of the tree that is checked, through a link.
    Outside,
}

/// What a walk must not leave.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    /// Where the walk starts, links resolved.
    pub(crate) real_path: PathBuf,
}

/// Finds out where files are.
#[derive(Debug)]
pub(crate) struct Places {
    /// The working directory.
    here: PathBuf,
    /// The root of the repository around it: whoever writes to the repository places links in it.
    repository: Option<PathBuf>,
    folders: HashMap<PathBuf, Folder>,
}

#[derive(Clone, Debug)]
struct Folder {
    real_path: PathBuf,
    is_kernels: bool,
}

impl Places {
    pub(crate) fn new(here: &Path) -> Self {
        let here = fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
        Self {
            repository: repository(&here).map(Path::to_owned),
            here,
            folders: HashMap::new(),
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
        self.find(path, is_link, |places, folder, real_path| {
            places.leads_out(path, folder, real_path)
        })
    }

    /// Where a file is that was found in a walk of `tree`.
    pub(crate) fn found(&mut self, path: &Path, is_link: bool, tree: &Path) -> Place {
        self.find(path, is_link, |_, _, real_path| {
            !real_path.starts_with(tree)
        })
    }

    /// The tree that a walk of a folder must not leave: the repository around the working directory
    /// where the folder lies in it, else the folder.
    ///
    /// # Errors
    ///
    /// The folder must not be walked.
    pub(crate) fn tree(&mut self, folder: &Path) -> Result<Tree, Standing> {
        let Folder {
            real_path,
            is_kernels,
        } = self.folder(folder);
        if is_kernels {
            return Err(Standing::OfKernel);
        }
        if self.leads_out(folder, &real_path, &real_path) {
            return Err(Standing::Outside);
        }
        let root = match &self.repository {
            Some(repository) if real_path.starts_with(repository) => repository.clone(),
            _ => real_path.clone(),
        };
        Ok(Tree { root, real_path })
    }

    fn find(
        &mut self,
        path: &Path,
        is_link: bool,
        is_outside: impl FnOnce(&Self, &Path, &Path) -> bool,
    ) -> Place {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Place::fine(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
        };
        let folder = self.folder(parent);
        let by_name = folder.real_path.join(name);
        let (real_path, is_kernels) = if is_link {
            match fs::canonicalize(path) {
                Ok(real_path) => {
                    let is_kernels = real_path.parent().is_some_and(is_of_kernel);
                    (real_path, is_kernels)
                }
                Err(error) => return Place::of_broken_link(path, by_name, &error),
            }
        } else {
            (by_name, folder.is_kernels)
        };
        let standing = if is_outside(self, &folder.real_path, &real_path) {
            Standing::Outside
        } else if is_kernels {
            Standing::OfKernel
        } else {
            Standing::Fine
        };
        Place {
            real_path: real_path.into(),
            standing,
        }
    }

    /// Whether a name in the repository leads out of it. `folder` is where the name's folder is.
    fn leads_out(&self, path: &Path, folder: &Path, real_path: &Path) -> bool {
        let Some(repository) = &self.repository else {
            return false;
        };
        !real_path.starts_with(repository)
            && (folder.starts_with(repository)
                || lexical(&self.here.join(path)).starts_with(repository))
    }

    fn folder(&mut self, named: &Path) -> Folder {
        if let Some(folder) = self.folders.get(named) {
            return folder.clone();
        }
        let folder = if named == Path::new("") {
            Path::new(".")
        } else {
            named
        };
        let real_path = fs::canonicalize(folder).unwrap_or_else(|_| self.here.join(named));
        let folder = Folder {
            is_kernels: is_of_kernel(&real_path),
            real_path,
        };
        if self.folders.len() >= REMEMBERED {
            self.folders.clear();
        }
        self.folders.insert(named.to_owned(), folder.clone());
        folder
    }
}

impl Place {
    fn fine(real_path: PathBuf) -> Self {
        Self {
            real_path: real_path.into(),
            standing: Standing::Fine,
        }
    }

    fn of_broken_link(path: &Path, by_name: PathBuf, error: &io::Error) -> Self {
        let target = fs::read_link(path).ok().filter(|_| is_absent(error));
        Self {
            real_path: by_name.into(),
            standing: target.map_or(Standing::Fine, |target| Standing::Dangling { target }),
        }
    }
}

/// The root of the repository around a folder.
pub(crate) fn repository(folder: &Path) -> Option<&Path> {
    folder
        .ancestors()
        .find(|ancestor| ancestor.join(".git").symlink_metadata().is_ok())
}

/// Whether a folder holds what the kernel makes up. Some of it never ends, some is used up by
/// reading, and some is secret; none of it is an image.
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
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A repository and a secret beside it, in a new folder.
    fn checkout() -> (tempfile::TempDir, PathBuf) {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().canonicalize().unwrap();
        for folder in ["repo/.git", "repo/sub", "home"] {
            fs::create_dir_all(path.join(folder)).unwrap();
        }
        fs::write(path.join("repo/a.png"), "").unwrap();
        fs::write(path.join("home/key"), "").unwrap();
        symlink("../home/key", path.join("repo/out.png")).unwrap();
        symlink("../home", path.join("repo/folder")).unwrap();
        symlink("../a.png", path.join("repo/sub/in.png")).unwrap();
        symlink("no/where.png", path.join("repo/gone.png")).unwrap();
        symlink("self.png", path.join("repo/self.png")).unwrap();
        symlink("repo/a.png", path.join("mine.png")).unwrap();
        (top, path)
    }

    #[test]
    fn a_link_of_the_repository_must_not_lead_out_of_it() {
        let (_top, path) = checkout();
        let mut places = Places::new(&path.join("repo"));
        let mut standing = |name: &str, is_link| places.named(&path.join(name), is_link).standing;
        assert_eq!(standing("repo/a.png", false), Standing::Fine);
        assert_eq!(standing("repo/out.png", true), Standing::Outside);
        assert_eq!(standing("repo/folder/key", false), Standing::Outside);
        assert_eq!(standing("repo/sub/../out.png", true), Standing::Outside);
        assert_eq!(standing("repo/sub/in.png", true), Standing::Fine);
        assert_eq!(
            standing("repo/gone.png", true),
            Standing::Dangling {
                target: "no/where.png".into()
            }
        );
        assert_eq!(
            standing("repo/self.png", true),
            Standing::Fine,
            "the opener says it"
        );
        // What lies elsewhere, and a link there, is the user's own.
        assert_eq!(standing("home/key", false), Standing::Fine);
        assert_eq!(standing("mine.png", true), Standing::Fine);
    }

    #[test]
    fn without_a_repository_a_named_link_is_the_users_own() {
        let (_top, path) = checkout();
        fs::remove_dir(path.join("repo/.git")).unwrap();
        let mut places = Places::new(&path.join("repo"));
        let place = places.named(&path.join("repo/out.png"), true);
        assert_eq!(place.standing, Standing::Fine);
        assert_eq!(&*place.real_path, path.join("home/key"));
        // A walk must not leave the folder that was named.
        let tree = places.tree(&path.join("repo/sub")).unwrap();
        let found = places.found(&path.join("repo/sub/in.png"), true, &tree.root);
        assert_eq!(found.standing, Standing::Outside);
    }

    #[test]
    fn a_walk_may_use_the_whole_repository() {
        let (_top, path) = checkout();
        let mut places = Places::new(&path.join("repo"));
        let tree = places.tree(&path.join("repo/sub")).unwrap();
        let found = places.found(&path.join("repo/sub/in.png"), true, &tree.root);
        assert_eq!(found.standing, Standing::Fine);
        assert_eq!(
            places.tree(&path.join("repo/folder")),
            Err(Standing::Outside)
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_kernel_makes_up_is_no_file() {
        let (_top, path) = checkout();
        symlink("/proc/self/environ", path.join("env.png")).unwrap();
        let mut places = Places::new(&path);
        for (name, is_link) in [
            ("/proc/self/environ", false),
            ("/proc/1/../self/stat", false),
        ] {
            let place = places.named(Path::new(name), is_link);
            assert_eq!(place.standing, Standing::OfKernel, "{name}");
        }
        let place = places.named(&path.join("env.png"), true);
        assert_eq!(place.standing, Standing::OfKernel);
        assert_eq!(places.tree(Path::new("/proc/sys")), Err(Standing::OfKernel));
    }
}
