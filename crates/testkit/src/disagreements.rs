//! `fixtures/disagreements.toml`: where other readers say something else than we do, and why.
//!
//! ```
//! let table = testkit::disagreements::load();
//! assert!(table.fixtures.iter().all(|row| !row.why.is_empty()));
//! ```

use std::fmt;

use serde::Deserialize;

use crate::manifest;

/// The table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disagreements {
    /// Source distributions whose images are looked at, as pip names them: `pillow==13.0.0`.
    pub packages: Vec<String>,
    /// Ways in which Pillow, libwebp and libjpeg-turbo differ from us over files.
    #[serde(rename = "kind")]
    pub kinds: Vec<Kind>,
    /// The files of the packages that differ.
    #[serde(rename = "file")]
    pub files: Vec<File>,
    /// Ways in which `image` differs from us over generated headers.
    #[serde(rename = "generated")]
    pub generated: Vec<Kind>,
    /// Fixtures of which a peer has no size or a wrong one.
    #[serde(rename = "fixture")]
    pub fixtures: Vec<Fixture>,
}

/// What both sides say of a file, in a few words: files that differ in the same way have the same.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(from = "(String, String)")]
#[expect(clippy::exhaustive_structs, reason = "there are two sides")]
pub struct Pair {
    /// What we say.
    pub ours: String,
    /// What they say.
    pub theirs: String,
}

impl From<(String, String)> for Pair {
    fn from((ours, theirs): (String, String)) -> Self {
        Self { ours, theirs }
    }
}

impl fmt::Display for Pair {
    /// As it stands in the table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:?}, {:?}]", self.ours, self.theirs)
    }
}

/// Ways to differ that have one reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Why we say something else.
    pub why: String,
    /// What we say, and what they say.
    pub differs: Vec<Pair>,
}

/// A file of a package that differs.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The package, as in [`Disagreements::packages`].
    pub package: String,
    /// Path within the package.
    pub path: String,
    /// What both sides say.
    pub differs: Pair,
}

impl fmt::Display for File {
    /// As it stands in the table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            package,
            path,
            differs,
        } = self;
        write!(
            f,
            "[[file]]\npackage = {package:?}\npath = {path:?}\ndiffers = {differs}\n"
        )
    }
}

/// A fixture of which a peer has no size or a wrong one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Path within `fixtures`.
    pub path: String,
    /// The peer: `image` or `imagesize`.
    pub peer: String,
    /// What the peer does.
    pub why: String,
}

/// The reason that a list of kinds has for a way to differ.
#[must_use]
pub fn reason<'a>(kinds: &'a [Kind], pair: &Pair) -> Option<&'a str> {
    let kind = kinds.iter().find(|kind| kind.differs.contains(pair))?;
    Some(&kind.why)
}

/// The table of the repository.
///
/// # Panics
///
/// If it cannot be read, or is not a table.
#[must_use]
pub fn load() -> Disagreements {
    let path = manifest::folder().join("disagreements.toml");
    let text = std::fs::read_to_string(path).expect("fixtures/disagreements.toml");
    toml::from_str(&text).expect("a table of disagreements")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_way_to_differ_has_one_reason() {
        let table = load();
        for kinds in [&table.kinds, &table.generated] {
            let mut seen = BTreeSet::new();
            for kind in kinds {
                assert!(kind.why.len() > 20, "{}", kind.why);
                assert!(!kind.differs.is_empty(), "{}", kind.why);
                for pair in &kind.differs {
                    assert!(seen.insert(pair), "two reasons for {pair}");
                }
            }
        }
    }

    #[test]
    fn each_file_differs_in_a_way_that_has_a_reason() {
        let table = load();
        for file in &table.files {
            assert!(reason(&table.kinds, &file.differs).is_some(), "{file}");
            assert!(table.packages.contains(&file.package), "{file}");
        }
        assert!(table.files.is_sorted());
    }
}
