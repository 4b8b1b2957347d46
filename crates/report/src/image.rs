//! One image of a report.

use std::path::{Path, PathBuf};

use gate::{Outcome, Report, Stage};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::thumbnail::Thumbnail;

/// The result of one image, and how the user named it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Image {
    /// The name that the user gave.
    pub name: ImageName,
    /// The path of the file: absolute, every link resolved. Reports for code hosts point there.
    pub real_path: Option<PathBuf>,
    /// The list that named it.
    pub listed: Option<ListLine>,
    /// The public URL of the local file, if it has one: exact, with its query.
    pub public_url: Option<String>,
    /// A small copy of the image, for a page that shows images.
    pub thumbnail: Option<Thumbnail>,
    /// The result.
    pub report: Report,
}

impl Image {
    /// An image that no list named, with nothing known beyond its report.
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
    /// The image on standard input.
    Stdin,
}

/// The line of a list that named an input.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a list and a line, for good")]
pub struct ListLine {
    /// The list; `-` for standard input.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub file: PathBuf,
    /// Counted from 1; in a list that is divided by NUL, the entry.
    pub line: u64,
}

/// Bytes that are not UTF-8 become U+FFFD.
fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// An input that repeats an earlier one. It has a line of its own; the image is checked and counted
/// once.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Repeated {
    /// The name that the user gave here.
    pub name: ImageName,
    /// The list that named it here.
    pub listed: Option<ListLine>,
    /// The first mention.
    pub same_as: SameAs,
    /// The outcome of the first.
    pub outcome: Outcome,
    /// The stage at which the first ended.
    pub stage: Stage,
}

impl Repeated {
    /// A repetition that no list named.
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
