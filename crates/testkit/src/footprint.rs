//! What a process takes of this machine, as Linux tells it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a process holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Footprint {
    /// Open file descriptors.
    pub descriptors: usize,
    /// Threads, the first one included.
    pub threads: usize,
    /// Bytes of memory that are in use now.
    pub resident: u64,
    /// Bytes of memory that were in use at most.
    pub peak: u64,
}

impl Footprint {
    /// That of this process. The descriptor that reads it is not counted.
    ///
    /// # Panics
    ///
    /// This is not Linux.
    #[must_use]
    pub fn here() -> Self {
        let seen = Self::of(std::process::id()).expect("/proc tells of this process");
        Self {
            descriptors: seen.descriptors - 1,
            ..seen
        }
    }

    /// That of a process by its number.
    ///
    /// # Errors
    ///
    /// There is no such process, or not any more.
    pub fn of(process: u32) -> io::Result<Self> {
        let folder = PathBuf::from("/proc").join(process.to_string());
        let status = fs::read_to_string(folder.join("status"))?;
        Ok(Self {
            descriptors: entries(&folder.join("fd"))?,
            threads: entries(&folder.join("task"))?,
            resident: bytes(&status, "VmRSS:")?,
            peak: bytes(&status, "VmHWM:")?,
        })
    }

    /// The larger one of each.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            descriptors: self.descriptors.max(other.descriptors),
            threads: self.threads.max(other.threads),
            resident: self.resident.max(other.resident),
            peak: self.peak.max(other.peak),
        }
    }
}

fn entries(folder: &Path) -> io::Result<usize> {
    Ok(fs::read_dir(folder)?.count())
}

/// A row of `status`, whose unit is the kibibyte. A process that has ended has no such row.
fn bytes(status: &str, name: &str) -> io::Result<u64> {
    let row = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = row.and_then(|row| row.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes
        .map(|kibibytes| kibibytes * 1024)
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// A number of the environment: how large a measurement is to be.
///
/// # Panics
///
/// The variable is set, and is not a number.
#[must_use]
pub fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |text| {
        text.parse().expect("the size of a measurement is a number")
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_shows_and_what_is_given_back_does_not() {
        let before = Footprint::here();
        let files: Vec<_> = (0..100)
            .map(|_| fs::File::open("/dev/null").unwrap())
            .collect();
        let memory = vec![1_u8; 64 << 20];
        let during = Footprint::here();
        // Other tests of this binary run beside this one, and open a file now and then.
        assert!(during.descriptors >= before.descriptors + 90, "{during:?}");
        assert!(
            during.resident >= before.resident + (60 << 20),
            "{during:?}"
        );
        drop((files, memory));
        let after = Footprint::here();
        assert!(after.descriptors <= during.descriptors - 90, "{after:?}");
        assert!(after.resident <= during.resident - (60 << 20), "{after:?}");
        assert!(after.peak >= before.resident + (60 << 20), "{after:?}");
    }
}
