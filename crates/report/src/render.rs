//! How a report is written, whatever its format.

use std::io::{self, Write};

use gate::Service;
use preflight::Profile;

use crate::image::{Image, Repeated};
use crate::location::RepositoryRoot;
use crate::thumbnail::ThumbnailBudget;
use crate::totals::Summary;

/// Writes a report in one format.
///
/// `begin` is called once and first, then `image` for each image in the order of the inputs, then
/// `finish`, also after an interrupt. Some formats write everything in `finish`.
pub trait Render {
    /// Writes the part before the first image.
    ///
    /// # Errors
    ///
    /// Those of `out`. The report is then incomplete.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes one image.
    ///
    /// # Errors
    ///
    /// Those of `out`. The report is then incomplete.
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()>;

    /// Writes an input that repeats an earlier one, in formats that have a line for each input.
    ///
    /// # Errors
    ///
    /// Those of `out`. The report is then incomplete.
    fn repeated(&mut self, out: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        let _ = (out, repeated);
        Ok(())
    }

    /// Writes the part after the last image.
    ///
    /// # Errors
    ///
    /// Those of `out`. The report is then incomplete.
    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()>;
}

/// Everything that a renderer knows before the first image.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// The limits that the images are checked against.
    pub profile: Profile,
    /// The folder that paths in reports for code hosts are relative to.
    pub root: RepositoryRoot,
    /// The service of the paid stage.
    pub service: Service,
    /// How much text formats say.
    pub verbosity: Verbosity,
    /// Whether text has colours; never in files.
    pub color: bool,
    /// The width in columns that text is wrapped to, on a terminal.
    pub width: Option<usize>,
    /// The flag that raises the budget of paid requests, such as `--budget`.
    pub budget_flag: Option<&'static str>,
    /// The thumbnails that a page holds. Clones of a context share it.
    pub thumbnails: ThumbnailBudget,
}

impl Context {
    /// The usual amount of text, without colours; paths are given as they were typed.
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

    /// The name of the service, where its verdicts are made up.
    pub(crate) const fn standin(&self) -> Option<&'static str> {
        match self.service {
            Service::Emo => None,
            Service::Standin => Some("standin"),
        }
    }

    /// The same for a report in a file: the usual amount of text, without colours or wrapped lines.
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
