//! Thin drivers: bytes, readers and files.

mod driver;
mod file;
mod reader;

use crate::{Content, Excerpt, Probe, Probed, Step, Window};

pub use file::{measure_file, open_file, probe_file, probe_file_of_len, probe_open_file};
pub use reader::probe_reader;

/// Probes bytes in memory: the whole file.
///
/// Costs some ten nanoseconds for an image, reads and allocates nothing.
///
/// ```
/// use preflight::{Content, Format, probe_bytes};
///
/// let bmp = [
///     0x42, 0x4D, 0x1E, 0, 0, 0, 0, 0, 0, 0, 0x1A, 0, 0, 0, // the file's header
///     0x0C, 0, 0, 0, 0x01, 0, 0x01, 0, 0x01, 0, 0x18, 0, // 1 x 1 px, 1 plane, 24 bits
///     0xFF, 0xFF, 0xFF, 0,
/// ];
/// let Content::Image(header) = probe_bytes(&bmp).content else { unreachable!() };
/// assert_eq!((header.format, header.width, header.height), (Format::Bmp, 1, 1));
/// ```
#[must_use]
#[inline]
pub fn probe_bytes(bytes: &[u8]) -> Probed {
    match Probe::sound(bytes) {
        Some(header) => in_memory(bytes, Content::Image(header)),
        None => unsound(bytes),
    }
}

#[inline]
fn in_memory(bytes: &[u8], content: Content) -> Probed {
    let len = Some(bytes.len() as u64);
    Probed {
        content,
        orientation: None,
        starts: Excerpt::of(bytes),
        len,
        bytes_read: 0,
        reads: 0,
    }
}

/// What bytes are that have no sound header.
#[cold]
#[inline(never)]
fn unsound(bytes: &[u8]) -> Probed {
    let mut probe = Probe::new();
    let content = match probe.feed(Window::last(0, bytes)) {
        Step::Done(content) => content,
        // Never so: the end is told.
        Step::NeedMore(_) => probe.conclude(bytes),
    };
    in_memory(bytes, content)
}
