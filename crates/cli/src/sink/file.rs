//! Reports into files: opened before any work, written to a temporary file beside their place, and
//! moved there at the end. A reader sees the old report or the new one, never half of one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};

use preflight::{Content, probe_open_file};
use report::{Context, Image, Render, Repeated, Summary};

use crate::settings::OutputSpec;
use crate::sink::draft::Draft;
use crate::sink::folder::Access;
use crate::sink::way::{Stands, Way, WayError, find};
use crate::sink::{Sink, SinkError};

/// Bytes that are gathered before they are written: four reports must cost little more than one.
const BUFFER_BYTES: usize = 64 * 1024;

/// Why a report cannot be begun. Ends the run before any work, with exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("--output {}: expected a report or nothing there, but found an image", path.display())]
    Image { path: PathBuf },

    #[error("--output {}: the file there is also an input of this run; choose another file", path.display())]
    Input { path: PathBuf },

    #[error("--output {}: expected a file for each report, but found two reports to this one", path.display())]
    Twice { path: PathBuf },

    #[error("--output {}", path.display())]
    Way { path: PathBuf, source: WayError },
}

/// Begins a report for each `--output`, and over none of the files that are `read`.
///
/// # Errors
///
/// The first that cannot be written. Those before it leave nothing behind.
pub(crate) fn open(
    specs: &[OutputSpec],
    read: &[&Path],
    context: &Context,
) -> Result<Vec<FileSink>, OpenError> {
    let mut sinks: Vec<FileSink> = Vec::new();
    for spec in specs {
        let sink = FileSink::open(spec, read, context)?;
        if sink.is_draft() && sinks.iter().any(|other| other.real_path == sink.real_path) {
            return Err(OpenError::Twice {
                path: spec.path.clone(),
            });
        }
        sinks.push(sink);
    }
    Ok(sinks)
}

/// A report on its way into a file.
pub(crate) struct FileSink {
    /// As the user named it.
    name: PathBuf,
    /// Where it goes: absolute, links resolved.
    real_path: PathBuf,
    out: BufWriter<Target>,
    render: Box<dyn Render>,
    /// Whether something was rendered. A run that ends with exit code 2 has not come that far.
    begun: bool,
    /// The first failure. After it, nothing more is written.
    failure: Option<io::Error>,
}

/// The file that is written to.
enum Target {
    Draft(Draft),
    /// A stream of this process, a FIFO or a device: nothing can be moved over it.
    Stream(File),
}

impl Target {
    fn open(way: Way) -> io::Result<Self> {
        if way.stands == Stands::Nothing {
            return Draft::begin(way, None).map(Self::Draft);
        }
        // A file that may not be written to must not be replaced either.
        let old = way.open_old()?;
        match of_this_process(&old) {
            Some(stream) => Ok(Self::Stream(stream)),
            None if way.stands == Stands::File => Draft::begin(way, Some(old)).map(Self::Draft),
            None => Ok(Self::Stream(old)),
        }
    }
}

impl FileSink {
    fn open(spec: &OutputSpec, read: &[&Path], context: &Context) -> Result<Self, OpenError> {
        let path = &spec.path;
        let failed = |source| OpenError::Way {
            path: path.clone(),
            source,
        };
        let way = find(path).map_err(failed)?;
        if way.stands == Stands::File {
            refuse_what_is_read(path, &way, read)?;
        }
        let real_path = way.real_path.clone();
        let target = Target::open(way).map_err(|error| failed(error.into()))?;
        Ok(Self {
            name: path.clone(),
            real_path,
            out: BufWriter::with_capacity(BUFFER_BYTES, target),
            render: spec.format.renderer(context),
            begun: false,
            failure: None,
        })
    }

    fn is_draft(&self) -> bool {
        matches!(self.out.get_ref(), Target::Draft(_))
    }

    /// Does a step of the report, unless one has failed before.
    fn attempt(&mut self, step: impl FnOnce(&mut dyn Render, &mut dyn Write) -> io::Result<()>) {
        if self.failure.is_some() {
            return;
        }
        let begun = if mem::replace(&mut self.begun, true) {
            Ok(())
        } else {
            self.render.begin(&mut self.out)
        };
        let done = begun.and_then(|()| step(&mut *self.render, &mut self.out));
        self.failure = done.err();
    }

    fn bring_into_place(self) -> io::Result<()> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let target = self.out.into_inner();
        match target.map_err(io::IntoInnerError::into_error)? {
            Target::Draft(draft) => draft.finish(),
            Target::Stream(mut file) => file.flush(),
        }
    }
}

impl Sink for FileSink {
    fn image(&mut self, image: &Image) {
        self.attempt(|render, out| render.image(out, image));
    }

    fn repeated(&mut self, repeated: &Repeated) {
        self.attempt(|render, out| render.repeated(out, repeated));
    }

    fn finish(mut self: Box<Self>, summary: &Summary) -> Result<(), SinkError> {
        self.attempt(|render, out| render.finish(out, summary));
        let to = self.name.display().to_string();
        self.bring_into_place()
            .map_err(|source| SinkError { to, source })
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Draft(draft) => draft.write(bytes),
            Self::Stream(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Draft(draft) => draft.flush(),
            Self::Stream(file) => file.flush(),
        }
    }
}

/// The stream of this process that a file is, if it is one. A shell may have led it into a file that
/// holds more than this report and must not be replaced; opened again, it would be written from its
/// start.
#[cfg(unix)]
fn of_this_process(file: &File) -> Option<File> {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;

    let same = |a: &File, b: &File| {
        let (a, b) = (a.metadata().ok()?, b.metadata().ok()?);
        Some((a.dev(), a.ino()) == (b.dev(), b.ino()))
    };
    let streams = [
        io::stdout().as_fd().try_clone_to_owned(),
        io::stderr().as_fd().try_clone_to_owned(),
    ];
    let mut streams = streams.into_iter().flatten().map(File::from);
    streams.find(|stream| same(stream, file) == Some(true))
}

#[cfg(not(unix))]
fn of_this_process(_: &File) -> Option<File> {
    None
}

/// Refuses to write over an input, a list, the settings, or any image.
fn refuse_what_is_read(path: &Path, way: &Way, read: &[&Path]) -> Result<(), OpenError> {
    // Resolving a name takes long beside comparing its end, and there may be many.
    let names = [path.file_name(), way.real_path.file_name()];
    let is_input = |read: &&&Path| {
        names.contains(&read.file_name())
            && fs::canonicalize(read).is_ok_and(|it| it == way.real_path)
    };
    if read.iter().any(|read| is_input(&read)) {
        return Err(OpenError::Input {
            path: path.to_owned(),
        });
    }
    let probed = way.folder.open(&way.name, Access::Read);
    let is_image = probed
        .and_then(|file| probe_open_file(&file))
        .is_ok_and(|seen| {
            matches!(
                seen.content,
                Content::Broken(_) | Content::Foreign(_) | Content::Image(_)
            )
        });
    if is_image {
        return Err(OpenError::Image {
            path: path.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
