//! What to check: words of the command line and of lists become images, one after the other.
//!
//! Nothing is collected beforehand: a list is read and a folder is walked while images are checked,
//! so that a run over a million files holds no more of them than a run over ten.

mod excludes;
mod extension;
mod list;
mod pattern;
mod seen;
mod walk;
mod word;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gate::{Code, Report};

use crate::input::excludes::Where;
use crate::input::list::Entry;
use crate::input::pattern::Pattern;
use crate::input::seen::Seen;
use crate::input::walk::{Found, Walk};
use crate::input::word::Word;
use crate::output::{LeftOut, Origin, Subject};

pub(crate) use crate::input::excludes::{ExcludeError, Excludes};
pub(crate) use crate::input::list::{Lists, ListsError};
pub(crate) use crate::input::walk::by_extension;

/// An image to check, or what is already known of an input that is none.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) subject: Subject,
    /// Where the file lies: absolute, every link resolved.
    pub(crate) place: Option<Arc<Path>>,
    pub(crate) origin: Option<Origin>,
    /// What came of it, where nothing is left to look at.
    pub(crate) settled: Option<Settled>,
}

/// What came of an input without a look at any image.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) report: Report,
    /// A pattern or a folder that yields nothing: if there is nothing else, there is nothing to
    /// check.
    pub(crate) fruitless: bool,
}

/// How to look for images.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) excludes: Arc<Excludes>,
    /// Look in hidden and git-ignored places, too.
    pub(crate) no_ignore: bool,
    /// Say nothing of inputs that yield nothing.
    pub(crate) allow_empty: bool,
}

/// What was passed over so far; shared with whoever reports it.
pub(crate) type SharedLeftOut = Arc<Mutex<LeftOut>>;

/// The images that the words name, in their order, each once.
pub(crate) struct Inputs {
    search: Search,
    words: std::vec::IntoIter<OsString>,
    lists: Lists,
    seen: Seen,
    /// The folder or pattern that is being walked, and who named it.
    walking: Option<(Walk, Option<Origin>)>,
    left_out: SharedLeftOut,
}

impl Inputs {
    /// The images behind the words of the command line, then those of the lists.
    pub(crate) fn new(search: Search, words: Vec<OsString>, lists: Lists) -> Self {
        Self {
            search,
            words: words.into_iter(),
            lists,
            seen: Seen::default(),
            walking: None,
            left_out: SharedLeftOut::default(),
        }
    }

    /// What was passed over so far.
    pub(crate) fn left_out(&self) -> SharedLeftOut {
        Arc::clone(&self.left_out)
    }

    /// The next image of the folder or pattern that is being walked.
    fn next_found(&mut self) -> Option<Input> {
        loop {
            let (walk, origin) = self.walking.as_mut()?;
            match walk.next() {
                Some(Found::Image { path, is_link }) => {
                    if let Some(place) = self.seen.new_file(&path, is_link) {
                        return Some(Input::file(path, place, origin.clone()));
                    }
                    self.count_duplicate();
                }
                Some(Found::Unreadable { path, reason }) => {
                    let report = Report::refused(Code::UNREADABLE, reason);
                    return Some(Input::settled(Subject::Path(path), origin.clone(), report));
                }
                None => {
                    let fruitless = walk.fruitless();
                    let origin = origin.clone();
                    self.walking = None;
                    if let Some((subject, message)) = fruitless
                        && let Some(input) = self.fruitless(subject, origin, message)
                    {
                        return Some(input);
                    }
                    return None;
                }
            }
        }
    }

    /// What a word stands for: an image at once, or a folder or pattern to walk from here on.
    fn open(&mut self, entry: Entry) -> Option<Input> {
        let Entry { word, origin } = entry;
        let word = Word::of(word);
        if let Some(url) = word.url()
            && let Some(rule) = self.search.excludes.rule_for_url(url)
        {
            return Some(Input::excluded(Subject::Url(url.to_owned()), origin, rule));
        }
        match word {
            Word::Stdin => {
                if self.seen.is_new_stdin() {
                    return Some(Input::image(Subject::Stdin, origin));
                }
                self.count_duplicate();
                None
            }
            Word::Oss(url) => {
                let reason = "an oss:// address can be looked at by the service only";
                Some(Input::settled(
                    Subject::Url(url),
                    origin,
                    Report::skipped(reason),
                ))
            }
            Word::OtherScheme { url, scheme } => {
                let message = format!("expected an http or https URL, but found {scheme}");
                let report = Report::refused(Code::URL_INVALID, message);
                Some(Input::settled(Subject::Url(url), origin, report))
            }
            Word::Url(url) => self.open_url(url, origin),
            Word::Path(path) => self.open_path(path, origin),
        }
    }

    fn open_url(&mut self, url: String, origin: Option<Origin>) -> Option<Input> {
        if !self.seen.is_new_url(&url) {
            self.count_duplicate();
            return None;
        }
        Some(Input::image(Subject::Url(url), origin))
    }

