//! What to check: words of the command line and of lists become images, one after the other.
//!
//! Nothing is collected beforehand: a list is read and a folder is walked while images are checked.
//! What is kept of an input is some 42 bytes, by which a later one is known to name the same image.
//! Each input is asked the same questions in the same order: what kind of thing it is, whether an
//! exclude leaves it out, whether it was named before; only then is it opened.

mod bucket;
mod cure;
mod excludes;
mod extension;
mod ignore_file;
mod ignores;
mod item;
mod kind;
mod list;
mod object_walk;
mod pattern;
mod place;
mod quotes;
mod search;
mod seen;
mod target;
mod utf16;
mod walk;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate::{Code, Report};
use report::{ImageName, ListLine, SameAs};

use crate::buckets::Buckets;
use crate::input::cure::Setting;
use crate::input::ignores::IgnoreReader;
use crate::input::item::{Source, refused};
use crate::input::kind::{InputKind, scheme_help};
use crate::input::list::ListError;
use crate::input::object_walk::ObjectWalk;
use crate::input::pattern::Pattern;
use crate::input::place::Places;
use crate::input::search::{count, is_absent};
use crate::input::seen::{Keys, Mention, MentionedBy, Seen};
use crate::input::target::{Target, missing_name};
use crate::input::walk::{Found, Guides, Walk, plain};

pub(crate) use crate::input::excludes::{ExcludeError, Excludes};

pub(crate) use crate::input::item::{Decided, Input, Repeat};
pub(crate) use crate::input::list::{Lists, ListsError};
pub(crate) use crate::input::search::{Search, SharedPassedOver, by_extension};

/// The images that the words name, in their order.
pub(crate) struct Inputs {
    search: Search,
    words: Vec<OsString>,
    next_word: u32,
    lists: Lists,
    list_names: Vec<PathBuf>,
    /// Inputs that were given out.
    number: u32,
    keys: Keys,
    seen: Seen,
    places: Places,
    ignores: IgnoreReader,
    /// The folder or pattern that is being walked, and who named it.
    walking: Option<(Walk, Source)>,
    /// The list of objects that is being walked through, and who named it.
    listing: Option<(ObjectWalk, Source)>,
    buckets: Arc<Buckets>,
    passed_over: SharedPassedOver,
}

impl Inputs {
    /// The images behind the words of the command line, then those of the lists.
    pub(crate) fn new(
        search: Search,
        here: &Path,
        words: Vec<OsString>,
        lists: Lists,
        buckets: Arc<Buckets>,
    ) -> Self {
        let keys = Keys::default();
        Self {
            places: Places::new(here, keys.clone()),
            keys,
            search,
            words,
            next_word: 0,
            list_names: lists.names(),
            lists,
            number: 0,
            seen: Seen::default(),
            ignores: IgnoreReader::new(),
            walking: None,
            listing: None,
            buckets,
            passed_over: SharedPassedOver::default(),
        }
    }

    /// The files that were passed over so far.
    pub(crate) fn passed_over(&self) -> SharedPassedOver {
        Arc::clone(&self.passed_over)
    }

    /// The excludes. They know which of them have matched.
    pub(crate) fn excludes(&self) -> Arc<Excludes> {
        Arc::clone(&self.search.excludes)
    }

    /// The next word, and who named it.
    fn next_word(&mut self) -> Option<Result<(OsString, Source), ListError>> {
        let number = self.next_word;
        if let Some(word) = self.words.get(number as usize) {
            self.next_word += 1;
            let source = Source {
                by: MentionedBy::Word(number),
                listed: None,
            };
            return Some(Ok((word.clone(), source)));
        }
        Some(self.lists.next()?.map(|entry| {
            let by = MentionedBy::Line {
                list: entry.list,
                line: u32::try_from(entry.listed.line).unwrap_or(u32::MAX),
            };
            let source = Source {
                by,
                listed: Some(entry.listed),
            };
            (entry.word, source)
        }))
    }

    /// The next input, unless it would have to be waited for: who writes a list may be slow.
    pub(crate) fn next_at_hand(&mut self) -> Option<Input> {
        self.next_input(false)
    }

