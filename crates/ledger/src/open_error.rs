//! Why a ledger could not be opened.

use std::io;
use std::path::PathBuf;

use crate::fault::Fault;
use crate::found::Found;

/// Why a ledger could not be opened. Nothing was lost, and nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder or a file in it could not be looked at or made.
    #[error("cannot {what} {}", path.display())]
    Place {
        /// A verb: `find`, `look at`, `make`.
        what: &'static str,
        /// Which one.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Something else lies where the folder should be.
    #[error("expected a folder for the ledger at {}, but found {found}", path.display())]
    NotAFolder {
        /// Where.
        path: PathBuf,
        /// The kind of thing that lies there.
        found: Found,
    },
    /// Something else lies where the file should be.
    #[error("expected a file at {}, but found {found}; move it away", path.display())]
    NotAFile {
        /// Where.
        path: PathBuf,
        /// The kind of thing that lies there.
        found: Found,
    },
    /// The folder or the file is somebody else's.
    #[error(
        "expected {} to belong to this user (id {user}), but found that it belongs to the user with \
         the id {owner}; each user needs a ledger of his own",
        path.display()
    )]
    ForeignOwner {
        /// Which one.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The user of this process.
        user: u32,
    },
    /// Others may write to the folder.
    #[error(
        "expected a folder that only its owner may write to at {}, but found the mode {mode:o}; \
         take the right to write from group and others (chmod go-w)",
        path.display()
    )]
    OpenToOthers {
        /// Which one.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The folder was removed while it was opened.
    #[error("{} was removed while the ledger was opened", path.display())]
    Gone {
        /// Which one.
        path: PathBuf,
    },
    /// A newer program wrote the ledger.
    #[error(
        "expected a ledger of version {known} or older at {}, but found version {found}: a newer \
         program wrote it; use that one, or another folder",
        path.display()
    )]
    Newer {
        /// Where.
        path: PathBuf,
        /// Its version.
        found: i32,
        /// The newest version that this program knows.
        known: i32,
    },
    /// The file is somebody else's database.
    #[error("expected a ledger at {}, but found the database of another program; move it away", path.display())]
    NotALedger {
        /// Where.
        path: PathBuf,
    },
    /// SQLite or the system could not read it, or could not write it.
    #[error("cannot open the ledger {}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: Fault,
    },
}
