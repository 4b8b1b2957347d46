//! Walks a folder, or the folder that a pattern starts from: a folder's own entries in byte order of
//! their names, depth first.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use ignore::Match;
use preflight::{Content, probe_file};
use report::PassedOver;

use crate::input::excludes::Where;
use crate::input::extension::{NamePromise, promise};
use crate::input::ignores::{IgnoreReader, Ignores};
use crate::input::pattern::Pattern;
use crate::input::place::{Folder, Place, Places, Standing, joined};
use crate::input::search::{Search, SharedPassedOver, count, in_words, is_absent};

/// The folder that a repository keeps its own files in. It holds images of other commits.
const GIT_FOLDER: &str = ".git";

/// A find of a walk.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file that is an image, or whose name says so.
    Image { path: PathBuf, place: Place },
    /// A folder that cannot be read.
    Unreadable { path: PathBuf, reason: String },
}

/// A walk.
pub(crate) struct Walk {
    /// The word that named it.
    named: PathBuf,
    /// The root of what links must not lead out of: absolute, links resolved.
    tree: PathBuf,
    /// Where it starts, as it is named.
    base: PathBuf,
    pattern: Option<Pattern>,
    /// The folders that the walk is in, the innermost last.
    levels: Vec<Level>,
    /// The start cannot be read.
    trouble: Option<io::Error>,
    search: Search,
    passed_over: SharedPassedOver,
    /// The files that this walk passed over, and whether it yielded something.
    own: PassedOver,
    found: bool,
}

/// A folder on the way.
struct Level {
    /// As it is named, without a leading `./`; empty for the working directory.
    named: PathBuf,
    folder: Arc<Folder>,
    entries: vec::IntoIter<Entry>,
    ignores: Ignores,
}

struct Entry {
    name: OsString,
    kind: FileType,
}

/// The parts of [`Inputs`](crate::input::Inputs) that a walk asks on its way.
pub(crate) struct Guides<'a> {
    pub(crate) places: &'a mut Places,
    pub(crate) ignores: &'a mut IgnoreReader,
}

impl Walk {
    /// The images in a folder, or those that a pattern matches or that lie in folders that it
    /// matches.
    ///
    /// # Errors
    ///
    /// The folder where the walk starts is not to be looked at.
    pub(crate) fn new(
        named: PathBuf,
        pattern: Option<Pattern>,
        search: &Search,
        passed_over: SharedPassedOver,
        guides: &mut Guides<'_>,
    ) -> Result<Self, Standing> {
        let base = match &pattern {
            Some(pattern) => pattern.base.clone(),
            None => named.clone(),
        };
        let tree = guides.places.tree(&base)?;
        let mut walk = Self {
            named,
            tree: tree.root,
            base: base.clone(),
            pattern,
            levels: Vec::new(),
            trouble: None,
            search: search.clone(),
            passed_over,
            own: PassedOver::default(),
            found: false,
        };
        let ignores = if walk.search.no_ignore {
            None
        } else {
            guides.ignores.start(&tree.folder.real_path)
        };
        match entries(&base) {
            Ok(entries) => walk.levels.push(Level {
                named: if base == Path::new(".") {
                    PathBuf::new()
                } else {
                    plain(base)
                },
                folder: tree.folder,
                entries,
                ignores,
            }),
            // The start of a pattern that does not exist holds no match.
            Err(error) if walk.pattern.is_some() && is_absent(&error) => {}
            Err(error) => walk.trouble = Some(error),
        }
        Ok(walk)
    }

    /// The next find.
    pub(crate) fn next(&mut self, guides: &mut Guides<'_>) -> Option<Found> {
        if let Some(error) = self.trouble.take() {
            return Some(self.unreadable(self.named.clone(), &error));
        }
        loop {
            let level = self.levels.last_mut()?;
            let Some(entry) = level.entries.next() else {
                self.levels.pop();
                continue;
            };
            let path = joined(&level.named, &entry.name);
            let found = if entry.kind.is_dir() {
                self.enter(path, &entry, guides)
            } else {
                self.file(path, &entry, guides)
            };
            if found.is_some() {
                return found;
            }
        }
    }

    /// After the last find: why there was nothing to check, if there was nothing.
    pub(crate) fn why_empty(&self) -> Option<(PathBuf, String)> {
        if self.found {
            return None;
        }
        let what = match &self.pattern {
            Some(_) => "the pattern matches no image",
            None => "no image in this folder",
        };
        let passed_over = in_words(&self.own);
        let message = if passed_over.is_empty() {
            what.to_owned()
        } else {
            format!("{what} ({passed_over})")
        };
        Some((plain(self.named.clone()), message))
    }

