//! Where a report may go: not over what is read, and not over what a stream leads to.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use preflight::{Content, probe_file};

use crate::sink::file::OpenError;

/// What a path leads to, if that is a stream: a FIFO, a device, or what is open already as a stream
/// of this process. A shell may have led those into a file that holds more than this report, and
/// which must not be replaced.
pub(super) fn stream(path: &Path, found: &Metadata) -> Option<io::Result<File>> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        use std::os::unix::fs::MetadataExt as _;

        let open = [
            io::stdout().as_fd().try_clone_to_owned(),
            io::stderr().as_fd().try_clone_to_owned(),
        ];
        for stream in open.into_iter().flatten().map(File::from) {
            let same = |open: Metadata| (open.dev(), open.ino()) == (found.dev(), found.ino());
            // Opened anew, it would be written from its start.
            if stream.metadata().is_ok_and(same) {
                return Some(Ok(stream));
            }
        }
    }
    let is_stream =
        !found.is_file() || ["/dev/fd", "/proc"].iter().any(|top| path.starts_with(top));
    is_stream.then(|| File::options().append(true).open(path))
}

/// The place of a file that is there, with its links resolved, if a report may replace it.
pub(super) fn of_old(path: &Path, read: &[&Path]) -> Result<PathBuf, OpenError> {
    let failed = |source| OpenError::Open {
        path: path.to_owned(),
        source,
    };
    let place = fs::canonicalize(path).map_err(failed)?;
    // Resolving a name takes long beside comparing its end, and there may be many.
    let names = [path.file_name(), place.file_name()];
    let is_place = |read: &&&Path| {
        names.contains(&read.file_name()) && fs::canonicalize(read).is_ok_and(|it| it == place)
    };
    if read.iter().any(|read| is_place(&read)) {
        return Err(OpenError::Read {
            path: path.to_owned(),
        });
    }
    let is_image = |content| {
        matches!(
            content,
            Content::Image(_) | Content::Foreign(_) | Content::Broken(_)
        )
    };
    if probe_file(&place).is_ok_and(|seen| is_image(seen.content)) {
        return Err(OpenError::Image {
            path: path.to_owned(),
        });
    }
    // What may not be written to shall not be replaced either.
    File::options().append(true).open(path).map_err(failed)?;
    Ok(place)
}

/// The absolute place of a file that is not there yet.
pub(super) fn of_new(path: &Path) -> Result<PathBuf, OpenError> {
    let no_folder = || OpenError::NoFolder {
        path: path.to_owned(),
    };
    let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let name = path.file_name().filter(|_| !is_folder);
    let name = name.ok_or_else(|| OpenError::Folder {
        path: path.to_owned(),
    })?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(|_| no_folder())?;
    if folder.is_dir() {
        Ok(folder.join(name))
    } else {
        Err(no_folder())
    }
}
