//! How a source is read: what it is asked for, in which order, and what it may answer.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs::{self, File};
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};

use preflight::{Content, OtherKind, Probed, probe_file, probe_file_of_len, probe_reader};
use testkit::{Bmp, Ihdr, Jpeg, Png, Sof};

/// A source that gives at most so many bytes at once, is interrupted before each read, and counts
/// what it is asked for.
struct Source {
    bytes: Cursor<Vec<u8>>,
    at_most: usize,
    is_interrupted: bool,
    starts: u32,
    ends: u32,
}

impl Read for &mut Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(self.at_most);
        self.bytes.read(&mut buffer[..most])
    }
}

impl Seek for &mut Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Start(_) => self.starts += 1,
            _ => self.ends += 1,
        }
        self.bytes.seek(to)
    }
}

/// The answer, and how often the source was sent to a place and asked for its end.
fn read(file: Vec<u8>, at_most: usize) -> (Probed, u32, u32) {
    let mut source = Source {
        bytes: Cursor::new(file),
        at_most,
        is_interrupted: false,
        starts: 0,
        ends: 0,
    };
    let probed = probe_reader(&mut source).unwrap();
    (probed, source.starts, source.ends)
}

fn padded(mut file: Vec<u8>) -> Vec<u8> {
    file.resize(file.len() + 9_000, 0);
    file
}

fn exif() -> Vec<u8> {
    let exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let jpeg = Jpeg::new().segment(0xE1, exif);
    padded(jpeg.sof(Sof::Baseline, 400, 500).sos().build())
}

#[test]
fn a_source_that_gives_little_at_once_is_read_on_from_where_it_stands() {
    for file in [
        padded(Png::new().ihdr(Ihdr::new(400, 500)).build()),
        exif(),
        b"<!DOCTYPE html>".repeat(100),
    ] {
        let (whole, _, _) = read(file.clone(), usize::MAX);
        let (probed, starts, _) = read(file, 6);
        assert_eq!(probed.content, whole.content);
        // To the first byte, and to where a header leads on.
        assert!(starts <= 4, "{starts} times for {:?}", whole.content);
        assert!(u64::from(probed.reads) >= probed.bytes_read.div_ceil(6));
    }
}

/// The length costs a request of its own, so that it is asked for only where the answer needs it.
#[test]
fn the_length_is_asked_for_only_if_the_answer_depends_on_it() {
    let png = Png::new().ihdr(Ihdr::new(400, 500)).build();
    let cut = Jpeg::new().app1(b"Exif\0\0", 9_000).build();
    for (name, file, ends) in [
        ("nothing", Vec::new(), 0),
        ("a short text", b"no image".to_vec(), 0),
        ("an image whose header names no length", padded(png), 0),
        (
            "one that is cut behind a jump",
            [&cut[..], b"\xFF\xC0\0"].concat(),
            0,
        ),
        (
            "one that is cut before where a jump leads",
            cut[..5_000].to_vec(),
            1,
        ),
        (
            "rows beyond what was read",
            padded(Bmp::new(40, 50).build()),
            1,
        ),
    ] {
        assert_eq!(read(file, usize::MAX).2, ends, "{name}");
    }
}

#[test]
fn what_was_read_is_counted_to_the_end() {
    let (probed, _, _) = read(b"no image".to_vec(), usize::MAX);
    assert_eq!(probed.content, Content::NotAnImage(OtherKind::Text));
    assert_eq!(
        (probed.bytes_read, probed.reads, probed.len),
        (8, 2, Some(8))
    );
}

#[test]
fn the_orientation_is_told_with_an_image() {
    let orientation = read(exif(), usize::MAX).0.orientation;
    assert_eq!(orientation.map(preflight::Orientation::get), Some(6));
}

/// A file may be shorter by now than it was when its length was asked for.
#[test]
fn a_file_that_shrank_ends_where_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, vec![b' '; 600]).unwrap();
    let probed = probe_file_of_len(&File::open(&path).unwrap(), 100_000).unwrap();
    assert!(matches!(probed.content, Content::NotAnImage(_)));
    assert_eq!(probed.bytes_read, 600);
}

#[test]
fn a_length_that_costs_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let len = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        probe_file(&path).unwrap().len
    };
    // Of an image, whose answer does not need it, it would cost a system call.
    assert_eq!(
        len(&padded(Png::new().ihdr(Ihdr::new(400, 500)).build())),
        None
    );
    assert_eq!(len(&b"<!DOCTYPE html>".repeat(1_000)), Some(15_000));
}
