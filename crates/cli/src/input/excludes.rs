//! What to leave out: patterns by gitignore's rules, which win over every other rule.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use report::lexical;
use url::Url;

use crate::settings::ExcludeRule;

/// What to leave out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excludes {
    /// The working directory, absolute.
    here: PathBuf,
    /// The rules in the order in which they are set.
    rules: Arc<[Rule]>,
    /// What they match, by the folder that they are anchored at.
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

/// What a path names.
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
    /// One of them is no pattern.
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
        let rules = rules.iter().map(|rule| Rule {
            label: rule.origin.clone(),
            is_flag: rule.is_flag,
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
        let rules = self.rules.iter();
        rules
            .filter(|rule| rule.is_flag && !rule.has_matched.load(Ordering::Relaxed))
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excludes(globs: &[(&str, &str)]) -> Excludes {
        let rules: Vec<_> = globs
            .iter()
            .map(|(folder, glob)| ExcludeRule {
                glob: (*glob).to_owned(),
                folder: (*folder).into(),
                origin: format!("--exclude '{glob}'"),
                is_flag: true,
            })
            .collect();
        Excludes::new(Path::new("/repo/site"), &rules).unwrap()
    }

    #[test]
    fn patterns_follow_gitignores_rules() {
        for (glob, path, left_out) in [
            ("assets/old*", "assets/old1.png", true),
            ("assets/old*", "other/assets/old1.png", false),
            ("old*", "deep/down/old1.png", true),
            ("old*", "older/new.png", true),
            ("assets/", "assets/a.png", true),
            ("**/fixtures/**", "a/fixtures/b/c.png", true),
            ("/a.png", "a.png", true),
            ("/a.png", "sub/a.png", false),
            ("*.png", "../other/a.png", true),
            ("assets/*", "../assets/a.png", false),
            ("home/*", "/home/u/a.png", false),
            ("repo", "a.png", false),
            ("/repo/site/a.png", "a.png", true),
            ("/data/**", "/data/x/y.png", true),
            ("a.png", "./b/../a.png", true),
            ("si", "/repo/site2/a.png", false),
            ("./a.png", "a.png", true),
            ("./old*", "deep/old1.png", true),
        ] {
            let found = excludes(&[("/repo/site", glob)])
                .rule_for(Path::new(path), Where::File)
                .is_some();
            assert_eq!(found, left_out, "{glob} on {path}");
        }
    }

    #[test]
    fn a_flag_that_matches_nothing_is_known() {
        let excludes = excludes(&[
            ("/repo/site", "a.png"),
            ("/repo/site", "b.png"),
            ("/repo/site", "!c.png"),
        ]);
        for path in ["a.png", "c.png", "d.png"] {
            excludes.rule_for(Path::new(path), Where::File);
        }
        let unmatched: Vec<_> = excludes.unmatched().collect();
        assert_eq!(unmatched, ["--exclude 'b.png'"]);
    }

    #[test]
    fn a_files_patterns_are_anchored_at_its_folder() {
        let excludes = excludes(&[("/repo", "site/old*"), ("/repo/site", "!old.png")]);
        assert_eq!(
            excludes.rule_for(Path::new("old.png"), Where::File),
            Some("--exclude 'site/old*'"),
            "a set does not take back what another leaves out"
        );
        assert_eq!(excludes.rule_for(Path::new("new.png"), Where::File), None);
    }

    #[test]
    fn urls_are_matched_whole() {
        let url = "https://cdn.example.com/p/7.jpg";
        for (glob, left_out) in [
            ("https://cdn.example.com/**", true),
            ("https://cdn.example.com/p/*.jpg", true),
            ("*.jpg", true),
            ("https://cdn.example.org/**", false),
            ("p/*.jpg", false),
            ("https://cdn.example.com/?/7.jpg", true),
        ] {
            let found = excludes(&[("/repo/site", glob)])
                .rule_for_url(url)
                .is_some();
            assert_eq!(found, left_out, "{glob}");
        }
        let excludes = excludes(&[("/repo/site", "https://cdn.example.com/**")]);
        assert!(
            excludes
                .rule_for_url("HTTPS://CDN.example.com:443/a.jpg")
                .is_some()
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_its_origin() {
        let rule = ExcludeRule {
            glob: "a{b".to_owned(),
            folder: "/repo".into(),
            origin: "--exclude 'a{b'".to_owned(),
            is_flag: true,
        };
        let error = Excludes::new(Path::new("/repo"), &[rule])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("--exclude 'a{b': expected a pattern"),
            "{error}"
        );
    }

    proptest! {
        /// The short way is one, and no other rule.
        #[test]
        fn a_plain_path_is_judged_by_where_it_leads(
            globs in proptest::collection::vec("[!/]?[ab*.]{1,3}(/[ab*.]{1,3})?/?", 1..3),
            path in "[ab./]{1,9}",
        ) {
            let rules: Vec<_> = globs.iter().map(|glob| ("/repo/site", glob.as_str())).collect();
            let excludes = excludes(&rules);
            let path = Path::new(&path);
            for is in [Where::File, Where::Folder] {
                let rule = excludes.rule_for(path, is);
                prop_assert_eq!(rule, excludes.rule_from_top(path, is == Where::Folder));
            }
        }
    }

    #[test]
    fn a_report_is_left_out_by_any_name_of_its_path() {
        let reports = ["out.png", "../r.png"].map(Path::new);
        let excludes = excludes(&[]).with_reports(reports.into_iter());
        for (path, left_out) in [
            ("out.png", true),
            ("./out.png", true),
            ("a/../out.png", true),
            ("/repo/site/out.png", true),
            ("/repo/r.png", true),
            ("a/out.png", false),
            ("x-out.png", false),
        ] {
            let found = excludes.rule_for(Path::new(path), Where::File).is_some();
            assert_eq!(found, left_out, "{path}");
        }
    }
}
