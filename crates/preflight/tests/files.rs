//! What stands in a folder besides images: it is refused, and never waited for.

use std::fs::{self, File};
use std::io::{ErrorKind, Seek, SeekFrom};

use preflight::{Content, Format, measure_file, probe_file, probe_open_file};
use tempfile::TempDir;
use testkit::{Ihdr, Png};

#[test]
fn folders_are_refused() {
    let folder = TempDir::new().unwrap();
    for error in [
        probe_file(folder.path()).unwrap_err(),
        measure_file(folder.path()).unwrap_err(),
    ] {
        // Windows does not even open them.
        if cfg!(unix) {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(
                error.to_string(),
                "expected a regular file, but found a folder"
            );
        }
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let folder = TempDir::new().unwrap();
    let error = probe_file(&folder.path().join("no.png")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_without_waiting() {
    use std::path::Path;
    use std::process::Command;

    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe.png");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for (path, found) in [
        (pipe.as_path(), "a named pipe"),
        (Path::new("/dev/null"), "a device"),
        (Path::new("/dev/zero"), "a device"),
    ] {
        for error in [
            probe_file(path).unwrap_err(),
            measure_file(path).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(
                error.to_string(),
                format!("expected a regular file, but found {found}")
            );
        }
    }
}

#[test]
fn an_open_file_is_read_from_its_start_wherever_it_stands() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.png");
    fs::write(&path, Png::new().ihdr(Ihdr::new(500, 400)).build()).unwrap();
    let mut file = File::open(&path).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    let Content::Image(header) = probe_open_file(&file).unwrap().content else {
        unreachable!()
    };
    assert_eq!(
        (header.format, header.width, header.height),
        (Format::Png, 500, 400)
    );
}

#[test]
fn an_empty_file_is_empty() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("empty.jpg");
    fs::write(&path, b"").unwrap();
    for probed in [probe_file(&path).unwrap(), measure_file(&path).unwrap()] {
        assert_eq!((probed.content, probed.len), (Content::Empty, Some(0)));
    }
}

/// A socket cannot be opened by its name, but a caller may hold one as a file.
#[cfg(unix)]
#[test]
fn an_open_socket_is_refused() {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    let (socket, _other) = UnixStream::pair().unwrap();
    let error = probe_open_file(&File::from(OwnedFd::from(socket))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "expected a regular file, but found a socket"
    );
}
