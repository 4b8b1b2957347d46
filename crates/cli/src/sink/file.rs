//! Reports into files: opened before any work, written to a temporary file beside their place, and
//! moved there at the end. Whoever looks sees the old report or the new one, never half of one.

mod place;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};

use report::{Context, Image, Render, Repeated, Summary};

use crate::settings::OutputSpec;
use crate::sink::temporary::Temporary;
use crate::sink::{Sink, SinkError};

/// Bytes that are gathered before they are written: four reports shall cost little more than one.
const BUFFER_BYTES: usize = 64 * 1024;

/// Why a report cannot be begun. Ends the run before any work, with exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The place of the report is a folder.
    #[error("--output {}: expected a file, but found a folder", path.display())]
    Folder { path: PathBuf },

    /// An image stands there, which a report would destroy.
    #[error("--output {}: expected a report or nothing there, but found an image", path.display())]
    Image { path: PathBuf },

    /// The folder is not there.
    #[error("--output {}: expected an existing folder, but found none", path.display())]
    NoFolder { path: PathBuf },

    /// The folder takes no files, or the file there may not be written to.
    #[error("--output {}: cannot write there", path.display())]
    Open { path: PathBuf, source: io::Error },

    /// An input, a list or the settings stand there.
    #[error("--output {}: expected a report or nothing there, but found a file that is read", path.display())]
    Read { path: PathBuf },

    /// Two reports to one place.
    #[error("--output {}: expected a file for each report, but found two reports to this one", path.display())]
    Twice { path: PathBuf },
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
        if sink.is_regular() && sinks.iter().any(|other| other.place == sink.place) {
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
    place: PathBuf,
    out: BufWriter<Target>,
    render: Box<dyn Render>,
    /// Whether something was rendered. A run that ends with exit code 2 has not come that far.
    begun: bool,
    /// The first failure. After it, nothing more is written.
    failure: Option<io::Error>,
}

/// What is written to.
enum Target {
    /// A temporary file, to be moved into place.
    Temporary(Temporary),
    /// A stream of this process, a FIFO, a device or a shell's `>(…)`: nothing can be moved over it.
    Direct(File),
}

impl FileSink {
    fn open(spec: &OutputSpec, read: &[&Path], context: &Context) -> Result<Self, OpenError> {
        let path = &spec.path;
        let failed = |source| OpenError::Open {
            path: path.clone(),
            source,
        };
        let (place, target) = match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(OpenError::Folder { path: path.clone() }),
            Ok(found) => match place::stream(path, &found) {
                Some(file) => (path.clone(), Target::Direct(file.map_err(failed)?)),
                None => {
                    let place = place::of_old(path, read)?;
                    let target = Temporary::for_old(&place, &found);
                    (place, Target::Temporary(target.map_err(failed)?))
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let place = place::of_new(path)?;
                let target = Temporary::for_new(&place);
                (place, Target::Temporary(target.map_err(failed)?))
            }
            Err(error) => return Err(failed(error)),
        };
        Ok(Self {
            name: path.clone(),
            place,
            out: BufWriter::with_capacity(BUFFER_BYTES, target),
            render: spec.format.renderer(context),
            begun: false,
            failure: None,
        })
    }

    fn is_regular(&self) -> bool {
        matches!(self.out.get_ref(), Target::Temporary(_))
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

    fn move_into_place(self) -> io::Result<()> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        match self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
        {
            Target::Temporary(file) => file.move_to(&self.place),
            Target::Direct(mut file) => file.flush(),
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
        self.move_into_place()
            .map_err(|source| SinkError { to, source })
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary(file) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary(file) => file.flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::sample;

    fn spec(path: &Path) -> OutputSpec {
        path.to_str().unwrap().parse().unwrap()
    }

    fn open_one(path: &Path) -> Result<Vec<FileSink>, OpenError> {
        open(&[spec(path)], &[], &sample::context())
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_report_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.md");
        fs::write(&path, "old").unwrap();
        let images = [sample::rejected("a.png")];

        // A run that ends with exit code 2 drops its sinks.
        let sinks = open_one(&path).unwrap();
        drop(sinks);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");

        let mut sink = Box::new(open_one(&path).unwrap().remove(0));
        sink.image(&images[0]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        sink.finish(&sample::summary(&images)).unwrap();
        let expected = sample::report(report::Format::Markdown, &images);
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(names(folder.path()), ["out.md"]);
    }

    #[test]
    fn what_cannot_be_written_is_told_before_any_work() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(matches!(
            open_one(&at("no/out.md")),
            Err(OpenError::NoFolder { .. })
        ));
        fs::create_dir(at("dir.md")).unwrap();
        assert!(matches!(
            open_one(&at("dir.md")),
            Err(OpenError::Folder { .. })
        ));
        fs::write(at("file"), "").unwrap();
        assert!(open_one(&at("file/out.md")).is_err());
        let twice = [spec(&at("out.md")), spec(&at("./out.md"))];
        assert!(matches!(
            open(&twice, &[], &sample::context()),
            Err(OpenError::Twice { .. })
        ));
        fs::remove_file(at("file")).unwrap();
        assert_eq!(names(folder.path()), ["dir.md"], "nothing is left behind");
    }

    #[test]
    fn no_report_destroys_what_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("list.txt"), "a.png").unwrap();
        for image in [
            &*sample::png(500, 500),
            b"GIF89a\x01\0\x01\0\0\0\0",
            b"\xff\xd8\xff\xe0",
        ] {
            fs::write(at("a.md"), image).unwrap();
            assert!(matches!(
                open_one(&at("a.md")),
                Err(OpenError::Image { .. })
            ));
        }
        let list = at("./list.txt");
        let refused = open(
            &[spec(&at("list.txt"))],
            &[list.as_path()],
            &sample::context(),
        );
        assert!(matches!(refused, Err(OpenError::Read { .. })));
        assert!(matches!(
            open_one(&at("new.md/")),
            Err(OpenError::Folder { .. })
        ));
        assert_eq!(names(folder.path()).len(), 2, "nothing is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_two_ways_to_one_file_are_one() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real.md"), "old").unwrap();
        symlink("real.md", at("link.md")).unwrap();
        let twice = [spec(&at("real.md")), spec(&at("link.md"))];
        assert!(matches!(
            open(&twice, &[], &sample::context()),
            Err(OpenError::Twice { .. })
        ));

        let sink = Box::new(open_one(&at("link.md")).unwrap().remove(0));
        sink.finish(&sample::summary(&[])).unwrap();
        assert!(fs::symlink_metadata(at("link.md")).unwrap().is_symlink());
        assert!(
            fs::read_to_string(at("real.md"))
                .unwrap()
                .contains("nothing was checked")
        );
        let mode = fs::metadata(at("real.md")).unwrap().permissions().mode();
        assert_eq!(mode & 0o400, 0o400);
    }

    /// `/dev/full` takes every open and no byte.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_at_the_end() {
        let full = OutputSpec {
            format: report::Format::Markdown,
            path: "/dev/full".into(),
        };
        let sink = open(&[full], &[], &sample::context()).unwrap().remove(0);
        let error = Box::new(sink).finish(&sample::summary(&[])).unwrap_err();
        assert_eq!(error.to, "/dev/full");
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
    }
}
