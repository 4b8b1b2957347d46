//! The first bytes that a text stands for.

use crate::Format;

/// Bytes that are decoded: enough for every signature.
pub(super) const SAMPLE: usize = 24;

/// The format of an image that was found.
pub(super) type Found = Option<Format>;

/// The first bytes that a text stands for, and how many are known; zeros behind them.
#[derive(Default)]
pub(super) struct Bytes(pub(super) [u8; SAMPLE], pub(super) usize);

impl Bytes {
    /// Adds a byte. `None` if the sample is full, or the number above 255.
    pub(super) fn push(&mut self, byte: u32) -> Option<()> {
        *self.0.get_mut(self.1)? = u8::try_from(byte).ok()?;
        self.1 += 1;
        Some(())
    }

    pub(super) const fn is_full(&self) -> bool {
        self.1 == SAMPLE
    }
}
