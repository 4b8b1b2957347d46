//! The formats of a report. A new one is a variant of [`Format`], a row of [`TABLE`], and a file.

use std::fmt;
use std::str::FromStr;

use crate::render::{Context, Render};

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
    /// A page that shows the images.
    Html,
}

/// A format with its name, the extensions of its files, and its renderer.
struct Row {
    format: Format,
    name: &'static str,
    extensions: &'static [&'static str],
    /// Whether the report ends with the totals.
    has_totals: bool,
    renderer: fn(&Context) -> Box<dyn Render>,
}

/// The formats, in the order of the variants.
static TABLE: [Row; 9] = {
    const fn row(
        format: Format,
        name: &'static str,
        extensions: &'static [&'static str],
        has_totals: bool,
        renderer: fn(&Context) -> Box<dyn Render>,
    ) -> Row {
        Row {
            format,
            name,
            extensions,
            has_totals,
            renderer,
        }
    }
    use Format::{Compact, Github, Gitlab, Html, Human, Jsonl, Junit, Markdown, Sarif};
    [
        row(Human, "human", &["txt"], true, |it| {
            Box::new(human::Human::new(it))
        }),
        row(Compact, "compact", &[], false, |it| {
            Box::new(compact::Compact::new(it))
        }),
        row(Jsonl, "jsonl", &["jsonl", "ndjson"], false, |it| {
            Box::new(jsonl::Jsonl::new(it))
        }),
        row(Sarif, "sarif", &["sarif"], false, |it| {
            Box::new(sarif::Sarif::new(it))
        }),
        row(Junit, "junit", &["xml"], false, |it| {
            Box::new(junit::Junit::new(it))
        }),
        row(Github, "github", &[], false, |it| {
            Box::new(github::Github::new(it))
        }),
        row(Gitlab, "gitlab", &[], false, |it| {
            Box::new(gitlab::Gitlab::new(it))
        }),
        row(Markdown, "markdown", &["md"], true, |it| {
            Box::new(markdown::Markdown::new(it))
        }),
        row(Html, "html", &["html"], true, |it| {
            Box::new(html::Html::new(it))
        }),
    ]
};

impl Format {
    /// Every format.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Human; TABLE.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = TABLE[index].format;
            assert!(
                all[index] as usize == index,
                "the rows are in the order of the variants"
            );
            index += 1;
        }
        all
    };

    fn row(self) -> &'static Row {
        #[expect(
            clippy::indexing_slicing,
            reason = "`ALL` holds each row against its variant"
        )]
        &TABLE[self as usize]
    }

    /// The lower-case word for it: `human`, `jsonl`, ...
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether the report ends with the totals, so that they need not be printed elsewhere.
    #[must_use]
    pub fn has_totals(self) -> bool {
        self.row().has_totals
    }

    /// Extensions of files that mean this format, in lower case, the usual one first.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
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

/// The word names no format.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected one of the formats {}", Format::ALL.map(Format::name).join(", "))]
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
