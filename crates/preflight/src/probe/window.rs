//! Parts of a file: what the probe asks for, and what it is shown.

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
    pub(super) last: bool,
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
    pub(super) fn from(&self, offset: u64) -> &'a [u8] {
        offset
            .checked_sub(self.offset)
            .and_then(|skipped| usize::try_from(skipped).ok())
            .and_then(|skipped| self.bytes.get(skipped..))
            .unwrap_or_default()
    }

    /// The offset behind the last byte.
    pub(super) const fn end(&self) -> u64 {
        self.offset.saturating_add(self.bytes.len() as u64)
    }
}
