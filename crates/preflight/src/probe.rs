//! The sans-IO probe.

mod bmp;
mod crc;
mod defect;
mod error;
mod jpeg;
mod png;
mod reader;
mod webp;

use crate::{Format, Header};
use reader::{Reader, Stop};

pub use defect::Defect;
pub use error::HeaderError;

/// Bytes of a file within which its header must end.
///
/// The longest header that a standard foresees is that of a JPEG with the greatest ICC profile:
/// 255 segments of 64 KiB, 16.7 MB. This is twice as much; the longest one seen in 14,000 public
/// files is 1.7 MB. Beyond it the answer is [`Defect::HeaderTooLong`].
const MAX_HEADER: u64 = 32 << 20;

/// A window of the file that the probe needs to see.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "an offset and a length are all that a window is"
)]
pub struct Need {
    /// Where the window starts, in bytes from the start of the file.
    pub offset: u64,
    /// How many bytes it needs at the least. More is welcome.
    pub len: usize,
}

/// Bytes of the file, and where they stand.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    offset: u64,
    bytes: &'a [u8],
    last: bool,
}

impl<'a> Window<'a> {
    /// Bytes from `offset` on; the file may go on behind them.
    #[must_use]
    pub const fn new(offset: u64, bytes: &'a [u8]) -> Self {
        Self {
            offset,
            bytes,
            last: false,
        }
    }

    /// Bytes from `offset` to the end of the file.
    #[must_use]
    pub const fn last(offset: u64, bytes: &'a [u8]) -> Self {
        Self {
            offset,
            bytes,
            last: true,
        }
    }

    /// The bytes from a place in the file on; none if the window does not reach it.
    fn from(&self, offset: u64) -> &'a [u8] {
        offset
            .checked_sub(self.offset)
            .and_then(|skipped| usize::try_from(skipped).ok())
            .and_then(|skipped| self.bytes.get(skipped..))
            .unwrap_or_default()
    }

    /// The offset behind the last byte.
    const fn end(&self) -> u64 {
        self.offset.saturating_add(self.bytes.len() as u64)
    }
}

/// What the probe says to a window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver must handle every step there is"
)]
pub enum Step {
    /// Show this window next.
    NeedMore(Need),
    /// Done.
    Header(Header),
}

/// Reads a header from windows of a file. It holds no bytes and does no I/O: it names the window
/// that it needs, and whoever drives it owns the buffer.
///
/// ```
/// use preflight::{Format, Need, Probe, Step, Window};
///
/// // The first bytes of a JPEG with 40,000 bytes of metadata, then its frame header.
/// let start = b"\xFF\xD8\xFF\xE1\x9C\x40Exif\0\0";
/// let frame = b"\xFF\xC0\x00\x0B\x08\x01\xF4\x01\x90\x01\x01\x11\x00";
///
/// let mut probe = Probe::new();
/// let Step::NeedMore(need) = probe.feed(Window::new(0, start))? else { unreachable!() };
/// assert_eq!(need, Need { offset: 40_004, len: 2 });
///
/// let Step::Header(header) = probe.feed(Window::new(need.offset, frame))? else { unreachable!() };
/// assert_eq!((header.format, header.width, header.height), (Format::Jpeg, 400, 500));
/// # Ok::<(), preflight::HeaderError>(())
/// ```
///
/// # On hostile bytes
///
/// Whatever the windows hold, no call panics or allocates. The work is bounded: a header has at
/// most 1,024 segments and 128 KiB outside of them, and ends within 32 MiB; what goes on longer is
/// a [`Defect`]. The answer does not depend on how the bytes are cut into windows.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The element that is read next, in bytes from the start of the file.
    offset: u64,
    /// Bytes that the element needs, as far as is known.
    wanted: usize,
    /// Bytes in the file, where known.
    len: Option<u64>,
    state: State,
}

