//! Excludes: patterns by gitignore's rules, which win over every other rule.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use report::lexical;
use url::Url;

use crate::settings::ExcludeRule;

/// The excludes of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excludes {
    /// The working directory, absolute.
    here: PathBuf,
    /// The rules in the order in which they are set.
    rules: Arc<[Rule]>,
    /// Their patterns, by the folder that they are anchored at.
    sets: Vec<Set>,
    /// The files that this run writes: absolute, and as the rule that leaves them out.
    reports: Vec<(PathBuf, String)>,
}

/// An invalid pattern.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{origin}: expected a pattern, but found {glob:?}: {reason}")]
pub(crate) struct ExcludeError {
    origin: String,
    glob: String,
    reason: String,
}

/// Whether a path names a file or a folder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Where {
    File,
    Folder,
}

#[derive(Debug)]
struct Rule {
    /// Where it was set, for people.
    label: String,
    /// A flag of this run, and no setting of the project.
    is_flag: bool,
    /// It starts with `!`, but no earlier rule could be taken back.
    takes_nothing_back: bool,
    /// Whether it has matched something.
    has_matched: AtomicBool,
}

#[derive(Clone, Debug)]
struct Set {
    folder: PathBuf,
    /// Every pattern, for paths in the folder.
    inside: Gitignore,
    /// The patterns that are anchored nowhere, for paths outside of it.
    outside: Gitignore,
    /// The patterns that start with a slash, for absolute paths.
    absolute: Gitignore,
}

impl Excludes {
    /// Takes the rules in the order in which they are set.
    ///
    /// # Errors
    ///
    /// One of them is not a pattern.
    pub(crate) fn new(here: &Path, rules: &[ExcludeRule]) -> Result<Self, ExcludeError> {
        let mut folders: Vec<&Path> = Vec::new();
        for rule in rules {
            if !folders.contains(&rule.folder.as_path()) {
                folders.push(&rule.folder);
            }
        }
        let sets = folders.into_iter().map(|folder| {
            let rules = rules.iter().enumerate();
            let here = rules.filter(|(_, rule)| rule.folder == folder);
            let is_floating = |(_, rule): &(usize, &ExcludeRule)| !is_anchored(glob_of(rule));
            let is_absolute = |(_, rule): &(usize, &ExcludeRule)| glob_of(rule).starts_with('/');
            Ok(Set {
                folder: folder.to_owned(),
                inside: matcher(here.clone())?,
                outside: matcher(here.clone().filter(is_floating))?,
                absolute: matcher(here.filter(is_absolute))?,
            })
        });
        let sets = sets.collect::<Result<_, _>>()?;
        let rules = rules.iter().enumerate().map(|(number, rule)| Rule {
            label: rule.origin.clone(),
            is_flag: rule.is_flag,
            takes_nothing_back: is_negated(rule)
                && !rules
                    .iter()
                    .take(number)
                    .any(|it| it.folder == rule.folder && !is_negated(it)),
            has_matched: AtomicBool::new(false),
        });
        Ok(Self {
            here: here.to_owned(),
            rules: rules.collect(),
            sets,
            reports: Vec::new(),
        })
    }