    /// Opens a word: an image is returned at once, a folder or pattern is walked from here on.
    fn open(&mut self, word: OsString, source: Source) -> Option<Input> {
        let target = self.classify(word);
        if let Some(rule) = target.excluded_by(&self.search.excludes) {
            let report = Report::skipped(format!("excluded by {rule}"));
            return Some(Input::reported(target.into_name(), source, report));
        }
        if let Some(image) = target.fingerprint(&self.keys)
            && let Some(earlier) = self.seen.earlier(image, self.mention(source.by))
        {
            self.count_duplicate();
            if self.search.allow_empty && matches!(target, Target::Missing { .. }) {
                return None;
            }
            let same_as = self.same_as(earlier.by, source.by, &target);
            let decided = Decided::Repeats(Repeat {
                number: earlier.number.into(),
                same_as,
            });
            return Some(Input {
                decided: Some(decided),
                ..Input::image(target.into_name(), source)
            });
        }
        self.start(target, source)
    }

    fn classify(&mut self, word: OsString) -> Target {
        match InputKind::of(word) {
            InputKind::Oss(url) => self.in_store(&url).unwrap_or(Target::Oss(url)),
            InputKind::OtherScheme { url, scheme } => self
                .in_store(&url)
                .unwrap_or(Target::OtherScheme { url, scheme }),
            InputKind::Path(path) => self.classify_path(path),
            InputKind::Stdin => Target::Stdin,
            InputKind::Url(url) => Target::Url(url),
        }
    }

