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
use report::{ImageName, ListLine, PassedOver};

pub(crate) use crate::input::excludes::{ExcludeError, Excludes};
pub(crate) use crate::input::list::{Lists, ListsError};
pub(crate) use crate::input::walk::by_extension;

/// An image to check, or what is already known of an input that is none.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: ImageName,
    /// Where the file lies: absolute, every link resolved.
    pub(crate) real_path: Option<Arc<Path>>,
    pub(crate) listed: Option<ListLine>,
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
pub(crate) type SharedPassedOver = Arc<Mutex<PassedOver>>;

/// The images that the words name, in their order, each once.
pub(crate) struct Inputs {
    search: Search,
    words: std::vec::IntoIter<OsString>,
    lists: Lists,
    seen: Seen,
    /// The folder or pattern that is being walked, and who named it.
    walking: Option<(Walk, Option<ListLine>)>,
    passed_over: SharedPassedOver,
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
            passed_over: SharedPassedOver::default(),
        }
    }

    /// What was passed over so far.
    pub(crate) fn passed_over(&self) -> SharedPassedOver {
        Arc::clone(&self.passed_over)
    }

    /// The next image of the folder or pattern that is being walked.
    fn next_found(&mut self) -> Option<Input> {
        loop {
            let (walk, listed) = self.walking.as_mut()?;
            match walk.next() {
                Some(Found::Image { path, is_link }) => {
                    if let Some(real_path) = self.seen.new_file(&path, is_link) {
                        return Some(Input::file(path, real_path, listed.clone()));
                    }
                    self.count_duplicate();
                }
                Some(Found::Unreadable { path, reason }) => {
                    let report = Report::refused(Code::UNREADABLE, reason);
                    return Some(Input::settled(
                        ImageName::Path(path),
                        listed.clone(),
                        report,
                    ));
                }
                None => {
                    let fruitless = walk.fruitless();
                    let listed = listed.clone();
                    self.walking = None;
                    if let Some((name, message)) = fruitless
                        && let Some(input) = self.fruitless(name, listed, message)
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
        let Entry { word, listed } = entry;
        let word = Word::of(word);
        if let Some(url) = word.url()
            && let Some(rule) = self.search.excludes.rule_for_url(url)
        {
            return Some(Input::excluded(
                ImageName::Url(url.to_owned()),
                listed,
                rule,
            ));
        }
        match word {
            Word::Stdin => {
                if self.seen.is_new_stdin() {
                    return Some(Input::image(ImageName::Stdin, listed));
                }
                self.count_duplicate();
                None
            }
            Word::Oss(url) => {
                let reason = "an oss:// address can be looked at by the service only";
                Some(Input::settled(
                    ImageName::Url(url),
                    listed,
                    Report::skipped(reason),
                ))
            }
            Word::OtherScheme { url, scheme } => {
                let message = format!("expected an http or https URL, but found {scheme}");
                let report = Report::refused(Code::URL_INVALID, message);
                Some(Input::settled(ImageName::Url(url), listed, report))
            }
            Word::Url(url) => self.open_url(url, listed),
            Word::Path(path) => self.open_path(path, listed),
        }
    }

    fn open_url(&mut self, url: String, listed: Option<ListLine>) -> Option<Input> {
        if !self.seen.is_new_url(&url) {
            self.count_duplicate();
            return None;
        }
        Some(Input::image(ImageName::Url(url), listed))
    }

    fn open_path(&mut self, path: PathBuf, listed: Option<ListLine>) -> Option<Input> {
        let metadata = match fs::symlink_metadata(&path) {
            Err(error) if is_absent(&error) => return self.open_pattern(path, listed),
            // Whoever opens it finds the same trouble, and says it.
            Err(_) => return self.open_file(path, false, listed),
            Ok(metadata) => metadata,
        };
        let is_link = metadata.is_symlink();
        let is_folder = metadata.is_dir()
            || (is_link && fs::metadata(&path).is_ok_and(|target| target.is_dir()));
        if !is_folder {
            return self.open_file(path, is_link, listed);
        }
        if let Some(rule) = self.search.excludes.rule_for(&path, Where::Folder) {
            return Some(Input::excluded(ImageName::Path(path), listed, rule));
        }
        self.walking = Some((Walk::folder(path, &self.search, self.passed_over()), listed));
        None
    }

    fn open_file(
        &mut self,
        path: PathBuf,
        is_link: bool,
        listed: Option<ListLine>,
    ) -> Option<Input> {
        if let Some(rule) = self.search.excludes.rule_for(&path, Where::File) {
            return Some(Input::excluded(ImageName::Path(path), listed, rule));
        }
        let Some(real_path) = self.seen.new_file(&path, is_link) else {
            self.count_duplicate();
            return None;
        };
        Some(Input::file(path, real_path, listed))
    }

    /// A word that no path exists for.
    fn open_pattern(&mut self, path: PathBuf, listed: Option<ListLine>) -> Option<Input> {
        match Pattern::parse(&path) {
            None if self.search.allow_empty => None,
            // Not fruitless: it names an image, and that image is not there.
            None => {
                if let Some(rule) = self.search.excludes.rule_for(&path, Where::File) {
                    return Some(Input::excluded(ImageName::Path(path), listed, rule));
                }
                if self.seen.new_file(&path, false).is_none() {
                    self.count_duplicate();
                    return None;
                }
                let report = Report::refused(Code::NOT_FOUND, "no such file or folder");
                Some(Input::settled(ImageName::Path(path), listed, report))
            }
            Some(Err(error)) => {
                let message = format!("no such file, and as a pattern: {error}");
                self.fruitless(ImageName::Path(path), listed, message)
            }
            Some(Ok(pattern)) => {
                let walk = Walk::pattern(path, pattern, &self.search, self.passed_over());
                self.walking = Some((walk, listed));
                None
            }
        }
    }

    fn fruitless(
        &self,
        name: ImageName,
        listed: Option<ListLine>,
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
            name,
            real_path: None,
            listed,
            settled: Some(settled),
        })
    }

    fn count_duplicate(&self) {
        count(&self.passed_over, |passed_over| passed_over.duplicates += 1);
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
                Some(word) => Entry { word, listed: None },
                None => match self.lists.next()? {
                    Ok(entry) => entry,
                    Err(trouble) => {
                        let report = Report::refused(trouble.code, trouble.message);
                        let name = ImageName::Path(trouble.name);
                        return Some(Input::settled(name, trouble.listed, report));
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
    fn image(name: ImageName, listed: Option<ListLine>) -> Self {
        Self {
            name: plain_name(name),
            real_path: None,
            listed,
            settled: None,
        }
    }

    fn file(path: PathBuf, real_path: Arc<Path>, listed: Option<ListLine>) -> Self {
        Self {
            real_path: Some(real_path),
            ..Self::image(ImageName::Path(path), listed)
        }
    }

    fn settled(name: ImageName, listed: Option<ListLine>, report: Report) -> Self {
        let settled = Settled {
            report,
            fruitless: false,
        };
        Self {
            settled: Some(settled),
            ..Self::image(name, listed)
        }
    }

    fn excluded(name: ImageName, listed: Option<ListLine>, rule: &str) -> Self {
        Self::settled(name, listed, Report::skipped(format!("excluded by {rule}")))
    }
}

/// The name of an image: a path without a leading `./`, which says nothing.
fn plain_name(name: ImageName) -> ImageName {
    match name {
        ImageName::Path(path) => ImageName::Path(walk::plain(path)),
        other => other,
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
fn count(passed_over: &SharedPassedOver, change: impl FnOnce(&mut PassedOver)) {
    change(&mut passed_over.lock().unwrap_or_else(PoisonError::into_inner));
}
