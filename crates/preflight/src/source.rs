//! Thin drivers: bytes, readers and files.

use std::io::{self, Read, Seek};
use std::path::Path;

use crate::{Content, Sighting};

/// Probes bytes in memory: the whole file.
#[must_use]
pub fn probe_bytes(bytes: &[u8]) -> Sighting {
    Sighting { content: Content::Empty, len: Some(bytes.len() as u64), bytes_read: 0, reads: 0 }
}

/// Probes a reader from its start.
///
/// # Errors
///
/// Those of reading and seeking.
pub fn probe_reader<R: Read + Seek>(_reader: R) -> io::Result<Sighting> {
    Ok(probe_bytes(&[]))
}

/// Probes a file with positioned reads.
///
/// # Errors
///
/// Those of opening and reading.
pub fn probe_file(_path: &Path) -> io::Result<Sighting> {
    Ok(probe_bytes(&[]))
}
