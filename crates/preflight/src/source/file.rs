//! Files.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use super::driver::{self, Length, ReadAt};
use crate::{Content, Probed};

/// Probes a file with positioned reads, as few and small as its header allows: one of 4 KiB for PNG,
/// BMP, WebP and JPEG without much metadata, then one of 512 bytes for each segment that leads out of
/// what was read.
///
/// The length is told only where it was free or the answer depends on it; [`measure_file`] always
/// tells it.
///
/// ```
/// use preflight::{Content, OtherKind, probe_file};
///
/// # let folder = std::env::temp_dir().join(format!("preflight-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("portrait.png");
/// std::fs::write(&path, "<html>404 Not Found</html>")?;
/// assert_eq!(probe_file(&path)?.content, Content::NotAnImage(OtherKind::Html));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Those of opening and reading. What is not a regular file (a folder, a pipe, a device) is refused
/// with [`io::ErrorKind::InvalidInput`] and never waited for.
pub fn probe_file(path: &Path) -> io::Result<Probed> {
    probe_open_file(&open(path)?)
}

/// Like [`probe_file`], on a file that is open already, from its start wherever it stands. On Unix
/// its position does not change.
///
/// # Errors
///
/// Those of reading. What is not a regular file is refused with [`io::ErrorKind::InvalidInput`].
pub fn probe_open_file(file: &File) -> io::Result<Probed> {
    match driver::probe(&mut Positioned(file), Length::Lazy) {
        // An image was read, so that there was something to read; all else may be a device's.
        Ok(probed) if matches!(probed.content, Content::Image(_)) => Ok(probed),
        answer => {
            let len = Some(regular_len(file)?);
            answer.map(|probed| Probed {
                len: probed.len.or(len),
                ..probed
            })
        }
    }
}

/// Like [`probe_open_file`], for a caller that knows the length in bytes, as [`open_file`] tells it:
/// no system call but the reads.
///
/// # Errors
///
/// Those of reading. Whether the file is a regular one is not asked again.
pub fn probe_file_of_len(file: &File, len: u64) -> io::Result<Probed> {
    driver::probe(&mut Positioned(file), Length::Known(len))
}

/// Like [`probe_file`], and always tells the length: for one system call more.
///
/// # Errors
///
/// As [`probe_file`]; what is not a regular file is refused before it is read.
pub fn measure_file(path: &Path) -> io::Result<Probed> {
    let (file, metadata) = open_file(path)?;
    probe_file_of_len(&file, metadata.len())
}

/// Opens a regular file for reading, and tells what the system says of it: for a caller that reads
/// it more than once and wants the same file each time. Never waits for the other end of a pipe.
///
/// # Errors
///
/// Those of opening. What is not a regular file is refused with [`io::ErrorKind::InvalidInput`].
pub fn open_file(path: &Path) -> io::Result<(File, Metadata)> {
    let file = open(path)?;
    let metadata = regular(&file)?;
    Ok((file, metadata))
}

struct Positioned<'a>(&'a File);

impl ReadAt for Positioned<'_> {
    #[cfg(unix)]
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self.0, buffer, offset)
    }

    #[cfg(not(any(unix, windows)))]
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        use std::io::{Read, Seek, SeekFrom};
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.read(buffer)
    }

    fn len(&mut self) -> io::Result<u64> {
        regular_len(self.0)
    }
}

/// Opens a file for reading, without waiting for the other end of a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, O_NONBLOCK);
    options.open(path)
}

/// The length of a regular file in bytes.
fn regular_len(file: &File) -> io::Result<u64> {
    regular(file).map(|metadata| metadata.len())
}

/// What the system says of a regular file.
fn regular(file: &File) -> io::Result<Metadata> {
    let metadata = file.metadata()?;
    if metadata.is_file() {
        return Ok(metadata);
    }
    let found = name(metadata.file_type());
    let message = format!("expected a regular file, but found {found}");
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

fn name(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return "a named pipe";
        }
        if file_type.is_socket() {
            return "a socket";
        }
        if file_type.is_block_device() || file_type.is_char_device() {
            return "a device";
        }
    }
    if file_type.is_dir() {
        "a folder"
    } else {
        "something else"
    }
}

/// `O_NONBLOCK` of the platforms that Rust supports, as their `fcntl.h` have it; 0 (none) elsewhere,
/// where a caller must not name pipes.
#[cfg(unix)]
const O_NONBLOCK: i32 = if cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_os = "emscripten"
)) {
    if cfg!(any(
        target_arch = "mips",
        target_arch = "mips32r6",
        target_arch = "mips64",
        target_arch = "mips64r6"
    )) {
        0x80
    } else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
        0x4000
    } else {
        0x800
    }
} else if cfg!(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)) {
    0x4
} else if cfg!(any(target_os = "illumos", target_os = "solaris")) {
    0x80
} else {
    0
};
