//! Where in a configuration file something stands.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// A place in a configuration file, for people and their editors: `preflight.toml:6:3`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// The file, as it is shown.
    pub(crate) file: PathBuf,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1.
    pub(crate) column: usize,
}

impl Place {
    /// Without the column, for saying where a setting comes from: `preflight.toml:6`.
    pub(crate) fn line(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column } = self;
        write!(f, "{}:{line}:{column}", file.display())
    }
}

/// The text of a configuration file, and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The file, as it is shown.
    pub(crate) file: PathBuf,
    /// All of it.
    pub(crate) text: String,
}

impl Source {
    /// Where a span of bytes starts.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            file: self.file.clone(),
            line: before.bytes().filter(|&b| b == b'\n').count() + 1,
            column: before.chars().count()
                - before
                    .get(..line_start)
                    .map_or(0, |head| head.chars().count())
                + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_characters_count_from_one() {
        let source = Source {
            file: "preflight.toml".into(),
            text: "a = 1\nß = \"ü\" # x\r\nc = 2".into(),
        };
        let at = |needle: &str| {
            let start = source.text.find(needle).unwrap();
            source.place(&(start..start)).to_string()
        };
        assert_eq!(at("a"), "preflight.toml:1:1");
        assert_eq!(at("#"), "preflight.toml:2:9");
        assert_eq!(at("c"), "preflight.toml:3:1");
        assert_eq!(
            source.place(&(999..999)).line,
            3,
            "behind the end is the last line"
        );
    }
}
