//! The images of one outcome and their thumbnails, kept until the page is written.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::spool::Spool;
use crate::thumbnail::{Thumbnail, ThumbnailBudget};

/// The images of one outcome, in the order of the report.
pub(super) struct Group {
    entries: Spool,
    is_empty: bool,
    thumbnails: Spool,
    /// The bytes of each thumbnail with its quotes and comma.
    lengths: Vec<usize>,
    bytes: usize,
    is_full: bool,
    /// Bytes of the thumbnails that the page has room for.
    claimed: usize,
}

impl Group {
    pub(super) fn new(in_memory: usize) -> Self {
        Self {
            entries: Spool::holding(in_memory),
            is_empty: true,
            thumbnails: Spool::holding(in_memory),
            lengths: Vec::new(),
            bytes: 0,
            is_full: false,
            claimed: 0,
        }
    }

    /// Adds the entry of an image.
    pub(super) fn push(&mut self, entry: &[u8]) -> io::Result<()> {
        if !std::mem::take(&mut self.is_empty) {
            self.entries.push(b",\n")?;
        }
        self.entries.push(entry)
    }

    /// Adds a thumbnail, if the whole budget has room for it and the earlier ones of this outcome.
    /// Returns its index.
    pub(super) fn take(
        &mut self,
        thumbnail: &Thumbnail,
        budget: &ThumbnailBudget,
    ) -> io::Result<Option<usize>> {
        let text = format!(",\n\"{}\"", STANDARD.encode(thumbnail.jpeg()));
        let index = self.lengths.len();
        // The first has no comma before it.
        let text = if index == 0 {
            text.trim_start_matches([',', '\n'])
        } else {
            &text
        };
        self.is_full |= index >= budget.count() || self.bytes + text.len() > budget.bytes();
        if self.is_full {
            return Ok(None);
        }
        self.thumbnails.push(text.as_bytes())?;
        self.lengths.push(text.len());
        self.bytes += text.len();
        Ok(Some(index))
    }

    /// Whether there is no room for another thumbnail. Once full, a group stays full, however small
    /// a later thumbnail is, so that the images with a thumbnail are the first ones.
    pub(super) const fn is_full(&self) -> bool {
        self.is_full
    }

    /// Takes room for the thumbnails from the budget, as far as there is any. Returns their count.
    pub(super) fn claim(&mut self, room: &mut ThumbnailBudget) -> usize {
        let (mut count, mut bytes) = (0, 0);
        for length in &self.lengths {
            if count == room.count() || bytes + length > room.bytes() {
                break;
            }
            count += 1;
            bytes += length;
        }
        *room = ThumbnailBudget::new(room.count() - count, room.bytes() - bytes);
        self.claimed = bytes;
        count
    }

    pub(super) fn write_entries(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.entries.copy_to(out)
    }

    /// Writes the thumbnails that have room.
    pub(super) fn write_thumbnails(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let room = self.claimed;
        self.thumbnails.copy_to(&mut Start { out, room })
    }
}

/// Writes the first `room` bytes, and drops the rest.
struct Start<'a> {
    out: &'a mut dyn Write,
    room: usize,
}

impl Write for Start<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let start = bytes.get(..self.room).unwrap_or(bytes);
        self.out.write_all(start)?;
        self.room -= start.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
