//! The ways in which reading and writing the file can fail.

use std::error::Error;
use std::io;
use std::time::Duration;

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Why the ledger's file could not be read or written.
///
/// It is the source of [`gate::LedgerError`] and of [`OpenError`](crate::OpenError).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Another process holds the lock, and did not let go in time.
    #[error("another process has kept it locked for {:.1} s", waited.as_secs_f64())]
    Locked {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The device is full, or the quota is used up.
    #[error("no room is left on its device")]
    NoRoom(#[source] Box<dyn Error + Send + Sync>),
    /// The file, its folder or its device can only be read.
    #[error("it can only be read")]
    ReadOnly(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The file that was opened is no longer at its place: it was removed, moved or replaced.
    #[error("its file was removed or replaced while it was in use")]
    Moved,
    /// The file contradicts itself: it was cut or written over.
    #[error("its file is damaged: it was cut short or written over")]
    Damaged(#[source] Box<dyn Error + Send + Sync>),
    /// The file is not a database.
    #[error("its file is not an SQLite database")]
    NotADatabase(#[source] Box<dyn Error + Send + Sync>),
    /// The file system cannot lock files, so that processes could not tell what others do.
    #[error("its file system cannot lock files")]
    NoLocks(#[source] Box<dyn Error + Send + Sync>),
    /// The ledger was closed.
    #[error("it is closed")]
    Closed,
    /// Anything else that the system or SQLite reports.
    #[error("an error of the system or of SQLite")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}

impl Fault {
    /// Whether the same may go well in a moment: somebody else holds the lock.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }

    /// The same, met after so long a wait: SQLite does not say how long it waited.
    pub(crate) fn after(self, waited: Duration) -> Self {
        match self {
            Self::Locked { .. } => Self::Locked { waited },
            other => other,
        }
    }

    pub(crate) fn of_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::NoRoom(Box::new(error))
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly(Some(Box::new(error)))
            }
            io::ErrorKind::Unsupported => Self::NoLocks(Box::new(error)),
            _ => Self::Other(Box::new(error)),
        }
    }
}

/// The extended codes of SQLite that say that a lock failed for another reason than its holder.
const LOCK_FAILED: [i32; 5] = [
    ffi::SQLITE_IOERR_LOCK,
    ffi::SQLITE_IOERR_RDLOCK,
    ffi::SQLITE_IOERR_UNLOCK,
    ffi::SQLITE_IOERR_SHMLOCK,
    ffi::SQLITE_IOERR_CHECKRESERVEDLOCK,
];

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(met, _) = &error else {
            return Self::Other(Box::new(error));
        };
        let (code, extended) = (met.code, met.extended_code);
        match code {
            // The caller fills in the time with `after`.
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Locked {
                waited: Duration::ZERO,
            },
            ErrorCode::DiskFull => Self::NoRoom(Box::new(error)),
            ErrorCode::SystemIoFailure if extended == ffi::SQLITE_IOERR_SHMSIZE => {
                Self::NoRoom(Box::new(error))
            }
            ErrorCode::ReadOnly if extended == ffi::SQLITE_READONLY_DBMOVED => Self::Moved,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                Self::ReadOnly(Some(Box::new(error)))
            }
            ErrorCode::DatabaseCorrupt => Self::Damaged(Box::new(error)),
            ErrorCode::NotADatabase => Self::NotADatabase(Box::new(error)),
            ErrorCode::FileLockingProtocolFailed => Self::NoLocks(Box::new(error)),
            ErrorCode::SystemIoFailure if LOCK_FAILED.contains(&extended) => {
                Self::NoLocks(Box::new(error))
            }
            _ => Self::Other(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(extended: i32) -> Fault {
        rusqlite::Error::SqliteFailure(ffi::Error::new(extended), None).into()
    }

    #[test]
    fn each_code_that_can_be_acted_on_has_its_words() {
        assert!(of(ffi::SQLITE_BUSY).is_locked() && of(ffi::SQLITE_BUSY_SNAPSHOT).is_locked());
        assert!(matches!(of(ffi::SQLITE_FULL), Fault::NoRoom(_)));
        assert!(matches!(of(ffi::SQLITE_IOERR_SHMSIZE), Fault::NoRoom(_)));
        assert!(matches!(of(ffi::SQLITE_READONLY_DBMOVED), Fault::Moved));
        assert!(matches!(
            of(ffi::SQLITE_READONLY_DIRECTORY),
            Fault::ReadOnly(_)
        ));
        assert!(matches!(of(ffi::SQLITE_CORRUPT), Fault::Damaged(_)));
        assert!(matches!(of(ffi::SQLITE_NOTADB), Fault::NotADatabase(_)));
        for no_locks in LOCK_FAILED.iter().chain([&ffi::SQLITE_PROTOCOL]) {
            assert!(matches!(of(*no_locks), Fault::NoLocks(_)), "{no_locks}");
        }
        assert!(matches!(of(ffi::SQLITE_IOERR_READ), Fault::Other(_)));
    }

    #[test]
    fn the_systems_reasons_are_told_apart() {
        let of = |kind: io::ErrorKind| Fault::of_io(kind.into());
        assert!(matches!(of(io::ErrorKind::StorageFull), Fault::NoRoom(_)));
        assert!(matches!(of(io::ErrorKind::QuotaExceeded), Fault::NoRoom(_)));
        assert!(matches!(
            of(io::ErrorKind::ReadOnlyFilesystem),
            Fault::ReadOnly(_)
        ));
        assert!(matches!(of(io::ErrorKind::Unsupported), Fault::NoLocks(_)));
        assert!(matches!(of(io::ErrorKind::NotFound), Fault::Other(_)));
    }
}
