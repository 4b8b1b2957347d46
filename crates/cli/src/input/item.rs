//! One input, and what is known of it before any image is looked at.

use std::path::{Path, PathBuf};

use gate::{Code, Report};
use report::{ImageName, ListLine, SameAs};

use crate::input::place::{Place, Standing};
use crate::input::seen::MentionedBy;

/// One input: an image to check, or one that is already decided.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: ImageName,
    /// Where the file lies: absolute, every link resolved.
    pub(crate) real_path: Option<PathBuf>,
    pub(crate) listed: Option<ListLine>,
    pub(crate) decided: Option<Decided>,
    /// Its name promises nothing, and a walk is silent about what is no image.
    pub(crate) is_silent: bool,
}

/// The result of an input that needs no look at an image.
#[derive(Clone, Debug)]
pub(crate) enum Decided {
    /// Its report.
    Report(Report),
    /// It repeats an earlier input, and has the result of that.
    Repeats(Repeat),
    /// A pattern or a folder without an image: if there is nothing else, there is nothing to check.
    YieldsNothing(Report),
}

/// An earlier input that named the same image.
#[derive(Clone, Debug)]
pub(crate) struct Repeat {
    /// Its number among the inputs, from 0.
    pub(crate) number: u64,
    pub(crate) same_as: SameAs,
}

/// Who named an input.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) by: MentionedBy,
    pub(super) listed: Option<ListLine>,
}

impl Input {
    pub(super) fn image(name: ImageName, source: Source) -> Self {
        Self {
            name,
            real_path: None,
            listed: source.listed,
            decided: None,
            is_silent: false,
        }
    }

    /// A file; `path` without a leading `./`.
    pub(super) fn file(path: PathBuf, place: Place, source: Source) -> Self {
        let report = place.standing.report(&place.real_path);
        // Reports must not lead through a link that must not be followed.
        let real_path = (place.standing != Standing::Outside).then_some(place.real_path);
        Self {
            real_path,
            decided: report.map(Decided::Report),
            ..Self::image(ImageName::Path(path), source)
        }
    }

    pub(super) fn reported(name: ImageName, source: Source, report: Report) -> Self {
        Self {
            decided: Some(Decided::Report(report)),
            ..Self::image(name, source)
        }
    }
}

impl Standing {
    /// The report of a file that must not be looked at, or cannot be. `leads_to` is where it is.
    pub(super) fn report(&self, leads_to: &Path) -> Option<Report> {
        match self {
            Self::Fine => None,
            Self::Dangling { target } => {
                let target = target.display();
                let message = format!("a link to {target}, which is not there");
                let help = if target.to_string().contains("annex/objects") {
                    "git annex get fetches what the link stands for"
                } else if target.to_string().contains(".dvc/cache") {
                    "dvc pull fetches what the link stands for"
                } else {
                    "bring back the file that the link leads to, or name another one"
                };
                Some(refused(Code::NotFound, message, Some(help.to_owned())))
            }
            Self::Loop => Some(refused(
                Code::NotFound,
                "a link that leads back to itself".to_owned(),
                Some("replace the link by the file that it is meant to lead to".to_owned()),
            )),
            Self::OfKernel => Some(refused(
                Code::Unreadable,
                "expected a file, but found what the kernel makes up when it is read".to_owned(),
                None,
            )),
            Self::Outside => Some(Report::skipped(format!(
                "a link leads out of what is checked, to {}; give that name to check it",
                leads_to.display()
            ))),
        }
    }
}

pub(super) fn refused(code: Code, message: String, help: Option<String>) -> Report {
    match help {
        Some(help) => Report::refused_with(code, message, help),
        None => Report::refused(code, message),
    }
}
