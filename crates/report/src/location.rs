//! The file of the repository and the line that a report for a code host points to.
//!
//! Hosts want paths relative to the repository's root, with `/` between the parts and links
//! resolved. They show nothing for a location without a line, so an image counts as line 1 of
//! itself.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

use crate::image::{Image, ImageName};
use crate::words::{display_name, hides_part};

/// The folder that paths are relative to: the root of the repository around the working directory,
/// else the working directory itself.
#[derive(Clone, Debug)]
pub struct RepositoryRoot {
    /// Absolute, links resolved.
    folder: Option<PathBuf>,
    /// The working directory: absolute, links resolved.
    here: Option<PathBuf>,
    /// The list that was looked up last, as typed and from the root: the next image is mostly of
    /// the same list.
    last_list: RefCell<(PathBuf, Vec<u8>)>,
}

/// The path without `.` and `..`, judged by its text alone.
#[must_use]
pub fn lexical(path: &Path) -> PathBuf {
    path.components()
        .fold(PathBuf::new(), |mut out, component| {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    out.pop();
                }
                other => out.push(other),
            }
            out
        })
}

/// A file of the repository and a line in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Location<'a> {
    path: Cow<'a, [u8]>,
    /// Counted from 1.
    pub(crate) line: u64,
    /// Whether the file is the image itself, and not the list that names it.
    pub(crate) is_image: bool,
}

impl RepositoryRoot {
    /// The root for a working directory: the nearest parent folder that holds a `.git`, else the
    /// working directory itself. Reads the file system.
    #[must_use]
    pub fn of(here: &Path) -> Self {
        let here = fs::canonicalize(here).ok();
        let repository = here.as_deref().and_then(|here| {
            here.ancestors()
                .find(|ancestor| ancestor.join(".git").exists())
        });
        Self {
            folder: repository.map(Path::to_owned).or_else(|| here.clone()),
            here,
            last_list: RefCell::default(),
        }
    }

    /// No root: paths are given as they were typed.
    #[must_use]
    pub fn none() -> Self {
        Self::in_folder(None)
    }

    /// A root that need not exist.
    fn in_folder(here: Option<&Path>) -> Self {
        Self {
            folder: here.map(Path::to_owned),
            here: here.map(Path::to_owned),
            last_list: RefCell::default(),
        }
    }

    /// The location of an image: the file itself, else the line of the list that named it. A URL of
    /// the command line and standard input have none.
    pub(crate) fn locate<'a>(&self, image: &'a Image) -> Option<Location<'a>> {
        // A list on standard input is not a file.
        let listed = image.listed.as_ref();
        let list = listed.filter(|listed| listed.file != Path::new("-"));
        match (&image.name, list) {
            // A missing file is reported at the line that lists it, if there is one.
            (ImageName::Path(path), list) if image.real_path.is_some() || list.is_none() => {
                Some(Location {
                    path: self.within(path, image.real_path.as_deref()),
                    line: 1,
                    is_image: true,
                })
            }
            (_, Some(list)) => Some(Location {
                path: self.list(&list.file).into(),
                line: list.line,
                is_image: false,
            }),
            (_, None) => None,
        }
    }

    /// A path from the root, or as it was typed if it lies outside. `real_path` is the file that it
    /// leads to, absolute and with every link resolved; if there is none, or it lies outside, the
    /// typed path counts.
    fn within<'a>(&self, typed: &'a Path, real_path: Option<&'a Path>) -> Cow<'a, [u8]> {
        if let Some(inside) = real_path.and_then(|path| self.below(path)) {
            return slashed(inside);
        }
        let named = self.here.as_ref().map(|here| lexical(&here.join(typed)));
        match named.as_deref().and_then(|named| self.below(named)) {
            Some(inside) => slashed(inside).into_owned().into(),
            None => slashed(typed.as_os_str().as_encoded_bytes()),
        }
    }

    /// The part of a path below the root. Comparing text is enough: neither path has links or `..`.
    fn below<'a>(&self, path: &'a Path) -> Option<&'a [u8]> {
        let root = self.folder.as_ref()?.as_os_str().as_encoded_bytes();
        let separator = MAIN_SEPARATOR as u8;
        let root = root.strip_suffix(&[separator]).unwrap_or(root);
        let rest = path.as_os_str().as_encoded_bytes().strip_prefix(root)?;
        rest.strip_prefix(&[separator])
    }

    fn list(&self, list: &Path) -> Vec<u8> {
        let mut last = self.last_list.borrow_mut();
        if last.0 != list {
            let real_path = fs::canonicalize(list).ok();
            let path = self.within(list, real_path.as_deref()).into_owned();
            *last = (list.to_owned(), path);
        }
        last.1.clone()
    }
}

