//! Where reports go: standard output, files, a CI's own place.

pub(crate) mod draft;
pub(crate) mod file;
mod folder;
pub(crate) mod github;
#[cfg(test)]
mod sample;
pub(crate) mod stdout;
pub(crate) mod way;

use std::io;

use report::{Image, Repeated, Summary};

/// Where a report goes: standard output, a file, a CI's own place.
pub(crate) trait Sink {
    /// One image. A failure is kept until [`finish`](Self::finish), so that checking goes on.
    fn image(&mut self, image: &Image);

    /// An input that repeats an earlier one.
    fn repeated(&mut self, repeated: &Repeated);

    /// Passes on what is buffered, if somebody is watching. Called when there is nothing else to do;
    /// `is_quiet` says that nothing is under way, so that nothing will come by itself.
    fn idle(&mut self, is_quiet: bool) {
        let _ = is_quiet;
    }

    /// The end of the report. Without it (exit code 2), nothing is left behind.
    fn finish(self: Box<Self>, summary: &Summary) -> Result<(), SinkError>;
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be written to {to}")]
pub(crate) struct SinkError {
    /// `standard output`, or the file as the user named it.
    pub(crate) to: String,
    pub(crate) source: io::Error,
}
