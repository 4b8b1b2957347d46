//! Positions in a settings file.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// A position in a settings file, for people and their editors: `preflight.toml:6:3`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Position {
    /// The file, as people see it.
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

/// The text and the name of a settings file.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The file, as people see it.
    pub(crate) file: PathBuf,
    /// The whole text.
    pub(crate) text: String,
    /// The offset of each line but the first, so that a position does not cost a scan of the text.
    lines: Vec<usize>,
}

impl Source {
    /// The text of a file, and the name that people see.
    pub(crate) fn new(file: PathBuf, text: String) -> Self {
        let lines = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { file, text, lines }
    }

    /// The position at which a span of bytes starts.
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

    /// The line in which a span of bytes starts, as the source of a setting: `preflight.toml:6`.
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
            "beyond the end is the last line"
        );
    }
}
