//! One image of a report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate::Report;

/// What came of one image, and how the user called it.
#[derive(Clone, Debug)]
pub(crate) struct ImageLine {
    pub(crate) subject: Subject,
    /// Where the file lies: absolute, every link resolved.
    pub(crate) place: Option<Arc<Path>>,
    /// The list that named it.
    pub(crate) origin: Option<Origin>,
    /// Where the local file is public, if that is known: exact, with its query.
    pub(crate) public_url: Option<String>,
    pub(crate) report: Report,
}

/// An image, as the user called it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Subject {
    /// A file, relative as typed, without a leading `./`.
    Path(PathBuf),
    /// A URL, exactly as typed: it may carry a signature.
    Url(String),
    /// The bytes on standard input.
    Stdin,
}

/// Where an input was named: a list and a line of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Origin {
    /// The list; `-` for standard input.
    pub(crate) file: PathBuf,
    /// Counted from 1; with `-0`, the entry.
    pub(crate) line: u64,
}
