//! The formats of a report. A new one is a variant of [`Format`], a line of its table, and a file.

use std::fmt;
use std::str::FromStr;

use crate::{Context, Render};

mod compact;
mod github;
mod gitlab;
mod html;
mod human;
pub(crate) mod jsonl;
mod junit;
mod markdown;
mod sarif;

/// A format of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// For people.
    Human,
    /// One line a finding, for grep and editors.
    Compact,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit's XML.
    Junit,
    /// GitHub's annotations.
    Github,
    /// GitLab's Code Quality.
    Gitlab,
    /// A table for people.
    Markdown,
    /// A page to look at, with the images.
    Html,
}

/// What a format is called, which extensions of files mean it, and how it is made.
struct Row {
    name: &'static str,
    extensions: &'static [&'static str],
    /// Whether the report ends with the totals.
    has_totals: bool,
    renderer: fn(&Context) -> Box<dyn Render>,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::Human,
        Self::Compact,
        Self::Jsonl,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Gitlab,
        Self::Markdown,
        Self::Html,
    ];

    const fn row(self) -> Row {
        const fn row(
            name: &'static str,
            extensions: &'static [&'static str],
            has_totals: bool,
            renderer: fn(&Context) -> Box<dyn Render>,
        ) -> Row {
            Row {
                name,
                extensions,
                has_totals,
                renderer,
            }
        }
        match self {
            Self::Human => row("human", &["txt"], true, |it| {
                Box::new(human::Human::new(it))
            }),
            Self::Compact => row("compact", &[], false, |it| {
                Box::new(compact::Compact::new(it))
            }),
            Self::Jsonl => row("jsonl", &["jsonl", "ndjson"], false, |it| {
                Box::new(jsonl::Jsonl::new(it))
            }),
            Self::Sarif => row("sarif", &["sarif"], false, |it| {
                Box::new(sarif::Sarif::new(it))
            }),
            Self::Junit => row("junit", &["xml"], false, |it| {
                Box::new(junit::Junit::new(it))
            }),
            Self::Github => row("github", &[], false, |it| Box::new(github::Github::new(it))),
            Self::Gitlab => row("gitlab", &[], false, |it| Box::new(gitlab::Gitlab::new(it))),
            Self::Markdown => row("markdown", &["md"], true, |it| {
                Box::new(markdown::Markdown::new(it))
            }),
            Self::Html => row("html", &["html"], true, |it| Box::new(html::Html::new(it))),
        }
    }

    /// The lower-case word for it: `human`, `jsonl`, ...
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether the report ends with the totals, so that nobody needs to print them elsewhere.
    #[must_use]
    pub const fn has_totals(self) -> bool {
        self.row().has_totals
    }

    /// Extensions of files that mean this format, in lower case, the usual one first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        self.row().extensions
    }

    /// The format that an extension of a file means, in any case.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| {
            let mut known = format.extensions().iter();
            known.any(|known| known.eq_ignore_ascii_case(extension))
        })
    }

    /// A new report of this format.
    #[must_use]
    pub fn renderer(self, context: &Context) -> Box<dyn Render> {
        (self.row().renderer)(context)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no format.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected human, compact, jsonl, sarif, junit, github, gitlab, markdown or html")]
#[non_exhaustive]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.name().eq_ignore_ascii_case(word))
            .ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_found_by_its_name_and_by_its_extensions() {
        for format in Format::ALL {
            assert_eq!(format.name().to_uppercase().parse(), Ok(format));
            assert!(UnknownFormat.to_string().contains(format.name()));
            for extension in format.extensions() {
                assert_eq!(Format::of_extension(extension), Some(format));
            }
        }
        assert_eq!(Format::of_extension("json"), None);
        assert_eq!("json".parse::<Format>(), Err(UnknownFormat));
    }
}
