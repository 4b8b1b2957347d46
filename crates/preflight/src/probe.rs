//! The sans-IO probe.

mod bmp;
mod crc;
mod jpeg;
mod png;
mod reader;
mod webp;
mod whole;
mod window;

use crate::identify::{self, Named};
use crate::{Content, Defect, Format, Header, HeaderError, OtherKind};
use reader::{Reader, Stop};

pub use window::{Need, Window};

/// Bytes of a file within which its header must end.
///
/// The longest header that a standard foresees is that of a JPEG with the greatest ICC profile:
/// 255 segments of 64 KiB, 16.7 MB. This is twice as much; the longest one seen in 14,000 public
/// files is 1.7 MB. Beyond it the answer is [`Defect::HeaderTooLong`].
const MAX_HEADER: u64 = 32 << 20;

/// What the probe says to a window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver must handle every step there is"
)]
pub enum Step {
    /// Show this window next.
    NeedMore(Need),
    /// This is what the file is.
    Done(Content),
}

/// Says what a file is from windows of it. It holds no bytes and does no I/O: it names the window
/// that it needs, and whoever drives it owns the buffer.
///
/// ```
/// use preflight::{Content, Format, Need, Probe, Step, Window};
///
/// // The first bytes of a JPEG with 40,000 bytes of metadata, then its frame header.
/// let start = b"\xFF\xD8\xFF\xE1\x9C\x40Exif\0\0";
/// let frame = b"\xFF\xC0\x00\x0B\x08\x01\xF4\x01\x90\x01\x01\x11\x00";
///
/// let mut probe = Probe::new();
/// let Step::NeedMore(need) = probe.feed(Window::new(0, start)) else { unreachable!() };
/// assert_eq!(need, Need { offset: 40_004, len: 2 });
///
/// let Step::Done(content) = probe.feed(Window::new(need.offset, frame)) else { unreachable!() };
/// let Content::Image(header) = content else { unreachable!() };
/// assert_eq!((header.format, header.width, header.height), (Format::Jpeg, 400, 500));
/// ```
///
/// Most files are answered from their first 50 bytes. What has none of the four signatures is named
/// from its first 512 bytes; where those do not tell, from 4 KiB, and from 16 KiB at the most.
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
    /// None of the four signatures: to be named from the start of the file.
    Unrecognised,
    Done(Content),
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

    /// Whether the file begins with none of the four signatures, so that only its name is open.
    #[cfg(feature = "http")]
    pub(crate) const fn is_unrecognised(&self) -> bool {
        matches!(self.state, State::Unrecognised)
    }

    /// Looks at a window.
    ///
    /// It should start at the offset that [`need`](Self::need) names, or before; a window that does
    /// not reach the need changes nothing, and the same need is answered again. Bytes before the
    /// need are not looked at again. After the answer, every call gives the same answer.
    ///
    /// Too few bytes are a [`Defect::Truncated`] only if the end of the file is known, by
    /// [`tell_len`](Self::tell_len) or [`Window::last`].
    #[inline]
    pub fn feed(&mut self, window: Window<'_>) -> Step {
        if let State::Done(content) = self.state {
            return Step::Done(content);
        }
        if window.last {
            self.len = Some(window.end());
        }
        if !matches!(self.state, State::Unrecognised) {
            let mut reader = Reader::new(self.offset, window.from(self.offset), self.len);
            let answer = match self.read(&mut reader) {
                Ok(header) => self
                    .len
                    .map_or(Ok(()), |len| header.check_len(len))
                    .map(|()| header),
                Err(stop) => match self.stop(stop, &reader) {
                    Err(error) => Err(error),
                    Ok(need) => return Step::NeedMore(need),
                },
            };
            match answer {
                Ok(header) => return self.done(Content::Image(header)),
                Err(error) if error.defect == Defect::Unrecognised => {
                    self.state = State::Unrecognised;
                    self.want(identify::STEPS[0]);
                }
                Err(error) => return self.broken(error, window.from(0)),
            }
        }
        self.name(window.from(0))
    }

    /// Tells that no more will be shown, though the file may go on, and answers from what was: for
    /// a driver whose budget has run out. `start` are the bytes from offset 0 that are at hand.
    ///
    /// ```
    /// use preflight::{Content, OtherKind, Probe, Step, Window};
    ///
    /// let start = b"%PDF-";
    /// let mut probe = Probe::new();
    /// assert!(matches!(probe.feed(Window::new(0, start)), Step::NeedMore(_)));
    /// assert_eq!(probe.conclude(start), Content::NotAnImage(OtherKind::Pdf));
    /// ```
    pub fn conclude(&mut self, start: &[u8]) -> Content {
        let content = match self.state {
            State::Done(content) => content,
            State::Unrecognised => identify::name_all(start),
            _ => {
                let needed = self.offset.saturating_add(self.wanted as u64);
                let len = self
                    .len
                    .unwrap_or(start.len() as u64)
                    .min(needed.saturating_sub(1));
                let error = HeaderError {
                    offset: len,
                    ..self.error(Defect::Truncated { needed, len })
                };
                broken(error, start)
            }
        };
        self.done(content);
        content
    }

    /// What a broken header means. Of the formats that begin with letters a few bytes more must be
    /// at hand: it may be text after all, or an image that went through a conversion of text.
    #[cold]
    fn broken(&mut self, error: HeaderError, start: &[u8]) -> Step {
        let has_letters = matches!(self.state, State::Bmp | State::Webp);
        let enough = self.len.unwrap_or(u64::MAX).min(identify::DAMAGE as u64);
        if has_letters && (start.len() as u64) < enough {
            self.want(identify::DAMAGE);
            return Step::NeedMore(self.need());
        }
        self.done(broken(error, start))
    }

    /// Names a file by its start, as far as that is at hand.
    #[cold]
    fn name(&mut self, start: &[u8]) -> Step {
        loop {
            let len = self.len.unwrap_or(u64::MAX);
            if start.len() as u64 >= len.min(identify::PREFIX as u64) {
                return self.done(identify::name_all(start));
            }
            let Some(seen) = start.get(..self.wanted) else {
                return Step::NeedMore(self.need());
            };
            match identify::name(seen) {
                Named::Surely(content) => return self.done(content),
                Named::From(wanted) => self.want(wanted),
            }
        }
    }

    /// Asks for so many bytes from the start of the file, or for as many as there are.
    fn want(&mut self, wanted: usize) {
        let len = self.len.and_then(|len| usize::try_from(len).ok());
        self.offset = 0;
        self.wanted = len.map_or(wanted, |len| len.min(wanted));
    }

    fn done(&mut self, content: Content) -> Step {
        self.state = State::Done(content);
        self.wanted = 0;
        Step::Done(content)
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
            State::Signature | State::Unrecognised | State::Done(_) => Err(Stop::More(SIGNATURE)),
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
            (_, Defect::Unrecognised)
            | (State::Signature | State::Unrecognised | State::Done(_), _) => None,
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

/// Bytes that every format's signature fits into: BMP's, with the size of the DIB header.
const SCRAP: u64 = 18;

/// What a file with a broken header is: `start` are the bytes from its start that are at hand.
#[cold]
pub(crate) fn broken(error: HeaderError, start: &[u8]) -> Content {
    match error.defect {
        Defect::Truncated { len: 0, .. } => Content::Empty,
        // "BM" or "RI" is the beginning of many a word: a scrap of text is text, though it might be
        // the first bytes of an image as well.
        Defect::Truncated { len, .. } if len < SCRAP && identify::Encoding::of(start).is_text() => {
            Content::NotAnImage(OtherKind::Text)
        }
        _ => identify::damaged(start).map_or(Content::Broken(error), Content::Wrapped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bytes: &[u8]) -> Content {
        match Probe::new().feed(Window::last(0, bytes)) {
            Step::Done(content) => content,
            Step::NeedMore(need) => panic!("the end is known, and {need:?} is asked for"),
        }
    }

    #[test]
    fn no_bytes_are_empty_and_a_scrap_of_text_is_text() {
        let text = Content::NotAnImage(OtherKind::Text);
        assert_eq!(content(b""), Content::Empty);
        for scrap in [
            b"BMW".as_slice(),
            b"BMW makes cars",
            b"BMW makes cars and motorcycles",
            b"RI",
            b"RIFF raff, and more",
        ] {
            assert_eq!(content(scrap), text, "{}", scrap.escape_ascii());
        }
        assert!(matches!(content(b"BM\x46\0\0\0"), Content::Broken(_)));
        assert!(matches!(content(b"RIFF\x46\0\0\0WEB"), Content::Broken(_)));
        // Seventeen bytes of letters are a scrap; from eighteen on, a signature is believed.
        assert_eq!(content(b"RIFFabcdWEBPVP8 x"), text);
        assert!(matches!(content(b"RIFFabcdWEBPVP8 xx"), Content::Broken(_)));
    }

    #[test]
    fn a_driver_that_gives_up_gets_the_best_answer_there_is() {
        let mut probe = Probe::new();
        let start = b"\xFF\xD8\xFF\xE1\x9C\x40Exif\0\0";
        assert!(matches!(
            probe.feed(Window::new(0, start)),
            Step::NeedMore(_)
        ));
        let Content::Broken(error) = probe.conclude(start) else {
            panic!("a JPEG was begun")
        };
        assert_eq!((error.format, error.offset), (Some(Format::Jpeg), 12));
        assert_eq!(
            error.defect,
            Defect::Truncated {
                needed: 40_006,
                len: 12
            }
        );
        assert_eq!(
            probe.feed(Window::new(0, b"anything")),
            Step::Done(Content::Broken(error))
        );
        assert_eq!(Probe::new().conclude(b""), Content::Empty);
    }
}
