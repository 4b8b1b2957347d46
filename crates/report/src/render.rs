//! How a report is written, whatever its format.

use std::io::{self, Write};

use gate::Service;
use preflight::Profile;

use crate::location::RepositoryRoot;
use crate::{Image, Repeated, Summary, ThumbnailBudget};

/// Writes a report in one format.
///
/// `begin` is called once and first, then `image` for each image in the order of the inputs, then
/// `finish`, also after an interrupt. Some formats write everything in `finish`.
pub trait Render {
    /// Writes what stands before the first image.
    ///
    /// # Errors
    ///
    /// Those of writing. The report is not complete then.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes one image.
    ///
    /// # Errors
    ///
    /// Those of writing. The report is not complete then.
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()>;

    /// Writes an input that repeats an earlier one, in formats that have a line for each input.
    ///
    /// # Errors
    ///
    /// Those of writing. The report is not complete then.
    fn repeated(&mut self, out: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        let _ = (out, repeated);
        Ok(())
    }

    /// Writes what stands behind the last image.
    ///
    /// # Errors
    ///
    /// Those of writing. The report is not complete then.
    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()>;
}

/// What a renderer knows before the first image.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// The limits that were checked against.
    pub profile: Profile,
    /// The folder that reports for code hosts give paths from.
    pub root: RepositoryRoot,
    /// Who judges, in the paid stage.
    pub service: Service,
    /// How much text formats say.
    pub verbosity: Verbosity,
    /// Whether text may carry colours; never in files.
    pub color: bool,
    /// The columns that text is wrapped to, where somebody reads it on a terminal.
    pub width: Option<usize>,
    /// How the user raises the budget of paid requests, such as `--budget`.
    pub budget_flag: Option<&'static str>,
    /// The thumbnails that a page holds. Clones of a context share it.
    pub thumbnails: ThumbnailBudget,
}

impl Context {
    /// A report with the usual amount of text, without colours, that gives paths as they were typed.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            root: RepositoryRoot::none(),
            service: Service::Emo,
            verbosity: Verbosity::Normal,
            color: false,
            width: None,
            budget_flag: None,
            thumbnails: ThumbnailBudget::default(),
        }
    }

    /// The word for a service whose verdicts are made up.
    pub(crate) const fn standin(&self) -> Option<&'static str> {
        match self.service {
            Service::Emo => None,
            Service::Standin => Some("standin"),
        }
    }

    /// The same for a report in a file: the usual amount of text, without colours
    /// or wrapped lines.
    #[must_use]
    pub fn in_file(&self) -> Self {
        Self {
            verbosity: Verbosity::Normal,
            color: false,
            width: None,
            ..self.clone()
        }
    }
}

/// How much a text format says.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[expect(
    clippy::exhaustive_enums,
    reason = "two steps down and two up, for good"
)]
pub enum Verbosity {
    /// Nothing.
    Silent,
    /// Failures and the totals.
    Quiet,
    /// Warnings and skipped images, too.
    #[default]
    Normal,
    /// Images that passed, and notes, too.
    Verbose,
    /// As `Verbose`; the program logs requests, too.
    Debug,
}
