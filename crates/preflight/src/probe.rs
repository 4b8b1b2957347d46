//! The sans-IO probe.

mod error;

use crate::Header;

pub use error::{Defect, HeaderError};

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

/// Reads a header from windows of a file.
#[derive(Clone, Debug)]
pub struct Probe {}

impl Probe {
    /// A probe that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }

    /// Tells the length of the file in bytes, as soon as it is known: what lies beyond is then
    /// answered as truncated without being asked for, and the header's own sizes are held against it.
    pub fn tell_len(&mut self, _len: u64) {}

    /// The window to show next. The first is at offset 0.
    #[must_use]
    pub fn need(&self) -> Need {
        Need { offset: 0, len: 16 }
    }

    /// Looks at a window.
    ///
    /// # Errors
    ///
    /// The header's first defect.
    pub fn feed(&mut self, _window: Window<'_>) -> Result<Step, HeaderError> {
        Err(HeaderError {
            defect: Defect::Unrecognised,
            offset: 0,
            format: None,
        })
    }
}