    fn classify_path(&mut self, path: PathBuf) -> Target {
        let is_link = match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => return Target::Folder(path),
            Ok(found) => found.is_symlink(),
            Err(error) if is_absent(&error) => return self.classify_absent(path),
            // Opening it fails in the same way, and is reported.
            Err(_) => false,
        };
        if is_link && fs::metadata(&path).is_ok_and(|target| target.is_dir()) {
            return Target::Folder(path);
        }
        let place = self.places.named(&path, is_link);
        Target::File { path, place }
    }

    /// A word that no path exists for.
    fn classify_absent(&mut self, path: PathBuf) -> Target {
        if let Some(meant) = cure::certain(&path) {
            return self.classify_path(meant);
        }
        // The ? of a URL's query is not a wildcard.
        let pattern = match cure::near_url(&path) {
            Some(_) => None,
            None => Pattern::parse(&path),
        };
        match pattern {
            None => {
                let place = self.places.named(&path, false);
                Target::Missing { path, place }
            }
            Some(Ok(pattern)) => Target::Pattern { path, pattern },
            Some(Err(error)) => Target::BadPattern { path, error },
        }
    }

    fn start(&mut self, target: Target, source: Source) -> Option<Input> {
        let input = match target {
            Target::Stdin => Input::image(ImageName::Stdin, source),
            Target::Url(url) => Input::image(ImageName::Url(url), source),
            Target::Stored { name, named } => return self.start_stored(name, named, source),
            Target::Oss(url) => {
                let reason = "an oss:// address can be looked at by the service only; \
                              to check an image of your own here, set OSS_ACCESS_KEY_ID and \
                              OSS_ACCESS_KEY_SECRET, or sign an https URL for it";
                Input::reported(ImageName::Url(url), source, Report::skipped(reason))
            }
            Target::OtherScheme { url, scheme } => {
                let message = format!("expected an http or https URL, but found {scheme}");
                let help = scheme_help(&url, &scheme);
                let report = refused(Code::UrlInvalid, message, Some(help));
                Input::reported(ImageName::Url(url), source, report)
            }
            Target::File { path, place } => Input::file(plain(path), place, source),
            Target::Missing { .. } if self.search.allow_empty => return None,
            // It names an image, and that image is not there: something to check.
            Target::Missing { path, .. } => {
                let report = self.not_found(&path, "no such file or folder".to_owned());
                Input::reported(missing_name(path), source, report)
            }
            Target::BadPattern { path, error } => {
                let message = format!("no such file, and as a pattern: {error}");
                return self.yields_nothing(path, source, message);
            }
            Target::Folder(path) => return self.walk(path, None, source),
            Target::Pattern { path, pattern } => return self.walk(path, Some(pattern), source),
        };
        Some(input)
    }

    fn walk(&mut self, path: PathBuf, pattern: Option<Pattern>, source: Source) -> Option<Input> {
        let mut guides = Guides {
            places: &mut self.places,
            ignores: &mut self.ignores,
        };
        let passed_over = Arc::clone(&self.passed_over);
        match Walk::new(
            path.clone(),
            pattern,
            &self.search,
            passed_over,
            &mut guides,
        ) {
            Ok(walk) => {
                self.walking = Some((walk, source));
                None
            }
            Err(standing) => {
                let leads_to = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
                let report = standing.report(&leads_to);
                report.map(|report| Input::reported(ImageName::Path(path), source, report))
            }
        }
    }

    /// The next image of the folder or pattern that is being walked.
    fn next_found(&mut self) -> Option<Input> {
        loop {
            let (walk, source) = self.walking.as_mut()?;
            let mut guides = Guides {
                places: &mut self.places,
                ignores: &mut self.ignores,
            };
            match walk.next(&mut guides) {
                Some(Found::Image { path, place }) => {
                    let source = Source {
                        by: MentionedBy::Walk,
                        listed: source.listed.clone(),
                    };
                    let mention = self.mention(MentionedBy::Walk);
                    if self.seen.earlier(place.fingerprint, mention).is_none() {
                        return Some(Input::file(path, place, source));
                    }
                    self.count_duplicate();
                }
                Some(Found::Unreadable { path, reason }) => {
                    let report = Report::refused(Code::Unreadable, reason);
                    let name = ImageName::Path(path);
                    return Some(Input::reported(name, source.clone(), report));
                }
                None => {
                    let (walk, source) = self.walking.take()?;
                    let (path, message) = walk.why_empty()?;
                    return self.yields_nothing(path, source, message);
                }
            }
        }
    }

    fn yields_nothing(&self, path: PathBuf, source: Source, message: String) -> Option<Input> {
        if self.search.allow_empty {
            return None;
        }
        let report = self.not_found(&path, message);
        Some(Input {
            decided: Some(Decided::YieldsNothing(report)),
            ..Input::image(missing_name(path), source)
        })
    }

    fn not_found(&self, path: &Path, message: String) -> Report {
        let setting = Setting {
            here: self.places.here(),
            repository: self.places.repository(),
        };
        refused(Code::NotFound, message, cure::help(path, setting))
    }

    const fn mention(&self, by: MentionedBy) -> Mention {
        Mention {
            number: self.number,
            by,
        }
    }

    /// How to call the input that named an image first.
    fn same_as(&self, first: MentionedBy, now: MentionedBy, target: &Target) -> SameAs {
        match (first, now) {
            (MentionedBy::Line { list, line }, MentionedBy::Line { list: own, .. })
                if list == own =>
            {
                SameAs::Line(line.into())
            }
            (MentionedBy::Line { list, line }, _) => SameAs::Listed(ListLine {
                file: self
                    .list_names
                    .get(list as usize)
                    .cloned()
                    .unwrap_or_default(),
                line: line.into(),
            }),
            (MentionedBy::Word(number), _) => {
                let word = self.words.get(number as usize).cloned().unwrap_or_default();
                SameAs::Name(match InputKind::of(word) {
                    InputKind::Path(path) => ImageName::Path(plain(path)),
                    InputKind::Stdin => ImageName::Stdin,
                    InputKind::Oss(url)
                    | InputKind::OtherScheme { url, .. }
                    | InputKind::Url(url) => ImageName::Url(url),
                })
            }
            (MentionedBy::Walk, _) => {
                if let Target::Stored { name, .. } = target {
                    return SameAs::Name(ImageName::Url(name.clone()));
                }
                let real_path = target.real_path().unwrap_or(Path::new(""));
                let name = real_path.strip_prefix(self.places.here());
                SameAs::Name(ImageName::Path(name.unwrap_or(real_path).to_owned()))
            }
        }
    }

    fn count_duplicate(&self) {
        count(&self.passed_over, |passed_over| passed_over.duplicates += 1);
    }

    /// The next input. Without `may_wait`, none where a list would have to be waited for.
    fn next_input(&mut self, may_wait: bool) -> Option<Input> {
        loop {
            let input = if self.walking.is_some() {
                self.next_found()
            } else if self.listing.is_some() {
                self.next_object()
            } else {
                let is_at_hand =
                    (self.next_word as usize) < self.words.len() || self.lists.is_at_hand();
                if !may_wait && !is_at_hand {
                    return None;
                }
                match self.next_word()? {
                    Ok((word, source)) => self.open(word, source),
                    Err(error) => {
                        let report = Report::refused(error.code, error.message);
                        Some(Input {
                            listed: Some(error.listed),
                            real_path: None,
                            is_silent: false,
                            name: ImageName::Path(error.name),
                            decided: Some(Decided::Report(report)),
                        })
                    }
                }
            };
            if input.is_some() {
                self.number = self.number.saturating_add(1);
                return input;
            }
        }
    }
}

impl Iterator for Inputs {
    type Item = Input;

    fn next(&mut self) -> Option<Input> {
        self.next_input(true)
    }
}
