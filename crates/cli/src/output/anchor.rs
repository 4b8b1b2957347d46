//! Where a report for a code host points: a file of the repository and a line.
//!
//! Hosts want paths from the repository's root, with `/` between the parts and links resolved, and
//! show nothing for a place that has no line, so an image is its own line 1.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::output::{ImageLine, Subject};

/// The folder that paths are given from: the root of the repository around the working directory,
/// else the working directory itself.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    folder: Option<PathBuf>,
    /// The folder that was resolved last, as typed and resolved: neighbours mostly share it, and
    /// resolving costs a system call for each of its parts.
    last: RefCell<(PathBuf, Option<PathBuf>)>,
}

/// A file of the repository and a line in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Anchor {
    path: Vec<u8>,
    /// Counted from 1.
    pub(crate) line: u64,
}

impl Root {
    /// The root for the working directory.
    pub(crate) fn of_working_directory() -> Self {
        let here = std::env::current_dir().and_then(fs::canonicalize).ok();
        Self::of(here.as_deref())
    }

    fn of(here: Option<&Path>) -> Self {
        let repository = here.and_then(|here| {
            here.ancestors()
                .find(|ancestor| ancestor.join(".git").exists())
        });
        Self {
            folder: repository.or(here).map(Path::to_owned),
            last: RefCell::default(),
        }
    }

    /// Where an image is pointed to: a file at itself, anything else at the line that lists it.
    /// An URL of the command line and standard input are nowhere.
    pub(crate) fn anchor(&self, image: &ImageLine) -> Option<Anchor> {
        match (&image.subject, &image.origin) {
            (Subject::Path(path), _) => Some(Anchor {
                path: self.within(path),
                line: 1,
            }),
            // A list that came through standard input is no file.
            (_, Some(origin)) if origin.file != Path::new("-") => Some(Anchor {
                path: self.within(&origin.file),
                line: origin.line,
            }),
            (_, _) => None,
        }
    }

    /// A path from the root, or as it was typed where it lies outside or does not exist.
    fn within(&self, path: &Path) -> Vec<u8> {
        let inside = self.folder.as_ref().and_then(|root| {
            let resolved = self.resolve(path)?;
            Some(resolved.strip_prefix(root).ok()?.to_owned())
        });
        slashed(inside.as_deref().unwrap_or(path))
    }

    /// The path with every link resolved, if it exists.
    fn resolve(&self, path: &Path) -> Option<PathBuf> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return fs::canonicalize(path).ok();
        };
        if fs::symlink_metadata(path).ok()?.is_symlink() {
            return fs::canonicalize(path).ok();
        }
        let mut last = self.last.borrow_mut();
        if last.0 != folder || last.1.is_none() {
            let named = if folder == Path::new("") {
                Path::new(".")
            } else {
                folder
            };
            *last = (folder.to_owned(), fs::canonicalize(named).ok());
        }
        Some(last.1.as_ref()?.join(name))
    }
}

impl Anchor {
    /// The path for people and properties. Bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn path(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.path)
    }

    /// The path as a relative reference of a URI, exact byte for byte (RFC 3986, section 4.2).
    pub(crate) fn uri(&self) -> String {
        let mut uri = String::with_capacity(self.path.len());
        // A first segment with a colon would be read as a scheme; an absolute path needs one.
        if self.path.starts_with(b"/") {
            uri.push_str("file://");
        }
        for &byte in &self.path {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    uri.push(char::from(byte));
                }
                _ => {
                    let _ = write!(uri, "%{byte:02X}");
                }
            }
        }
        uri
    }
}

/// The bytes of a path, with `/` between its parts.
#[cfg(unix)]
fn slashed(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;

    path.as_os_str().as_bytes().to_vec()
}

/// The bytes of a path, with `/` between its parts.
#[cfg(not(unix))]
fn slashed(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_given_from_the_repositorys_root() {
        let top = tempfile::tempdir().unwrap();
        let here = top.path().canonicalize().unwrap().join("sub");
        fs::create_dir_all(&here).unwrap();
        fs::write(here.join("a b.png"), "").unwrap();
        let path = |root: &Root| Anchor {
            path: root.within(&here.join("a b.png")),
            line: 1,
        };
        assert_eq!(path(&Root::of(Some(&here))).uri(), "a%20b.png");
        fs::create_dir(top.path().join(".git")).unwrap();
        assert_eq!(path(&Root::of(Some(&here))).path(), "sub/a b.png");
        let missing = Anchor {
            path: Root::of(Some(&here)).within(Path::new("x/no.png")),
            line: 1,
        };
        assert_eq!(missing.path(), "x/no.png");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_resolved_wherever_it_stands() {
        let top = tempfile::tempdir().unwrap();
        let here = top.path().canonicalize().unwrap();
        fs::create_dir_all(here.join("real")).unwrap();
        fs::write(here.join("real/a.png"), "").unwrap();
        std::os::unix::fs::symlink("real", here.join("folder")).unwrap();
        std::os::unix::fs::symlink("a.png", here.join("real/b.png")).unwrap();
        let root = Root::of(Some(&here));
        for name in ["real/a.png", "folder/a.png", "folder/b.png", "real/b.png"] {
            assert_eq!(root.within(&here.join(name)), b"real/a.png", "{name}");
        }
    }

    #[test]
    fn a_uri_holds_every_byte() {
        let anchor = |path: &[u8]| Anchor {
            path: path.to_vec(),
            line: 1,
        };
        assert_eq!(anchor(b"a:b/\xff#?%.png").uri(), "a%3Ab/%FF%23%3F%25.png");
        assert_eq!(anchor(b"/tmp/x.png").uri(), "file:///tmp/x.png");
    }
}
