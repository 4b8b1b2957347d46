//! One image of a report.

use std::path::PathBuf;

use gate::{Outcome, Report, Stage};

use crate::Thumbnail;

/// What came of one image, and how the user named it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Image {
    /// The name that the user gave.
    pub name: ImageName,
    /// Where the file is: absolute, every link resolved. Reports for code hosts point there.
    pub real_path: Option<PathBuf>,
    /// The list that named it.
    pub listed: Option<ListLine>,
    /// Where the local file is public, if that is known: exact, with its query.
    pub public_url: Option<String>,
    /// A small copy of it, for a page that shows images.
    pub thumbnail: Option<Thumbnail>,
    /// What came of it.
    pub report: Report,
}

impl Image {
    /// An image that no list named, and of which no more is known than its report says.
    #[must_use]
    pub const fn new(name: ImageName, report: Report) -> Self {
        Self {
            name,
            real_path: None,
            listed: None,
            public_url: None,
            thumbnail: None,
            report,
        }
    }
}

/// An image, as the user named it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an image has a path, a URL, or comes as bytes"
)]
pub enum ImageName {
    /// A file, relative as typed, without a leading `./`.
    Path(PathBuf),
    /// A URL, exactly as typed: it may carry a signature.
    Url(String),
    /// The bytes on standard input.
    Stdin,
}

/// Where an input was named: a list and a line of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a list and a line, for good")]
pub struct ListLine {
    /// The list; `-` for standard input.
    pub file: PathBuf,
    /// Counted from 1; in a list that is divided by NUL, the entry.
    pub line: u64,
}

/// An input that repeats an earlier one: it has a line of its own, and is checked and counted once.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Repeated {
    /// The name that the user gave here.
    pub name: ImageName,
    /// The list that named it here.
    pub listed: Option<ListLine>,
    /// The first mention.
    pub same_as: SameAs,
    /// What came of the first.
    pub outcome: Outcome,
    /// Where the first ended.
    pub stage: Stage,
}

impl Repeated {
    /// A mention that no list made.
    #[must_use]
    pub const fn new(name: ImageName, same_as: SameAs, outcome: Outcome, stage: Stage) -> Self {
        Self {
            name,
            listed: None,
            same_as,
            outcome,
            stage,
        }
    }
}

/// The first mention of an image that is named again.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the same list, another list, or no list"
)]
pub enum SameAs {
    /// A line of the same list, counted from 1.
    Line(u64),
    /// A line of another list.
    Listed(ListLine),
    /// A name that no list gave.
    Name(ImageName),
}
