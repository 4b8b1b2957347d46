//! Where in a configuration file something stands.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// A position in a configuration file, for people and their editors: `preflight.toml:6:3`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Position {
    /// The file, as it is shown.
    pub(crate) file: PathBuf,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1.
    pub(crate) column: usize,
}

impl fmt::Display for Position {
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
    /// Where each line but the first starts. Looked up for every setting, which must not read the
    /// whole text again each time.
    lines: Vec<usize>,
}

impl Source {
    /// The text of a file, and what the file is called.
    pub(crate) fn new(file: PathBuf, text: String) -> Self {
        let lines = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { file, text, lines }
    }

    /// Where a span of bytes starts.
    pub(crate) fn position(&self, span: &Range<usize>) -> Position {
        let above = self.lines_above(span);
        let start = above.checked_sub(1).and_then(|at| self.lines.get(at));
        let start = start.copied().unwrap_or(0);
        let before = self.text.get(start..span.start.min(self.text.len()));
        Position {
            file: self.file.clone(),
            line: above + 1,
            column: before.map_or(0, |before| before.chars().count()) + 1,
        }
    }

    /// The line that a span of bytes starts in, for saying where a setting comes from:
    /// `preflight.toml:6`.
    pub(crate) fn line(&self, span: &Range<usize>) -> String {
        format!("{}:{}", self.file.display(), self.lines_above(span) + 1)
    }

    fn lines_above(&self, span: &Range<usize>) -> usize {
        self.lines.partition_point(|start| *start <= span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_characters_count_from_one() {
        let text = "a = 1\nß = \"ü\" # x\r\nc = 2";
        let source = Source::new("preflight.toml".into(), text.into());
        let at = |needle: &str| {
            let start = source.text.find(needle).unwrap();
            source.position(&(start..start)).to_string()
        };
        assert_eq!(at("a"), "preflight.toml:1:1");
        assert_eq!(at("#"), "preflight.toml:2:9");
        assert_eq!(at("c"), "preflight.toml:3:1");
        assert_eq!(source.line(&(7..8)), "preflight.toml:2");
        assert_eq!(
            source.position(&(999..999)).line,
            3,
            "behind the end is the last line"
        );
    }
}
