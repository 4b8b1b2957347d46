//! Properties that hold for any bytes: shared by the tests and the fuzz targets.

#![allow(dead_code, reason = "no user needs all of it")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a property fails by a panic"
)]

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use preflight::{
    Content, HeaderError, Need, Probe, Probed, Step, Window, probe_bytes, probe_reader,
};

/// No element of any grammar needs more: a driver's buffer can be this small.
pub(crate) const MOST_NEEDED: usize = 64;

/// Only a name takes more, from the start of the file.
const MOST_NAMED: usize = 16 << 10;

/// Windows that a header may take if each just fits its need: two for every byte outside of segments
/// and every fill byte, three for a segment.
const MOST_WINDOWS: u32 = 2 * 2 * (64 << 10) + 3 * 1024 + 10;

/// The answer to a whole file.
pub(crate) fn whole(bytes: &[u8]) -> Content {
    match Probe::new().feed(Window::last(0, bytes)) {
        Step::Done(content) => content,
        Step::NeedMore(need) => panic!("the end is known, and {need:?} is asked for"),
    }
}

/// The answer does not depend on how the bytes are cut into windows, on when the length is told, or
/// on which driver is used; errors included. `sizes` are the lengths of windows and reads.
pub(crate) fn any_way_the_same(bytes: &[u8], sizes: &[u8]) {
    let expected = whole(bytes);
    assert_eq!(
        by_exact_needs(bytes),
        expected,
        "each window as it is asked for"
    );
    assert_eq!(
        by_windows(bytes, sizes, true),
        expected,
        "windows {sizes:?}, length told first"
    );
    assert_eq!(
        by_windows(bytes, sizes, false),
        expected,
        "windows {sizes:?}, end told last"
    );

    let probed = probe_bytes(bytes);
    let content = |probed: io::Result<Probed>| {
        let probed = probed.expect("reading from memory does not fail");
        (probed.content, probed.starts)
    };
    let expected = (probed.content, probed.starts);
    assert_eq!(
        content(probe_reader(Cursor::new(bytes))),
        expected,
        "reader"
    );
    let choppy = Choppy {
        bytes: Cursor::new(bytes),
        sizes: sizes.iter().cycle(),
    };
    assert_eq!(
        content(probe_reader(choppy)),
        expected,
        "reader of {sizes:?} bytes"
    );
    consistent(bytes, &probed);
}

/// What must be true of any answer.
fn consistent(bytes: &[u8], probed: &Probed) {
    let len = bytes.len() as u64;
    assert_eq!(probed.len, Some(len));
    match probed.content {
        Content::Image(header) => {
            assert!(header.width > 0 && header.height > 0);
            assert!(header.declared_len.is_none_or(|declared| declared <= len));
        }
        Content::Broken(error) => {
            assert!(error.format.is_some() && error.offset <= len, "{error:?}");
            assert!(error.to_string().contains("expected"), "{error}");
            assert!(!error.section().is_empty());
        }
        Content::Foreign(foreign) => {
            assert!(
                foreign
                    .size
                    .is_none_or(|(width, height)| width > 0 && height > 0)
            );
        }
        Content::Empty => assert!(bytes.is_empty()),
        Content::Wrapped(wrapped) => {
            assert!(wrapped.offset.is_none_or(|offset| u64::from(offset) < len));
        }
        Content::StandIn(_) | Content::NotAnImage(_) => {}
    }
}

fn by_exact_needs(bytes: &[u8]) -> Content {
    let mut probe = Probe::new();
    probe.tell_len(bytes.len() as u64);
    for _ in 0..MOST_WINDOWS {
        let Need { offset, len } = probe.need();
        let most = if offset == 0 { MOST_NAMED } else { MOST_NEEDED };
        assert!(len <= most, "{len} bytes are asked for at {offset}");
        let start = (offset as usize).min(bytes.len());
        let window = &bytes[start..(start + len).min(bytes.len())];
        match probe.feed(Window::new(offset, window)) {
            Step::NeedMore(need) => {
                let end = need.offset + need.len as u64;
                assert!(
                    end <= bytes.len() as u64,
                    "{need:?} lies behind the known end"
                );
            }
            Step::Done(content) => return answered(probe, content),
        }
    }
    panic!("more than {MOST_WINDOWS} windows");
}

/// Windows of the given sizes, shorter and longer than what is needed. The buffer grows as long as
/// the need is not reached, as any driver's does.
fn by_windows(bytes: &[u8], sizes: &[u8], tell_first: bool) -> Content {
    let mut probe = Probe::new();
    if tell_first {
        probe.tell_len(bytes.len() as u64);
    }
    let mut sizes = sizes.iter().cycle();
    let mut size = 0;
    let mut need = probe.need();
    for _ in 0..MOST_WINDOWS * 2 {
        size += 1 + usize::from(sizes.next().copied().unwrap_or(7));
        let start = (need.offset as usize).min(bytes.len());
        let end = start.saturating_add(size).min(bytes.len());
        // Some bytes before the need: they change nothing.
        let start = start.saturating_sub(size % 3);
        if need.offset > bytes.len() as u64 {
            probe.tell_len(bytes.len() as u64);
        }
        let window = &bytes[start..end];
        let window = if end == bytes.len() {
            Window::last(start as u64, window)
        } else {
            Window::new(start as u64, window)
        };
        match probe.feed(window) {
            Step::NeedMore(next) => {
                if next.offset > need.offset {
                    size = 0;
                }
                need = next;
            }
            Step::Done(content) => {
                // Here the length may be known too late for the probe: it is the driver's to check.
                let content = answered(probe, content);
                return match content {
                    Content::Image(header) => match header.check_len(bytes.len() as u64) {
                        Ok(()) => content,
                        Err(error) => too_short(error, bytes),
                    },
                    _ => content,
                };
            }
        }
    }
    panic!("no answer after {} windows", MOST_WINDOWS * 2);
}

/// What an image is that is shorter than its header says: damaged, if a conversion of text shows in
/// its first bytes, which no window need hold any more. A fuzzer found that this driver forgot it.
fn too_short(error: HeaderError, bytes: &[u8]) -> Content {
    match whole(bytes) {
        damaged @ Content::Wrapped(_) => damaged,
        _ => Content::Broken(error),
    }
}

/// After the answer, every window gets the same answer.
fn answered(mut probe: Probe, content: Content) -> Content {
    assert_eq!(probe.need().len, 0);
    assert_eq!(probe.feed(Window::new(0, b"\x89PNG")), Step::Done(content));
    assert_eq!(probe.feed(Window::last(9, b"")), Step::Done(content));
    assert_eq!(probe.conclude(b"GIF89a"), content);
    content
}

/// A reader that gives few bytes at a time.
struct Choppy<'a, S> {
    bytes: Cursor<&'a [u8]>,
    sizes: S,
}

impl<'a, S: Iterator<Item = &'a u8>> Read for Choppy<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = 1 + usize::from(self.sizes.next().copied().unwrap_or(30));
        let size = size.min(buffer.len());
        self.bytes.read(&mut buffer[..size])
    }
}

impl<S> Seek for Choppy<'_, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}