    /// Goes into a folder.
    fn enter(&mut self, path: PathBuf, entry: &Entry, guides: &mut Guides<'_>) -> Option<Found> {
        let below = path.strip_prefix(&self.base).unwrap_or(&path);
        let may_match = self
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.may_match_in(&path, below));
        if !may_match || entry.name == GIT_FOLDER || self.is_ignored(entry, guides) {
            return None;
        }
        if self
            .search
            .excludes
            .rule_for(&path, Where::Folder)
            .is_some()
        {
            self.count(|passed_over| passed_over.excluded += 1);
            return None;
        }
        let entries = match entries(&path) {
            Ok(entries) => entries,
            Err(error) => return Some(self.unreadable(path, &error)),
        };
        let level = self.levels.last()?;
        let folder = guides.places.below(&level.folder, &entry.name);
        let ignores = if self.search.no_ignore {
            None
        } else {
            guides.ignores.below(&level.ignores, &folder.real_path)
        };
        self.levels.push(Level {
            named: path,
            folder,
            entries,
            ignores,
        });
        None
    }

    fn file(&mut self, path: PathBuf, entry: &Entry, guides: &mut Guides<'_>) -> Option<Found> {
        let promise = promise(entry.name.as_encoded_bytes());
        let is_meant = || {
            self.pattern
                .as_ref()
                .is_none_or(|pattern| pattern.matches(&path))
        };
        if promise == NamePromise::Other || !is_meant() {
            return None;
        }
        if self.is_ignored(entry, guides) {
            if promise == NamePromise::Image {
                self.count(|passed_over| passed_over.ignored += 1);
            }
            return None;
        }
        if self.search.excludes.rule_for(&path, Where::File).is_some() {
            self.count(|passed_over| passed_over.excluded += 1);
            return None;
        }
        if !self.is_file(entry.kind, &path) {
            return None;
        }
        if let NamePromise::OtherImage(extension) = promise {
            self.count(|passed_over| {
                let count = passed_over.by_extension.entry(extension.to_owned());
                *count.or_default() += 1;
            });
            return None;
        }
        let folder = &self.levels.last()?.folder;
        let is_link = entry.kind.is_symlink();
        let place = guides
            .places
            .found(&path, &entry.name, is_link, folder, &self.tree);
        if place.standing == Standing::OfKernel {
            self.count(|passed_over| passed_over.special += 1);
            return None;
        }
        if !self.keeps(promise, &path, &place) {
            return None;
        }
        self.found = true;
        Some(Found::Image { path, place })
    }

    /// Whether a file is an image as far as its name promises, or else its first bytes.
    fn keeps(&mut self, promise: NamePromise, path: &Path, place: &Place) -> bool {
        let is_tail = match promise {
            NamePromise::Image => return true,
            NamePromise::Tail => true,
            NamePromise::Nothing => false,
            NamePromise::Other | NamePromise::OtherImage(_) => return false,
        };
        if place.standing != Standing::Fine {
            // Its bytes are not to be looked at; what its name promises is said.
            return is_tail;
        }
        let is_image = match probe_file(path) {
            Ok(seen) => match seen.content {
                Content::Broken(_)
                | Content::Foreign(_)
                | Content::Image(_)
                | Content::Wrapped(_) => true,
                // It stands in for what its name says, and that is an image.
                Content::StandIn(_) => is_tail,
                Content::Empty | Content::NotAnImage(_) => false,
            },
            // Opening it again fails in the same way, and is reported.
            Err(_) => return is_tail,
        };
        if !is_image && is_tail {
            self.count(|passed_over| passed_over.misnamed += 1);
        }
        is_image
    }

    /// Whether an ignore file leaves an entry out, or its name hides it.
    fn is_ignored(&self, entry: &Entry, guides: &mut Guides<'_>) -> bool {
        if self.search.no_ignore {
            return false;
        }
        let answer = match self.levels.last() {
            Some(level) if level.ignores.is_some() => {
                let path = joined(&level.folder.real_path, &entry.name);
                guides
                    .ignores
                    .matched(&level.ignores, &path, entry.kind.is_dir())
            }
            _ => Match::None,
        };
        match answer {
            Match::Ignore(()) => true,
            Match::Whitelist(()) => false,
            Match::None => entry.name.as_encoded_bytes().starts_with(b"."),
        }
    }

    /// Whether there is a file to open, if need be behind a link. A link that leads nowhere counts
    /// as one: it promises an image, and its report says what is wrong.
    fn is_file(&mut self, kind: FileType, path: &Path) -> bool {
        let kind = match kind {
            link if link.is_symlink() => fs::metadata(path).map(|target| target.file_type()),
            kind => Ok(kind),
        };
        match kind {
            Ok(kind) if kind.is_dir() => false,
            Ok(kind) if !kind.is_file() => {
                self.count(|passed_over| passed_over.special += 1);
                false
            }
            Ok(_) | Err(_) => true,
        }
    }

    fn unreadable(&mut self, path: PathBuf, error: &io::Error) -> Found {
        self.found = true;
        Found::Unreadable {
            path: plain(path),
            reason: match error.kind() {
                io::ErrorKind::PermissionDenied => "permission to read it is denied".to_owned(),
                kind => kind.to_string(),
            },
        }
    }

    fn count(&mut self, change: impl Fn(&mut PassedOver)) {
        change(&mut self.own);
        count(&self.passed_over, change);
    }
}

/// The entries of a folder in byte order of their names.
fn entries(folder: &Path) -> io::Result<vec::IntoIter<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Some file systems do not tell the kind, and then the entry may be gone already.
        if let Ok(kind) = entry.file_type() {
            entries.push(Entry {
                name: entry.file_name(),
                kind,
            });
        }
    }
    entries.sort_unstable_by(|a, b| a.name.as_encoded_bytes().cmp(b.name.as_encoded_bytes()));
    Ok(entries.into_iter())
}

/// A path without a leading `./`.
pub(crate) fn plain(path: PathBuf) -> PathBuf {
    if !path.as_os_str().as_encoded_bytes().starts_with(b".") {
        return path;
    }
    match path.strip_prefix("./") {
        Ok(rest) if rest != Path::new("") => rest.to_owned(),
        Ok(_) | Err(_) => path,
    }
}
