//! What can be wrong with the settings. Every one ends the run with exit code 2 before anything else happens.

use std::io;
use std::path::PathBuf;

use preflight::ProfileError;

use crate::config::place::Place;
use crate::config::suggest::hint;

/// Why there are no settings to run with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file is not TOML, or a value has the wrong type.
    #[error("{place}: {message}")]
    Malformed { place: Place, message: String },

    /// A key that no version of this program takes from a file, and why.
    #[error("{place}: \"{key}\" is not taken from a file: {reason}")]
    NotFromFile {
        place: Place,
        key: String,
        reason: &'static str,
    },

    /// `--config` or `PREFLIGHT_CONFIG` names something else, or the file found is not a file.
    #[error("{}: expected a file with settings, but found something else", path.display())]
    NotAFile { path: PathBuf },

    /// Limits that contradict each other, or that no image can keep.
    #[error("{origin}: no image can keep these limits")]
    Profile {
        origin: String,
        source: ProfileError,
    },

    /// Profiles extend each other without end in sight.
    #[error("{place}: expected at most {limit} profiles that extend each other, but found more")]
    ProfileChain { place: Place, limit: usize },

    /// A profile extends itself, be it by way of others.
    #[error("{place}: expected a profile that does not extend itself, but found {chain}")]
    ProfileCycle { place: Place, chain: String },

    /// A profile of one's own has the name of a built-in one.
    #[error(
        "{place}: a profile named \"{name}\" is built in; choose another name, and write extends = \"{name}\" in it"
    )]
    ProfileTaken { place: Place, name: String },

    /// The file cannot be read.
    #[error("{}: cannot read the settings", path.display())]
    Read { path: PathBuf, source: io::Error },

    /// More bytes than any settings need.
    #[error("{}: expected at most {limit} bytes of settings, but found more", path.display())]
    TooLong { path: PathBuf, limit: u64 },

    /// A value where a table must stand.
    #[error("{place}: expected a table {table}, but found an array")]
    NoTable { place: Place, table: String },

    /// A key that means nothing.
    #[error("{place}: unknown key \"{key}\" in {table}{}", hint(suggestion.as_deref()))]
    UnknownKey {
        place: Place,
        key: String,
        table: String,
        suggestion: Option<String>,
    },

    /// A profile that is neither built in nor written in the file.
    #[error("{origin}: expected one of the profiles {known}, but found \"{name}\"{}", hint(suggestion.as_deref()))]
    UnknownProfile {
        origin: String,
        name: String,
        known: String,
        suggestion: Option<String>,
    },

    /// A value that its setting does not take.
    #[error("{origin}: {message}")]
    Value { origin: String, message: String },
}