impl Location<'_> {
    /// The path for people and properties. Bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn path(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.path)
    }

    /// The identity of an image within a report, for fingerprints: its path, else its name. Two
    /// URLs that differ only in a hidden part are distinguished by their lines.
    pub(crate) fn identity<'b>(&'b self, image: &'b Image) -> Cow<'b, str> {
        let name = display_name(image);
        match std::str::from_utf8(&self.path) {
            Ok(path) if self.is_image => path.into(),
            Err(_) if self.is_image => self.uri().into(),
            _ if hides_part(image) => format!("{name}:{}", self.line).into(),
            _ => name,
        }
    }

    /// The path as a relative reference of a URI, exact byte for byte (RFC 3986, section 4.2).
    pub(crate) fn uri(&self) -> String {
        let mut uri = String::with_capacity(self.path.len());
        // A first segment with a colon would be read as a scheme; an absolute path needs one.
        if self.path.starts_with(b"/") {
            uri.push_str("file://");
        }
        for &byte in &*self.path {
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
fn slashed(path: &[u8]) -> Cow<'_, [u8]> {
    if MAIN_SEPARATOR == '/' {
        return path.into();
    }
    let slash = |&byte: &u8| if byte == b'\\' { b'/' } else { byte };
    path.iter().map(slash).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    /// The location's path of a file, from its typed and its real path.
    fn path(root: &RepositoryRoot, typed: &str, real_path: Option<&Path>) -> String {
        let image = Image {
            real_path: real_path.map(Into::into),
            ..sample::passed(typed)
        };
        root.locate(&image).unwrap().path().into_owned()
    }

    #[test]
    fn paths_are_given_from_the_repositorys_root() {
        let top = tempfile::tempdir().unwrap();
        let here = top.path().canonicalize().unwrap().join("sub");
        fs::create_dir_all(&here).unwrap();
        let place = here.join("a b.png");
        let root = RepositoryRoot::of(&here);
        assert_eq!(path(&root, "./a b.png", Some(&place)), "a b.png");
        fs::create_dir(top.path().join(".git")).unwrap();
        let root = RepositoryRoot::of(&here);
        assert_eq!(path(&root, "a b.png", Some(&place)), "sub/a b.png");
        // A link leads elsewhere than its name says.
        assert_eq!(path(&root, "link/b.png", Some(&place)), "sub/a b.png");
    }

    #[cfg(unix)]
    #[test]
    fn what_lies_outside_or_nowhere_is_called_as_it_was_typed() {
        let root = RepositoryRoot::in_folder(Some(Path::new("/repo/site")));
        for (typed, place) in [
            ("/x/no.png", None),
            ("../site2/a.png", Some("/repo/site2/a.png")),
            ("/etc/a.png", Some("/etc/a.png")),
        ] {
            assert_eq!(path(&root, typed, place.map(Path::new)), typed);
        }
        // A missing file, and a link that leads out: both keep their names in the repository.
        assert_eq!(path(&root, "./x/../no.png", None), "no.png");
        assert_eq!(
            path(&root, "link.png", Some(Path::new("/etc/a.png"))),
            "link.png"
        );
        let whole_disk = RepositoryRoot::in_folder(Some(Path::new("/")));
        assert_eq!(
            path(&whole_disk, "a.png", Some(Path::new("/a.png"))),
            "a.png"
        );
    }

    #[test]
    fn a_url_is_located_at_its_line_of_the_list() {
        let top = tempfile::tempdir().unwrap();
        let here = top.path().canonicalize().unwrap();
        fs::write(here.join("urls.txt"), "").unwrap();
        let list = here.join("./urls.txt");
        let mut image = sample::listed("https://cdn.example.com/7.png", sample::passed(""));
        image.listed.as_mut().unwrap().file = list;
        let root = RepositoryRoot::of(&here);
        let location = root.locate(&image).unwrap();
        assert_eq!((&*location.path(), location.line), ("urls.txt", 12));
        let missing = Image {
            name: ImageName::Path("no.png".into()),
            ..image.clone()
        };
        let location = root.locate(&missing).unwrap();
        assert_eq!((&*location.path(), location.is_image), ("urls.txt", false));
        image.listed.as_mut().unwrap().file = "-".into();
        assert_eq!(root.locate(&image), None);
    }

    #[test]
    fn a_uri_holds_every_byte() {
        let location = |path: &[u8]| Location {
            path: path.to_vec().into(),
            line: 1,
            is_image: true,
        };
        assert_eq!(location(b"a:b/\xff#?%.png").uri(), "a%3Ab/%FF%23%3F%25.png");
        assert_eq!(location(b"/tmp/x.png").uri(), "file:///tmp/x.png");
    }
}