    fn open_path(&mut self, path: PathBuf, origin: Option<Origin>) -> Option<Input> {
        let metadata = match fs::symlink_metadata(&path) {
            Err(error) if is_absent(&error) => return self.open_pattern(path, origin),
            // Whoever opens it finds the same trouble, and says it.
            Err(_) => return self.open_file(path, false, origin),
            Ok(metadata) => metadata,
        };
        let is_link = metadata.is_symlink();
        let is_folder = metadata.is_dir()
            || (is_link && fs::metadata(&path).is_ok_and(|target| target.is_dir()));
        if !is_folder {
            return self.open_file(path, is_link, origin);
        }
        if let Some(rule) = self.search.excludes.rule_for(&path, Where::Folder) {
            return Some(Input::excluded(Subject::Path(path), origin, rule));
        }
        self.walking = Some((Walk::folder(path, &self.search, self.left_out()), origin));
        None
    }

    fn open_file(&mut self, path: PathBuf, is_link: bool, origin: Option<Origin>) -> Option<Input> {
        if let Some(rule) = self.search.excludes.rule_for(&path, Where::File) {
            return Some(Input::excluded(Subject::Path(path), origin, rule));
        }
        let Some(place) = self.seen.new_file(&path, is_link) else {
            self.count_duplicate();
            return None;
        };
        Some(Input::file(path, place, origin))
    }

    /// A word that no path exists for.
    fn open_pattern(&mut self, path: PathBuf, origin: Option<Origin>) -> Option<Input> {
        match Pattern::parse(&path) {
            None if self.search.allow_empty => None,
            // Not fruitless: it names an image, and that image is not there.
            None => {
                if let Some(rule) = self.search.excludes.rule_for(&path, Where::File) {
                    return Some(Input::excluded(Subject::Path(path), origin, rule));
                }
                if self.seen.new_file(&path, false).is_none() {
                    self.count_duplicate();
                    return None;
                }
                let report = Report::refused(Code::NOT_FOUND, "no such file or folder");
                Some(Input::settled(Subject::Path(path), origin, report))
            }
            Some(Err(error)) => {
                let message = format!("no such file, and as a pattern: {error}");
                self.fruitless(Subject::Path(path), origin, message)
            }
            Some(Ok(pattern)) => {
                let walk = Walk::pattern(path, pattern, &self.search, self.left_out());
                self.walking = Some((walk, origin));
                None
            }
        }
    }

    fn fruitless(
        &self,
        subject: Subject,
        origin: Option<Origin>,
        message: String,
    ) -> Option<Input> {
        if self.search.allow_empty {
            return None;
        }
        let report = Report::refused(Code::NOT_FOUND, message);
        let settled = Settled {
            report,
            fruitless: true,
        };
        Some(Input {
            subject,
            place: None,
            origin,
            settled: Some(settled),
        })
    }

    fn count_duplicate(&self) {
        count(&self.left_out, |left_out| left_out.duplicates += 1);
    }
}

impl Iterator for Inputs {
    type Item = Input;

    fn next(&mut self) -> Option<Input> {
        loop {
            if self.walking.is_some() {
                if let Some(input) = self.next_found() {
                    return Some(input);
                }
                continue;
            }
            let entry = match self.words.next() {
                Some(word) => Entry { word, origin: None },
                None => match self.lists.next()? {
                    Ok(entry) => entry,
                    Err(trouble) => {
                        let report = Report::refused(trouble.code, trouble.message);
                        let subject = Subject::Path(trouble.name);
                        return Some(Input::settled(subject, trouble.origin, report));
                    }
                },
            };
            if let Some(input) = self.open(entry) {
                return Some(input);
            }
        }
    }
}

impl Input {
    fn image(subject: Subject, origin: Option<Origin>) -> Self {
        Self {
            subject: subject.into_shown(),
            place: None,
            origin,
            settled: None,
        }
    }

    fn file(path: PathBuf, place: Arc<Path>, origin: Option<Origin>) -> Self {
        Self {
            place: Some(place),
            ..Self::image(Subject::Path(path), origin)
        }
    }

    fn settled(subject: Subject, origin: Option<Origin>, report: Report) -> Self {
        let settled = Settled {
            report,
            fruitless: false,
        };
        Self {
            settled: Some(settled),
            ..Self::image(subject, origin)
        }
    }

    fn excluded(subject: Subject, origin: Option<Origin>, rule: &str) -> Self {
        Self::settled(
            subject,
            origin,
            Report::skipped(format!("excluded by {rule}")),
        )
    }
}

impl Subject {
    /// Paths without a leading `./`, which says nothing. It opens the same file.
    fn into_shown(self) -> Self {
        match self {
            Self::Path(path) => Self::Path(walk::plain(path)),
            other => other,
        }
    }
}

/// Whether nothing has that name, as opposed to: we may not know.
fn is_absent(error: &io::Error) -> bool {
    // `a.png/b` where `a.png` is a file, and names that the system cannot have, are no paths either.
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    ) || error.kind() == io::ErrorKind::InvalidInput
}

/// Changes what was passed over. A panic elsewhere leaves the counts as they are.
fn count(left_out: &SharedLeftOut, change: impl FnOnce(&mut LeftOut)) {
    change(&mut left_out.lock().unwrap_or_else(PoisonError::into_inner));
}
