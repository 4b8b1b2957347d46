//! Bytes that are written only at the end, kept on disk if they are many.

use std::fs::File;
use std::io::{self, Seek as _, Write};

/// Bytes kept in memory before they go to disk: the cases of some 50,000 images.
const IN_MEMORY: usize = 8 << 20;

/// Bytes that are written only at the end. Where no temporary file can be made, as in a read-only
/// container, all of them stay in memory.
pub(crate) struct Spool {
    /// Bytes kept in memory before they go to disk.
    in_memory: usize,
    /// The bytes before those in memory.
    disk: Option<File>,
    memory: Vec<u8>,
    /// No temporary file can be made. This is tried once.
    no_disk: bool,
}

impl Default for Spool {
    fn default() -> Self {
        Self::holding(IN_MEMORY)
    }
}

impl Spool {
    /// An empty spool that keeps so many bytes in memory before they go to disk.
    pub(crate) const fn holding(in_memory: usize) -> Self {
        Self {
            in_memory,
            disk: None,
            memory: Vec::new(),
            no_disk: false,
        }
    }

    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// The disk is full.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.memory.extend_from_slice(bytes);
        if self.memory.len() < self.in_memory || self.no_disk {
            return Ok(());
        }
        if self.disk.is_none() {
            self.disk = tempfile::tempfile().ok();
            self.no_disk = self.disk.is_none();
        }
        if let Some(disk) = &mut self.disk {
            disk.write_all(&self.memory)?;
            self.memory.clear();
        }
        Ok(())
    }

    /// Writes all bytes to `out`, in their order.
    ///
    /// # Errors
    ///
    /// Those of reading the disk and of `out`.
    pub(crate) fn copy_to(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(disk) = &mut self.disk {
            disk.rewind()?;
            io::copy(disk, out)?;
        }
        out.write_all(&self.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(mut spool: Spool) -> (Vec<u8>, Vec<u8>) {
        let piece: Vec<u8> = (0..=255).cycle().take(IN_MEMORY / 3 + 1).collect();
        let (mut kept, mut found) = (Vec::new(), Vec::new());
        for _ in 0..7 {
            spool.push(&piece).unwrap();
            kept.extend_from_slice(&piece);
        }
        spool.copy_to(&mut found).unwrap();
        (kept, found)
    }

    #[test]
    fn everything_comes_back_in_order_from_disk_and_memory() {
        let (kept, found) = filled(Spool::default());
        assert!(kept == found);
        let (kept, found) = filled(Spool {
            no_disk: true,
            ..Spool::default()
        });
        assert!(kept == found, "without a place for temporary files");
    }
}
