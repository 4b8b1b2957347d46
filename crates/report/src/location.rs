//! Where a report for a code host points: a file of the repository and a line.
//!
//! Hosts want paths from the repository's root, with `/` between the parts and links resolved, and
//! show nothing for a place that has no line, so an image is its own line 1.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

use crate::words::{display_name, hides_part};
use crate::{Image, ImageName};

/// The folder that paths are given from: the root of the repository around the working directory,
/// else the working directory itself.
#[derive(Clone, Debug)]
pub struct RepositoryRoot {
    /// Absolute, links resolved.
    folder: Option<PathBuf>,
    /// The working directory, likewise.
    here: Option<PathBuf>,
    /// The list that was looked up last, as typed and from the root: its lines follow each other.
    last_list: RefCell<(PathBuf, Vec<u8>)>,
}

/// A path without its `.` and `..`, as far as its text tells.
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
    /// The root for a working directory: the nearest folder upwards that holds a `.git`, else the
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

    /// No root at all: paths are given as they were typed.
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

    /// Where an image is pointed to: a file at itself, anything else at the line that lists it.
    /// An URL of the command line and standard input are nowhere.
    pub(crate) fn locate<'a>(&self, image: &'a Image) -> Option<Location<'a>> {
        // A list that came through standard input is no file.
        let listed = image.listed.as_ref();
        let list = listed.filter(|listed| listed.file != Path::new("-"));
        match (&image.name, list) {
            // What is not there stands where it is named, if that is a place.
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

    /// A path from the root, or as it was typed where it lies outside. `place` is where it leads,
    /// absolute and with every link resolved; where that is nowhere, or outside, the name counts.
    fn within<'a>(&self, typed: &'a Path, place: Option<&'a Path>) -> Cow<'a, [u8]> {
        if let Some(inside) = place.and_then(|place| self.below(place)) {
            return slashed(inside);
        }
        let named = self.here.as_ref().map(|here| lexical(&here.join(typed)));
        match named.as_deref().and_then(|named| self.below(named)) {
            Some(inside) => slashed(inside).into_owned().into(),
            None => slashed(typed.as_os_str().as_encoded_bytes()),
        }
    }

    /// What of a path lies below the root. The texts tell: neither has a detour.
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
            let place = fs::canonicalize(list).ok();
            let path = self.within(list, place.as_deref()).into_owned();
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

    /// What tells an image from every other one of a report, for fingerprints: its path, else what it
    /// is called. Two URLs that differ only in what is not shown are told apart by their lines.
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

    /// What the anchor of a file says, as typed and where it leads.
    fn path(root: &RepositoryRoot, typed: &str, place: Option<&Path>) -> String {
        let image = Image {
            real_path: place.map(Into::into),
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
        // Through a link, the place is elsewhere than the name says.
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
        // A missing file, and a link that leads out: both are called by their names in the repository.
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
    fn a_url_stands_at_its_line_of_the_list_from_the_root() {
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
