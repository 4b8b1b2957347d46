//! Walks a folder, or the folder that a pattern starts from.

use std::fs::{self, FileType};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ignore::{DirEntry, WalkBuilder};
use report::{ImageName, PassedOver};

use crate::input::excludes::Where;
use crate::input::extension::{self, Named};
use crate::input::pattern::Pattern;
use crate::input::{Search, SharedPassedOver, count};

/// Projects keep what this command shall not look at here, in folders of the walk or above them.
const IGNORE_FILE: &str = ".preflightignore";

/// What a walk comes across.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file that its name calls an image.
    Image { path: PathBuf, is_link: bool },
    /// A folder or file that the walk cannot get past.
    Unreadable { path: PathBuf, reason: String },
}

/// A walk: a folder's own entries in byte order of their names, depth first.
pub(crate) struct Walk {
    /// The word that named it.
    named: PathBuf,
    entries: ignore::Walk,
    /// Folders that the entries left out, not yet counted.
    excluded_folders: Arc<AtomicU64>,
    pattern: Option<Pattern>,
    search: Search,
    passed_over: SharedPassedOver,
    /// What this walk left out, and whether it yielded something.
    own: PassedOver,
    found: bool,
}

impl Walk {
    /// The images in a folder, by their extension.
    pub(crate) fn folder(named: PathBuf, search: &Search, passed_over: SharedPassedOver) -> Self {
        let base = named.clone();
        Self::new(named, &base, None, search, passed_over)
    }

    /// The images that a pattern matches, or that lie in folders that it matches.
    pub(crate) fn pattern(
        named: PathBuf,
        pattern: Pattern,
        search: &Search,
        passed_over: SharedPassedOver,
    ) -> Self {
        let base = pattern.base.clone();
        Self::new(named, &base, Some(pattern), search, passed_over)
    }

    fn new(
        named: PathBuf,
        base: &Path,
        pattern: Option<Pattern>,
        search: &Search,
        passed_over: SharedPassedOver,
    ) -> Self {
        let excluded_folders = Arc::default();
        Self {
            named,
            entries: entries(base, pattern.clone(), search, Arc::clone(&excluded_folders)),
            excluded_folders,
            pattern,
            search: search.clone(),
            passed_over,
            own: PassedOver::default(),
            found: false,
        }
    }

    /// After the last entry: what to say if there was nothing to check.
    pub(crate) fn fruitless(&self) -> Option<(ImageName, String)> {
        if self.found {
            return None;
        }
        let what = match &self.pattern {
            Some(_) => "the pattern matches no image",
            None => "no image in this folder",
        };
        let passed_over = passed_over(&self.own);
        let message = if passed_over.is_empty() {
            what.to_owned()
        } else {
            format!("{what} ({passed_over})")
        };
        Some((ImageName::Path(plain(self.named.clone())), message))
    }

    fn entry(&mut self, entry: DirEntry) -> Option<Found> {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            return None;
        }
        let path = plain(entry.into_path());
        if self
            .pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.matches(&path))
        {
            return None;
        }
        let named = extension::of(&path);
        if named == Named::Other {
            return None;
        }
        if self.search.excludes.rule_for(&path, Where::File).is_some() {
            self.count(|passed_over| passed_over.excluded += 1);
            return None;
        }
        if !self.is_file(kind, &path) {
            return None;
        }
        if let Named::OtherImage(extension) = named {
            self.count(|passed_over| {
                *passed_over
                    .by_extension
                    .entry(extension.to_owned())
                    .or_default() += 1;
            });
            return None;
        }
        self.found = true;
        Some(Found::Image {
            path,
            is_link: kind.is_symlink(),
        })
    }

    /// Whether there is a file to open, if need be behind a link. A link that leads nowhere counts
    /// as one: it promises an image, and whoever opens it says what is wrong.
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

    fn count(&mut self, change: impl Fn(&mut PassedOver)) {
        change(&mut self.own);
        count(&self.passed_over, change);
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let Some(entry) = self.entries.next() else {
                let folders = self.excluded_folders.swap(0, Ordering::Relaxed);
                self.count(|passed_over| passed_over.excluded += folders);
                return None;
            };
            match entry {
                Ok(entry) => {
                    if let Some(error) = entry.error() {
                        tracing::warn!("an ignore file: {error}");
                    }
                    if let Some(found) = self.entry(entry) {
                        return Some(found);
                    }
                }
                // The base of a pattern that does not exist holds no match.
                Err(error) if self.pattern.is_some() && is_not_found(&error) => {}
                Err(error) => {
                    self.found = true;
                    let (path, reason) = trouble(&error, &self.named);
                    return Some(Found::Unreadable {
                        path: plain(path),
                        reason,
                    });
                }
            }
        }
    }
}

/// A path without a leading `./`.
pub(crate) fn plain(path: PathBuf) -> PathBuf {
    match path.strip_prefix("./") {
        Ok(rest) if rest != Path::new("") => rest.to_owned(),
        Ok(_) | Err(_) => path,
    }
}

/// `gif 10, avif 2`.
pub(crate) fn by_extension(passed_over: &PassedOver) -> String {
    let mut counts: Vec<_> = passed_over.by_extension.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let words: Vec<_> = counts
        .iter()
        .map(|(extension, count)| format!("{extension} {count}"))
        .collect();
    words.join(", ")
}

/// `gif 10 left out by extension, 3 excluded`.
fn passed_over(passed_over: &PassedOver) -> String {
    let mut words = Vec::new();
    if passed_over.other_images() > 0 {
        words.push(format!(
            "{} left out by extension",
            by_extension(passed_over)
        ));
    }
    for (count, what) in [
        (passed_over.excluded, "excluded"),
        (passed_over.special, "no regular file"),
    ] {
        if count > 0 {
            words.push(format!("{count} {what}"));
        }
    }
    words.join(", ")
}

fn entries(
    root: &Path,
    pattern: Option<Pattern>,
    search: &Search,
    excluded_folders: Arc<AtomicU64>,
) -> ignore::Walk {
    let heed = !search.no_ignore;
    let excludes = Arc::clone(&search.excludes);
    let base = root.to_owned();
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(heed)
        .ignore(heed)
        .git_ignore(heed)
        .git_global(heed)
        .git_exclude(heed)
        .parents(heed)
        .sort_by_file_name(std::ffi::OsStr::cmp);
    if heed {
        builder.add_custom_ignore_filename(IGNORE_FILE);
    }
    builder.filter_entry(move |entry| {
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        if !is_dir || entry.depth() == 0 {
            return true;
        }
        let path = entry.path();
        let below = path.strip_prefix(&base).unwrap_or(path);
        if pattern
            .as_ref()
            .is_some_and(|it| !it.may_match_in(&plain(path.to_owned()), below))
        {
            return false;
        }
        let excluded = excludes.rule_for(path, Where::Folder).is_some();
        excluded_folders.fetch_add(u64::from(excluded), Ordering::Relaxed);
        !excluded
    });
    builder.build()
}

fn is_not_found(error: &ignore::Error) -> bool {
    error.io_error().is_some_and(super::is_absent)
}

/// The path and the reason in an error of the walk.
fn trouble(error: &ignore::Error, named: &Path) -> (PathBuf, String) {
    match error {
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            trouble(err, named)
        }
        ignore::Error::WithPath { path, err } => (path.clone(), trouble(err, named).1),
        ignore::Error::Io(error) => (named.to_owned(), reason(error)),
        other => (named.to_owned(), other.to_string()),
    }
}

/// An error in words, without the path and the number that are said elsewhere or to nobody.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission to read it is denied".to_owned(),
        kind => kind.to_string(),
    }
}
