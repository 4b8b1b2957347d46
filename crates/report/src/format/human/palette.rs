//! The colours of the report for people.

use anstyle::{AnsiColor, Style};

/// The colours; none by default.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Palette {
    pub(super) pass: Style,
    pub(super) reject: Style,
    pub(super) unknown: Style,
    pub(super) aside: Style,
    pub(super) help: Style,
}

impl Palette {
    pub(super) const fn colored() -> Self {
        Self {
            pass: AnsiColor::Green.on_default(),
            reject: AnsiColor::Red.on_default().bold(),
            unknown: AnsiColor::Yellow.on_default().bold(),
            aside: Style::new().dimmed(),
            help: AnsiColor::Cyan.on_default(),
        }
    }
}

/// The word in a colour.
pub(super) fn painted(word: &str, style: Style) -> String {
    format!("{style}{word}{style:#}")
}
