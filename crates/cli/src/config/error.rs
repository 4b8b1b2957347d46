//! What can be wrong with the settings. Every one ends the run with exit code 2 before anything else happens.

use std::io;
use std::path::PathBuf;

use preflight::ProfileError;

use crate::config::position::Position;
use crate::config::suggest::hint;

/// Why there are no settings to run with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file is not TOML, or a value has the wrong type.
    #[error("{position}: {message}")]
    Malformed { position: Position, message: String },

    /// A key that no version of this program takes from a file, and why.
    #[error("{position}: \"{key}\" is not taken from a file: {reason}")]
    NotFromFile {
        position: Position,
        key: String,
        reason: &'static str,
    },

    /// `--config` or `PREFLIGHT_CONFIG` names something else, or the file found is not a file.
    #[error("{}: expected a file with settings, but found something else", path.display())]
    NotAFile { path: PathBuf },

    /// A link of the checked project, behind which a file of somebody else may lie.
    #[error("{}: expected a file of the project, but found a link that leads out of it", path.display())]
    LeadsOut { path: PathBuf },

    /// Limits that contradict each other, or that no image can keep.
    #[error("{set_by}: no image can keep these limits")]
    Profile {
        set_by: String,
        source: ProfileError,
    },

    /// Profiles extend each other without end in sight.
    #[error("{position}: expected at most {limit} profiles that extend each other, but found more")]
    ProfileChain { position: Position, limit: usize },

    /// A profile extends itself, be it by way of others.
    #[error("{position}: expected a profile that does not extend itself, but found {chain}")]
    ProfileCycle { position: Position, chain: String },

    /// A profile of one's own has the name of a built-in one.
    #[error(
        "{position}: a profile named \"{name}\" is built in; choose another name, and write extends = \"{name}\" in it"
    )]
    ProfileTaken { position: Position, name: String },

    /// The file cannot be read.
    #[error("{}: cannot read the settings", path.display())]
    Read { path: PathBuf, source: io::Error },

    /// More bytes than any settings need.
    #[error("{}: expected at most {limit} bytes of settings, but found more", path.display())]
    TooLong { path: PathBuf, limit: u64 },

    /// A value where a table must stand.
    #[error("{position}: expected a table {table}, but found an array")]
    NoTable { position: Position, table: String },

    /// A key that means nothing.
    #[error("{position}: unknown key \"{key}\" in {table}{}", hint(suggestion.as_deref()))]
    UnknownKey {
        position: Position,
        key: String,
        table: String,
        suggestion: Option<String>,
    },

    /// A profile that is neither built in nor written in the file.
    #[error("{set_by}: expected one of the profiles {known}, but found \"{name}\"{}", hint(suggestion.as_deref()))]
    UnknownProfile {
        set_by: String,
        name: String,
        known: String,
        suggestion: Option<String>,
    },

    /// A value that its setting does not take.
    #[error("{set_by}: {message}")]
    Value { set_by: String, message: String },
}
