//! Readers that can seek.

use std::io::{self, Read, Seek, SeekFrom};

use super::driver::{self, Length, ReadAt};
use crate::Probed;

/// Probes a reader from its start, wherever it stands; afterwards it stands anywhere.
///
/// The length is told only where the answer depends on it: that costs a seek to the end.
///
/// ```
/// use std::io::Cursor;
///
/// use preflight::{Content, OtherKind, probe_reader};
///
/// let probed = probe_reader(Cursor::new("just a note"))?;
/// assert_eq!(probed.content, Content::NotAnImage(OtherKind::Text));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Those of reading and seeking.
pub fn probe_reader<R: Read + Seek>(reader: R) -> io::Result<Probed> {
    // Somewhere that no read starts, so that the first one seeks.
    driver::probe(
        &mut Seeking {
            reader,
            position: u64::MAX,
        },
        Length::Lazy,
    )
}

struct Seeking<R> {
    reader: R,
    position: u64,
}

impl<R: Read + Seek> ReadAt for Seeking<R> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position != offset {
            self.position = self.reader.seek(SeekFrom::Start(offset))?;
        }
        let read = self.reader.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }

    fn len(&mut self) -> io::Result<u64> {
        self.position = self.reader.seek(SeekFrom::End(0))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests;