/// Where in which format's grammar the probe stands.
#[derive(Clone, Debug)]
enum State {
    /// Before the first two bytes, which tell the formats apart.
    Signature,
    Jpeg(jpeg::Markers),
    Png(png::Chunks),
    Bmp,
    Webp,
    Done(Result<Header, HeaderError>),
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

impl Probe {
    /// A probe that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            offset: 0,
            wanted: SIGNATURE,
            len: None,
            state: State::Signature,
        }
    }

    /// Tells the length of the file in bytes, as soon as it is known: what lies beyond is then
    /// answered as truncated without being asked for, and the header's own sizes are held against
    /// it.
    pub const fn tell_len(&mut self, len: u64) {
        self.len = Some(len);
    }

    /// The window to show next. The first is at offset 0; after the answer it is an empty one.
    #[must_use]
    pub const fn need(&self) -> Need {
        Need {
            offset: self.offset,
            len: self.wanted,
        }
    }

    /// Looks at a window.
    ///
    /// It should start at the offset that [`need`](Self::need) names, or before; a window that does
    /// not reach the need changes nothing, and the same need is answered again. Bytes before the
    /// need are not looked at again. After the answer, every call gives the same answer.
    ///
    /// # Errors
    ///
    /// The header's first defect. Too few bytes are one only if the end of the file is known, by
    /// [`tell_len`](Self::tell_len) or [`Window::last`].
    #[inline]
    pub fn feed(&mut self, window: Window<'_>) -> Result<Step, HeaderError> {
        if let State::Done(answer) = self.state {
            return answer.map(Step::Header);
        }
        if window.last {
            self.len = Some(window.end());
        }
        let mut reader = Reader::new(self.offset, window.from(self.offset), self.len);
        let answer = match self.read(&mut reader) {
            Ok(header) => self
                .len
                .map_or(Ok(()), |len| header.check_len(len))
                .map(|()| header),
            Err(stop) => match self.stop(stop, &reader) {
                Err(error) => Err(error),
                Ok(need) => return Ok(Step::NeedMore(need)),
            },
        };
        self.state = State::Done(answer);
        self.wanted = 0;
        answer.map(Step::Header)
    }

    /// The header of a whole file if there is nothing wrong with it: the short way, which spares the
    /// good files the state and the errors that only the others need.
    ///
    /// All of it is inlined, with what it calls: then no error is ever built and the header stays in
    /// registers, which halves the time (from 17 to 9 ns a PNG).
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(crate) fn sound(bytes: &[u8]) -> Option<Header> {
        let len = bytes.len() as u64;
        let mut reader = Reader::new(0, bytes, Some(len));
        let header = match bytes {
            [0xFF, 0xD8, ..] => jpeg::Markers::default().read(&mut reader),
            [0x89, b'P', ..] => png::Chunks::default().read(&mut reader),
            [b'B', b'M', ..] => bmp::read(&reader),
            _ => webp::read(&reader),
        };
        header.ok().filter(|header| header.check_len(len).is_ok())
    }

    #[inline]
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<Header, Stop> {
        if let State::Signature = self.state {
            self.state = match reader.peek_up_to(SIGNATURE)? {
                [0xFF, 0xD8] => State::Jpeg(jpeg::Markers::default()),
                [0x89, b'P'] => State::Png(png::Chunks::default()),
                [b'B', b'M' | b'A'] => State::Bmp,
                [b'R', b'I'] => State::Webp,
                _ => return Err(Defect::Unrecognised.at(0)),
            };
        }
        match &mut self.state {
            State::Jpeg(markers) => markers.read(reader),
            State::Png(chunks) => chunks.read(reader),
            State::Bmp => bmp::read(reader),
            State::Webp => webp::read(reader),
            State::Signature | State::Done(_) => Err(Stop::More(SIGNATURE)),
        }
    }

    /// What it means that reading stopped: a need, or a defect.
    #[cold]
    fn stop(&mut self, stop: Stop, reader: &Reader<'_>) -> Result<Need, HeaderError> {
        match stop {
            Stop::Defect { defect, offset } => Err(HeaderError {
                offset,
                ..self.error(defect)
            }),
            Stop::More(wanted) => match reader.truncated(wanted) {
                Some(defect) => Err(self.error(defect)),
                None => {
                    self.offset = reader.offset();
                    self.wanted = wanted;
                    Ok(self.need())
                }
            },
        }
    }

    /// A defect of the format at hand, at the end of the file.
    const fn error(&self, defect: Defect) -> HeaderError {
        let format = match (&self.state, defect) {
            (_, Defect::Unrecognised) | (State::Signature | State::Done(_), _) => None,
            (State::Jpeg(_), _) => Some(Format::Jpeg),
            (State::Png(_), _) => Some(Format::Png),
            (State::Bmp, _) => Some(Format::Bmp),
            (State::Webp, _) => Some(Format::Webp),
        };
        let offset = match self.len {
            Some(len) => len,
            None => 0,
        };
        HeaderError {
            defect,
            offset,
            format,
        }
    }
}

/// Bytes that tell the formats apart.
const SIGNATURE: usize = 2;
