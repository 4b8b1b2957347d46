//! Errors in the settings. Each ends the run with exit code 2 before anything else happens.

use std::io;
use std::path::PathBuf;

use preflight::ProfileError;

use crate::config::position::Position;
use crate::suggest::hint;

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file is not TOML, or a value has the wrong type.
    #[error("{position}: {message}")]
    Malformed { position: Position, message: String },

    /// A key that no version of this program takes from a file, and the reason.
    #[error("{position}: \"{key}\" is not taken from a file: {reason}")]
    NotFromFile {
        position: Position,
        key: String,
        reason: &'static str,
    },

    /// `--config` or `PREFLIGHT_CONFIG` names something else, or the file found is not a file.
    #[error("{}: expected a settings file, but found something else", path.display())]
    NotAFile { path: PathBuf },

    /// A link in the checked project, which may lead to a file of somebody else.
    #[error("{}: expected a file of the project, but found a link that leads out of it", path.display())]
    LeadsOut { path: PathBuf },

    /// Limits that contradict each other, or that no image can meet.
    #[error("{set_by}: no image can meet these limits")]
    Profile {
        set_by: String,
        source: ProfileError,
    },

    /// A chain of profiles that is too long.
    #[error("{position}: expected at most {limit} profiles that extend each other, but found more")]
    ProfileChain { position: Position, limit: usize },

    /// A profile that extends itself, directly or through others.
    #[error("{position}: expected a profile that does not extend itself, but found {chain}")]
    ProfileCycle { position: Position, chain: String },

    /// A profile with the name of a built-in one.
    #[error(
        "{position}: a profile named \"{name}\" is built in; choose another name and write \
         extends = \"{name}\" in it"
    )]
    ProfileTaken { position: Position, name: String },

    /// The file cannot be read.
    #[error("{}: cannot read the settings", path.display())]
    Read { path: PathBuf, source: io::Error },

    /// More bytes than any settings file needs.
    #[error("{}: expected at most {limit} bytes of settings, but found more", path.display())]
    TooLong { path: PathBuf, limit: u64 },

    /// A value instead of a table.
    #[error("{position}: expected a table {table}, but found an array")]
    NoTable { position: Position, table: String },

    /// An unknown key.
    #[error("{position}: unknown key \"{key}\" in {table}{}", hint(suggestion.as_deref()))]
    UnknownKey {
        position: Position,
        key: String,
        table: String,
        suggestion: Option<String>,
    },

    /// A profile that is neither built in nor in a file.
    #[error(
        "{set_by}: expected one of the profiles {known}, but found \"{name}\"{}",
        hint(suggestion.as_deref())
    )]
    UnknownProfile {
        set_by: String,
        name: String,
        known: String,
        suggestion: Option<String>,
    },

    /// A value that its setting does not accept.
    #[error("{set_by}: {message}")]
    Value { set_by: String, message: String },
}
