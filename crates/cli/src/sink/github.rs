//! `--format auto`: for people, and in GitHub Actions for the pull request as well.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::PathBuf;

use report::{Context, Format, Image, Render, Repeated, Summary};

use crate::environment::Environment;
use crate::sink::way::{self, Way, WayError};
use crate::sink::{Sink, SinkError};

/// The places for reports in GitHub Actions, if we run there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct GithubActions {
    /// `$GITHUB_STEP_SUMMARY`: the file that the job summary is gathered in.
    step_summary: Option<PathBuf>,
}

impl GithubActions {
    /// The places for reports, if this process runs in GitHub Actions.
    pub(crate) fn detect(environment: &Environment) -> Option<Self> {
        let is_there = environment.get("GITHUB_ACTIONS")? == "true";
        is_there.then(|| Self {
            step_summary: environment.path("GITHUB_STEP_SUMMARY"),
        })
    }

    /// The renderer for standard output: the report for people, and the annotations behind it.
    pub(crate) fn annotated(human: Box<dyn Render>, context: &Context) -> Box<dyn Render> {
        Box::new(Annotated {
            human,
            annotations: Format::Github.renderer(context),
        })
    }

    /// The sink of the job summary, if there is one.
    ///
    /// # Errors
    ///
    /// The way there leads through a link of a repository. What else is wrong is told at the end.
    pub(crate) fn step_summary(&self, context: &Context) -> Result<Option<StepSummary>, WayError> {
        let Some(path) = &self.step_summary else {
            return Ok(None);
        };
        let way = match way::find(path) {
            Err(refused @ WayError::Link { .. }) => return Err(refused),
            way => way,
        };
        Ok(Some(StepSummary {
            way,
            table: Format::Markdown.renderer(context),
        }))
    }
}

struct Annotated {
    human: Box<dyn Render>,
    annotations: Box<dyn Render>,
}

impl Render for Annotated {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.human.begin(out)
    }

    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        self.human.image(out, image)?;
        self.annotations.image(out, image)
    }

    fn repeated(&mut self, out: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        self.human.repeated(out, repeated)?;
        self.annotations.repeated(out, repeated)
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        self.human.finish(out, summary)?;
        self.annotations.finish(out, summary)
    }
}

/// The report that is appended to the job summary.
pub(crate) struct StepSummary {
    way: Result<Way, WayError>,
    table: Box<dyn Render>,
}

impl StepSummary {
    /// Appends in one write: other steps' words stand before ours, and may lack the end of their line.
    fn append(self, summary: &Summary) -> Result<(), WayError> {
        let Self { way, mut table } = self;
        let mut file = way?.append()?;
        let mut text = Vec::new();
        // A pipe or a device has no end to look at.
        if file.metadata()?.is_file() && file.seek(SeekFrom::End(0))? > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                text.push(b'\n');
            }
        }
        table.finish(&mut text, summary)?;
        Ok(file.write_all(&text)?)
    }
}

impl Sink for StepSummary {
    fn image(&mut self, image: &Image) {
        // The table is gathered in memory; nothing is written before the end.
        let _ = self.table.image(&mut io::sink(), image);
    }

    fn repeated(&mut self, repeated: &Repeated) {
        let _ = self.table.repeated(&mut io::sink(), repeated);
    }

    /// The user did not ask for the summary by name, so its loss is a warning and changes no exit code.
    fn finish(self: Box<Self>, summary: &Summary) -> Result<(), SinkError> {
        if let Err(error) = self.append(summary) {
            tracing::warn!(%error, "the job summary could not be written");
        }
        Ok(())
    }
}