    /// Leaves out the reports of this run: one inside a folder that is checked, under the name of an
    /// image, would be found there by the next run.
    pub(crate) fn with_reports<'a>(self, paths: impl Iterator<Item = &'a Path>) -> Self {
        let reports = paths.map(|path| {
            let rule = format!("--output '{}'", path.display());
            (lexical(&self.here.join(path)), rule)
        });
        Self {
            reports: reports.collect(),
            ..self
        }
    }

    /// The flags that have matched nothing so far, as they were given.
    pub(crate) fn unmatched(&self) -> impl Iterator<Item = &str> {
        self.flags(|rule| !rule.takes_nothing_back && !rule.has_matched.load(Ordering::Relaxed))
    }

    /// The flags that would take back what an earlier rule leaves out, if there were one.
    pub(crate) fn taking_nothing_back(&self) -> impl Iterator<Item = &str> {
        self.flags(|rule| rule.takes_nothing_back)
    }

    fn flags(&self, which: impl Fn(&Rule) -> bool) -> impl Iterator<Item = &str> {
        let flags = self.rules.iter().filter(|rule| rule.is_flag);
        flags
            .filter(move |rule| which(rule))
            .map(|rule| rule.label.as_str())
    }

    /// The rule that leaves a path out, itself or a folder above it.
    pub(crate) fn rule_for(&self, path: &Path, is: Where) -> Option<&str> {
        if let Some(rule) = self.report(path) {
            return Some(rule);
        }
        if self.sets.is_empty() {
            return None;
        }
        let is_folder = is == Where::Folder;
        let mut sets = self.sets.iter();
        if is_plain(path) && sets.clone().all(|set| set.takes_plain_paths(&self.here)) {
            sets.find_map(|set| self.rule(&set.inside, path, is_folder))
        } else {
            self.rule_from_top(path, is_folder)
        }
    }

    /// As [`rule_for`](Self::rule_for), by where the path leads.
    fn rule_from_top(&self, path: &Path, is_folder: bool) -> Option<&str> {
        let absolute = lexical(&self.here.join(path));
        let from_top = without_root(&absolute);
        self.sets.iter().find_map(|set| {
            let near = match absolute.strip_prefix(&set.folder) {
                Ok(relative) => self.rule(&set.inside, relative, is_folder),
                Err(_) => self.rule(&set.outside, &without_root(path), is_folder),
            };
            near.or_else(|| self.rule(&set.absolute, &from_top, is_folder))
        })
    }

    /// The label of the rule that matches.
    fn rule(&self, rules: &Gitignore, path: &Path, is_folder: bool) -> Option<&str> {
        let found = rules.matched_path_or_any_parents(path, is_folder);
        let number = match found {
            Match::Ignore(glob) | Match::Whitelist(glob) => glob.from()?.to_str()?.parse().ok()?,
            Match::None => return None,
        };
        let rule: &Rule = self.rules.get::<usize>(number)?;
        rule.has_matched.store(true, Ordering::Relaxed);
        found.is_ignore().then_some(&rule.label)
    }

    fn report(&self, path: &Path) -> Option<&str> {
        let bytes = path.as_os_str().as_encoded_bytes();
        let mut reports = self.reports.iter().filter(|(report, _)| {
            // The last bytes tell nearly all apart, for a fraction of what looking closely costs.
            let name = report.file_name().unwrap_or_default();
            bytes.ends_with(name.as_encoded_bytes()) && lexical(&self.here.join(path)) == *report
        });
        reports.next().map(|(_, rule)| rule.as_str())
    }

    /// The rule that leaves a URL out. The whole URL is what the pattern must match, as it is written
    /// or in its usual form (`https://` for `HTTPS://`).
    pub(crate) fn rule_for_url(&self, url: &str) -> Option<&str> {
        if self.sets.is_empty() {
            return None;
        }
        let usual = Url::parse(url).map(String::from);
        let usual = usual.as_deref().unwrap_or(url);
        self.sets.iter().find_map(|set| {
            let matches = |url| self.rule(&set.inside, Path::new(url), false);
            matches(url).or_else(|| matches(usual))
        })
    }
}

impl Set {
    /// Whether a plain path is as it stands what the patterns are about. Nothing has to be put
    /// together then, which for a walk of many files is most of the work.
    fn takes_plain_paths(&self, here: &Path) -> bool {
        self.folder == here && self.absolute.is_empty()
    }
}

/// The pattern of a rule; `./x` is `x`.
fn glob_of(rule: &ExcludeRule) -> &str {
    rule.glob.strip_prefix("./").unwrap_or(&rule.glob)
}

/// Whether a rule takes back what earlier ones of its folder leave out.
fn is_negated(rule: &ExcludeRule) -> bool {
    glob_of(rule).starts_with('!')
}

fn matcher<'a>(
    rules: impl Iterator<Item = (usize, &'a ExcludeRule)>,
) -> Result<Gitignore, ExcludeError> {
    // `Gitignore` strips its root byte by byte (`/repo/site` also from `/repo/site2`), so we strip
    // paths ourselves and give it `.`.
    let mut builder = GitignoreBuilder::new(".");
    for (number, rule) in rules {
        let refused = |error: ignore::Error| ExcludeError {
            origin: rule.origin.clone(),
            glob: rule.glob.clone(),
            reason: reason(error),
        };
        // The matcher gives back the file that a pattern comes from. Ours come from no file, and have
        // their number there.
        builder
            .add_line(Some(number.to_string().into()), glob_of(rule))
            .map_err(refused)?;
    }
    builder.build().map_err(|error| ExcludeError {
        origin: "exclude".to_owned(),
        glob: String::new(),
        reason: reason(error),
    })
}

/// The bare reason, without the file and line that it is wrapped in.
fn reason(error: ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            reason(*err)
        }
        ignore::Error::Glob { err, .. } => err,
        other => other.to_string(),
    }
}

/// Whether a pattern holds only from its folder: it has a slash that is not its last character
/// (gitignore(5), "Pattern format"). One that starts with `**/` holds anywhere.
fn is_anchored(glob: &str) -> bool {
    let glob = glob.strip_prefix('!').unwrap_or(glob);
    !glob.starts_with("**/") && glob.trim_end_matches('/').contains('/')
}

/// Whether a path leads down from the working directory without a detour. A hidden name counts as
/// one: it starts like `.` and `..`.
fn is_plain(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    let is_separator = |byte: &u8| std::path::is_separator(char::from(*byte));
    let has_detour = || {
        let mut pairs = bytes.iter().zip(bytes.iter().skip(1));
        pairs.any(|(byte, next)| is_separator(byte) && (*next == b'.' || is_separator(next)))
    };
    // Neither a root nor a drive, which do not go together on Windows.
    let first = path.components().next();
    matches!(first, None | Some(Component::Normal(_)))
        && !bytes.starts_with(b".")
        && !bytes.last().is_some_and(is_separator)
        && !has_detour()
}

/// The names of a path, without where it starts from.
fn without_root(path: &Path) -> PathBuf {
    path.components()
        .filter(|component| matches!(component, Component::Normal(_)))
        .collect()
}

#[cfg(test)]
mod tests;
