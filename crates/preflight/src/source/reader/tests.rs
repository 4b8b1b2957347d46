//! Readers that fail, and that are interrupted.

use std::cell::Cell;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};

use super::*;
use crate::probe_bytes;

/// Fails at one of its calls, and counts them.
struct Failing<'a> {
    bytes: Cursor<&'a [u8]>,
    calls: &'a Cell<usize>,
    fails_at: usize,
    with: ErrorKind,
}

impl Failing<'_> {
    fn call(&self) -> io::Result<()> {
        let call = self.calls.replace(self.calls.get() + 1);
        if call == self.fails_at {
            return Err(self.with.into());
        }
        Ok(())
    }
}

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.call()?;
        self.bytes.read(buffer)
    }
}

impl Seek for Failing<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.call()?;
        self.bytes.seek(to)
    }
}

/// Sources that are read in each of the ways there are: at once, with a jump, up to the end, and on from
/// the start; and one whose length is asked for.
fn sources() -> [Vec<u8>; 5] {
    let jpeg = testkit::Jpeg::new()
        .app1(b"Exif\0\0", 40_000)
        .sof(testkit::Sof::Baseline, 480, 640);
    let bmp = testkit::Bmp::new(480, 640).build();
    [
        testkit::Png::new()
            .ihdr(testkit::Ihdr::new(480, 640))
            .build(),
        jpeg.build(),
        bmp.iter().copied().take(200).collect(),
        b"a plain text, and nothing else; ".repeat(4_000),
        b"\xFF\xD8\xFF\xE1\x9C\x40Exif\0\0".to_vec(),
    ]
}

#[test]
fn a_fault_at_whichever_call_comes_back() {
    for bytes in sources() {
        let mut fails_at = 0;
        loop {
            let calls = Cell::new(0);
            let probed = probe_reader(Failing {
                bytes: Cursor::new(&bytes),
                calls: &calls,
                fails_at,
                with: ErrorKind::TimedOut,
            });
            if calls.get() <= fails_at {
                assert_eq!(probed.unwrap().content, probe_bytes(&bytes).content);
                break;
            }
            assert_eq!(probed.unwrap_err().kind(), ErrorKind::TimedOut);
            fails_at += 1;
        }
        assert!(fails_at >= 2, "a seek and a read at least");
    }
}

/// POSIX lets a signal end a read before it brings a byte.
#[test]
fn an_interrupted_read_is_read_again() {
    for bytes in sources() {
        // The first call is a seek.
        let calls = Cell::new(0);
        let probed = probe_reader(Failing {
            bytes: Cursor::new(&bytes),
            calls: &calls,
            fails_at: 1,
            with: ErrorKind::Interrupted,
        });
        assert_eq!(probed.unwrap().content, probe_bytes(&bytes).content);
    }
}

/// A file may shrink while it is read.
#[test]
fn a_source_that_ends_before_its_length_is_concluded() {
    let text = b"a plain text, and nothing else; ".repeat(4_000);
    for len in [0, 1, 20, 4_095, 4_096, 5_000, 40_000] {
        let told = text.len() as u64;
        let start = text.get(..len).unwrap();
        let probed = driver::probe(
            &mut Seeking {
                reader: Cursor::new(start),
                position: u64::MAX,
            },
            Length::Known(told),
        )
        .unwrap();
        assert_eq!(probed.content, probe_bytes(start).content, "{len} bytes");
    }
}
