//! The thing that a word of the command line or of a list turned out to name.

use std::path::{Path, PathBuf};

use report::ImageName;

use crate::buckets::Named;
use crate::input::cure;
use crate::input::excludes::{Excludes, Where};
use crate::input::pattern::Pattern;
use crate::input::place::Place;
use crate::input::seen::{Fingerprint, Identity, Keys};
use crate::input::walk::plain;

/// The thing that a word turned out to name.
pub(super) enum Target {
    BadPattern {
        path: PathBuf,
        error: globset::ErrorKind,
    },
    File {
        path: PathBuf,
        place: Place,
    },
    Folder(PathBuf),
    Missing {
        path: PathBuf,
        place: Place,
    },
    Oss(String),
    OtherScheme {
        url: String,
        scheme: String,
    },
    Pattern {
        path: PathBuf,
        pattern: Pattern,
    },
    Stdin,
    /// What lies in a store, by its address.
    Stored {
        name: String,
        named: Named,
    },
    Url(String),
}

impl Target {
    /// The rule that leaves it out. A walk asks for each entry.
    pub(super) fn excluded_by<'a>(&self, excludes: &'a Excludes) -> Option<&'a str> {
        match self {
            Self::BadPattern { .. } | Self::Pattern { .. } | Self::Stdin => None,
            Self::File { path, .. } | Self::Missing { path, .. } => {
                excludes.rule_for(path, Where::File)
            }
            Self::Folder(path) => excludes.rule_for(path, Where::Folder),
            Self::Stored { name, .. } => excludes.rule_for_url(name),
            Self::Oss(url) | Self::OtherScheme { url, .. } | Self::Url(url) => {
                excludes.rule_for_url(url)
            }
        }
    }

    /// Its fingerprint, if it is one image.
    pub(super) fn fingerprint(&self, keys: &Keys) -> Option<Fingerprint> {
        Some(match self {
            Self::BadPattern { .. }
            | Self::Folder(_)
            | Self::Pattern { .. }
            | Self::Stored {
                named: Named::Objects(_),
                ..
            } => return None,
            Self::File { place, .. } | Self::Missing { place, .. } => place.fingerprint,
            Self::Oss(url) | Self::OtherScheme { url, .. } | Self::Url(url) => {
                keys.of(Identity::Url(url))
            }
            Self::Stdin => keys.of(Identity::Stdin),
            Self::Stored { name, .. } => keys.of(Identity::Object(name)),
        })
    }

    pub(super) fn real_path(&self) -> Option<&Path> {
        match self {
            Self::File { place, .. } => Some(&place.real_path),
            _ => None,
        }
    }

    pub(super) fn into_name(self) -> ImageName {
        match self {
            Self::BadPattern { path, .. }
            | Self::File { path, .. }
            | Self::Folder(path)
            | Self::Pattern { path, .. } => ImageName::Path(plain(path)),
            Self::Missing { path, .. } => missing_name(path),
            Self::Oss(url) | Self::OtherScheme { url, .. } | Self::Url(url) => ImageName::Url(url),
            Self::Stdin => ImageName::Stdin,
            Self::Stored { name, .. } => ImageName::Url(name),
        }
    }
}

/// The name of a file that does not exist. A word that is nearly a URL, or holds one, is shown like
/// one: its query may be secret.
pub(super) fn missing_name(path: PathBuf) -> ImageName {
    match path.to_str() {
        Some(text) if text.contains("://") || cure::near_url(&path).is_some() => {
            ImageName::Url(text.to_owned())
        }
        _ => ImageName::Path(plain(path)),
    }
}
