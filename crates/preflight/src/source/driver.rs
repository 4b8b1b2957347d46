//! Driving a probe over a source that can be read at any place.

use std::io;
use std::vec::Vec;

use crate::probe::broken;
use crate::{Content, Excerpt, Need, Orientation, Probe, Probed, Step, Window};

/// Bytes of the first read. One page: a smaller read costs as much, a larger one more. It holds
/// the whole header of every PNG, BMP and WebP, and of half of all JPEGs.
const FIRST: usize = 4096;

/// Bytes of a read behind a skipped segment. Between the metadata and the frame header stand
/// quantisation and Huffman tables, up to some 600 bytes.
const JUMP: usize = 512;

/// Where bytes come from.
pub(super) trait ReadAt {
    /// Reads some bytes from a place on; 0 only at or behind the end.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The length in bytes.
    fn len(&mut self) -> io::Result<u64>;
}

/// The length, as far as it is known before the first read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    /// It is asked for only if the answer depends on it.
    Lazy,
    /// Bytes in the file.
    Known(u64),
}

/// Probes a source.
pub(super) fn probe(source: &mut impl ReadAt, length: Length) -> io::Result<Probed> {
    let mut driver = Driver {
        source,
        probe: Probe::new(),
        len: None,
        bytes_read: 0,
        reads: 0,
    };
    if let Length::Known(len) = length {
        driver.tell_len(len);
    }
    let mut first = [0; FIRST];
    let (got, end) = driver.fill(0, &mut first, Excerpt::MAX)?;
    let start = first.get(..got).unwrap_or_default();
    let content = match driver.feed(0, start, end)? {
        Step::Done(content) => content,
        Step::NeedMore(need) if need.offset == 0 => driver.name(start)?,
        Step::NeedMore(need) => driver.jump(need)?,
    };
    let content = driver.check_len(content, start)?;
    Ok(Probed {
        content,
        orientation: match content {
            Content::Image(_) => Orientation::find(start),
            _ => None,
        },
        starts: Excerpt::of(start),
        len: driver.len,
        bytes_read: driver.bytes_read,
        reads: driver.reads,
    })
}

struct Driver<'a, S> {
    source: &'a mut S,
    probe: Probe,
    len: Option<u64>,
    bytes_read: u64,
    reads: u32,
}

impl<S: ReadAt> Driver<'_, S> {
    /// Reads from need to need. Windows that follow on each other grow, so that junk or many small
    /// segments do not cost a read each.
    #[cold]
    fn jump(&mut self, mut need: Need) -> io::Result<Content> {
        let mut buffer = [0; FIRST];
        let mut size = JUMP;
        loop {
            let window = buffer.get_mut(..size.max(need.len)).unwrap_or_default();
            let (got, end) = self.fill(need.offset, window, need.len)?;
            let bytes = window.get(..got).unwrap_or_default();
            let reached = need.offset + got as u64;
            match self.feed(need.offset, bytes, end)? {
                Step::NeedMore(next) => {
                    size = if next.offset <= reached {
                        FIRST.min(size * 2)
                    } else {
                        JUMP
                    };
                    need = next;
                }
                Step::Done(content) => return Ok(content),
            }
        }
    }

    /// Reads on from the start of the file: for what the first read did not name.
    #[cold]
    fn name(&mut self, first: &[u8]) -> io::Result<Content> {
        let mut start = Vec::from(first);
        loop {
            let known = start.len();
            let missing = self.probe.need().len.saturating_sub(known);
            start.resize(known + missing, 0);
            let rest = start.get_mut(known..).unwrap_or_default();
            let (got, end) = self.fill(known as u64, rest, missing)?;
            start.truncate(known + got);
            match self.feed(0, &start, end)? {
                Step::Done(content) => return Ok(content),
                // A file that shrank below the length that was told: no more will come.
                Step::NeedMore(_) if end => return Ok(self.probe.conclude(&start)),
                Step::NeedMore(need) if need.offset > 0 => return self.jump(need),
                Step::NeedMore(_) => {}
            }
        }
    }

    fn feed(&mut self, offset: u64, bytes: &[u8], end: bool) -> io::Result<Step> {
        if end {
            // Behind a jump the end may lie before the window: only the source knows where. If it
            // has changed since it was asked, what was read counts.
            let seen = offset + bytes.len() as u64;
            let len = match self.len {
                Some(len) => len,
                None if bytes.is_empty() && offset > 0 => self.source.len()?,
                None => seen,
            };
            self.tell_len(len.min(seen));
        }
        Ok(self.probe.feed(Window::new(offset, bytes)))
    }

    /// Holds the header's own sizes against the length, where what was read is not enough to do so.
    /// `start` are the file's first bytes, which tell what a header means that the length contradicts.
    fn check_len(&mut self, content: Content, start: &[u8]) -> io::Result<Content> {
        let seen = start.len() as u64;
        match content {
            Content::Image(header) if self.len.is_none() && header.check_len(seen).is_err() => {
                let len = self.source.len()?;
                self.len = Some(len);
                Ok(match header.check_len(len) {
                    Ok(()) => content,
                    Err(error) => broken(error, start),
                })
            }
            _ => Ok(content),
        }
    }

    /// Reads until at least `least` bytes are there or the end is, and tells which: one read where
    /// the source gives what it has.
    fn fill(&mut self, offset: u64, buffer: &mut [u8], least: usize) -> io::Result<(usize, bool)> {
        let mut got = 0;
        while got < least {
            let rest = buffer.get_mut(got..).unwrap_or_default();
            match self.source.read_at(offset + got as u64, rest) {
                Ok(0) => {
                    self.reads += 1;
                    return Ok((got, true));
                }
                Ok(n) => {
                    self.reads += 1;
                    self.bytes_read += n as u64;
                    got += n.min(rest.len());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok((got, false))
    }

    fn tell_len(&mut self, len: u64) {
        self.len = Some(len);
        self.probe.tell_len(len);
    }
}
