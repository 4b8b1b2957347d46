//! Patterns of paths, for shells that leave them alone and for lists.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// A pattern of paths: `*` and `?` within a name, `**` across folders, `[…]`, `{…,…}`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    whole: GlobMatcher,
    /// The folder to walk: the part of the pattern before the first wildcard.
    pub(crate) base: PathBuf,
    /// One pattern a folder below the base, up to a `**`; none where they cannot be told apart.
    parts: Option<Vec<Part>>,
}

#[derive(Clone, Debug)]
enum Part {
    Name(GlobMatcher),
    AnyDepth,
}

impl Pattern {
    /// The pattern that a word is, if it has a wildcard.
    pub(crate) fn parse(path: &Path) -> Option<Result<Self, globset::ErrorKind>> {
        let text = path.to_str()?;
        if !has_wildcard(text) {
            return None;
        }
        let text = if cfg!(windows) {
            text.replace('\\', "/")
        } else {
            text.to_owned()
        };
        Some(
            Self::new(text.strip_prefix("./").unwrap_or(&text))
                .map_err(|error| error.kind().clone()),
        )
    }

    fn new(text: &str) -> Result<Self, globset::Error> {
        let wildcard = text.find(is_wildcard).unwrap_or(text.len());
        let base_len = text
            .get(..wildcard)
            .and_then(|start| start.rfind('/'))
            .map_or(0, |at| at + 1);
        let (base, rest) = text.split_at(base_len);
        let base = if base.is_empty() { "." } else { base };
        Ok(Self {
            whole: matcher(text)?,
            base: base.into(),
            parts: parts(rest),
        })
    }

    /// Whether a path is meant, itself or a folder above it.
    pub(crate) fn matches(&self, path: &Path) -> bool {
        path.ancestors()
            .take_while(|ancestor| *ancestor != Path::new("") && *ancestor != self.base)
            .any(|ancestor| self.whole.is_match(ancestor))
    }

    /// Whether something below a folder may be meant. `below` is its path from the base.
    pub(crate) fn may_match_in(&self, folder: &Path, below: &Path) -> bool {
        let Some(parts) = &self.parts else {
            return true;
        };
        let mut parts = parts.iter();
        for name in below {
            match parts.next() {
                Some(Part::AnyDepth) => return true,
                Some(Part::Name(part)) if part.is_match(name) => {}
                Some(Part::Name(_)) => return false,
                None => return self.matches(folder),
            }
        }
        true
    }
}

fn has_wildcard(text: &str) -> bool {
    text.contains(is_wildcard)
}

const fn is_wildcard(c: char) -> bool {
    matches!(c, '*' | '?' | '[' | '{')
}

fn matcher(glob: &str) -> Result<GlobMatcher, globset::Error> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .build()
        .map(|glob| glob.compile_matcher())
}

/// The patterns of the folders in `rest`, unless braces hold a slash.
fn parts(rest: &str) -> Option<Vec<Part>> {
    rest.split('/')
        .map(|part| match part {
            "**" => Some(Part::AnyDepth),
            name => matcher(name).ok().map(Part::Name),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(Path::new(text)).unwrap().unwrap()
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        for (glob, path, meant) in [
            ("*.png", "a.png", true),
            ("*.png", "sub/a.png", false),
            ("./*.png", "a.png", true),
            ("**/*.png", "a.png", true),
            ("**/*.png", "x/y/a.png", true),
            ("assets/*", "assets/sub/a.png", true),
            ("assets/{a,b}?.png", "assets/b1.png", true),
            ("assets/[!a]*.png", "assets/a1.png", false),
            ("../x/*.png", "../x/a.png", true),
            ("a{b/c,d}/*.png", "ab/c/x.png", true),
        ] {
            assert_eq!(
                pattern(glob).matches(Path::new(path)),
                meant,
                "{glob} on {path}"
            );
        }
    }

    #[test]
    fn folders_that_cannot_match_are_not_walked() {
        for (glob, base, below, walked) in [
            ("*.png", ".", "node_modules", false),
            ("*/a.png", ".", "x", true),
            ("*/a.png", ".", "x/y", false),
            ("assets/*", "assets/", "x/y", true),
            ("a/**/b.png", "a/", "x/y/z", true),
            ("a*/**/b.png", ".", "b", false),
            ("a{b/c,d}/*.png", ".", "ab", true),
        ] {
            let pattern = pattern(glob);
            assert_eq!(pattern.base, Path::new(base), "{glob}");
            let folder = Path::new(base.trim_start_matches('.')).join(below);
            assert_eq!(
                pattern.may_match_in(&folder, Path::new(below)),
                walked,
                "{glob} in {below}"
            );
        }
    }

    #[test]
    fn what_has_no_wildcard_is_no_pattern() {
        assert!(Pattern::parse(Path::new("a.png")).is_none());
        assert!(Pattern::parse(Path::new("photo[1.png")).unwrap().is_err());
    }
}
