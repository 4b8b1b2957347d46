//! Reports: what there is to say, as data, and those who say it, one file a format.
//!
//! To add a format: a variant of [`ReportFormat`], a file with a [`Render`], and a line in
//! [`renderer`].

mod anchor;
pub(crate) mod auto;
mod compact;
mod disarm;
pub(crate) mod files;
mod format;
mod github;
mod gitlab;
mod human;
mod json;
mod jsonl;
mod junit;
mod line;
mod markdown;
mod remedy;
#[cfg(test)]
mod sample;
mod sarif;
pub(crate) mod schema;
mod spool;
pub(crate) mod stdout;
mod summary;
pub(crate) mod temporary;
pub(crate) mod text;
pub(crate) mod totals;

use std::io::{self, Write};

use preflight::Profile;

pub(crate) use crate::output::anchor::Root;
pub(crate) use crate::output::format::{FormatChoice, OutputSpec, ReportFormat};
pub(crate) use crate::output::line::{ImageLine, Origin, Subject};
pub(crate) use crate::output::summary::{LeftOut, Summary, Tally};

/// Says what came of the images, in one format.
///
/// `begin` is called once and first, then `image` for each image in the order of the inputs, then
/// `finish`, also after Ctrl-C.
pub(crate) trait Render {
    /// Before the first image.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// One image.
    fn image(&mut self, out: &mut dyn Write, image: &ImageLine) -> io::Result<()>;

    /// After the last image.
    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()>;
}

/// Where a report goes: standard output, a file, a CI's own place.
pub(crate) trait Sink {
    /// One image. A failure is kept until [`finish`](Self::finish), so that checking goes on.
    fn image(&mut self, image: &ImageLine);

    /// Passes on what is buffered, if somebody is watching. Called when there is nothing else to do.
    fn idle(&mut self) {}

    /// The end of the report. Without it (exit code 2), nothing is left behind.
    fn finish(self: Box<Self>, summary: &Summary) -> Result<(), SinkError>;
}

/// Who renders a format.
pub(crate) fn renderer(format: ReportFormat, context: &Context) -> Box<dyn Render> {
    match format {
        ReportFormat::Compact => Box::new(compact::Compact::new(context)),
        ReportFormat::Github => Box::new(github::Github::new(context)),
        ReportFormat::Gitlab => Box::new(gitlab::Gitlab::new(context)),
        ReportFormat::Human => Box::new(human::Human::new(context)),
        ReportFormat::Jsonl => Box::new(jsonl::Jsonl::new(context)),
        ReportFormat::Junit => Box::new(junit::Junit::new(context)),
        ReportFormat::Markdown => Box::new(markdown::Markdown::new(context)),
        ReportFormat::Sarif => Box::new(sarif::Sarif::new(context)),
    }
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be written to {place}")]
pub(crate) struct SinkError {
    /// `standard output`, or the file as the user named it.
    pub(crate) place: String,
    pub(crate) source: io::Error,
}

/// What a renderer knows before the first image.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) profile: Profile,
    /// What reports for code hosts give paths from.
    pub(crate) root: Root,
    /// `standin` where the verdicts are made up.
    pub(crate) service: Option<&'static str>,
    /// How much of it to show; files get [`Verbosity::Normal`].
    pub(crate) verbosity: Verbosity,
    /// Whether text may carry colours; never in files.
    pub(crate) color: bool,
}

impl Context {
    /// The same for a report in a file, which nobody watches: as much as is usual, in no colour.
    pub(crate) fn in_file(&self) -> Self {
        Self {
            verbosity: Verbosity::Normal,
            color: false,
            ..self.clone()
        }
    }
}

/// How much a text format says.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Verbosity {
    /// `-qq`: nothing.
    Silent,
    /// `-q`: failures and the totals.
    Quiet,
    /// Warnings and skipped images, too.
    #[default]
    Normal,
    /// `-v`: images that passed, and notes.
    Verbose,
    /// `-vv`: and what was asked of servers.
    Debug,
}
