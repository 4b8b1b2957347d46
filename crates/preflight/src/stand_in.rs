//! Files that stand in for content which is elsewhere.

use core::fmt;

/// What stands in for an image that is elsewhere: the image itself was not seen.
///
/// `Display` is a noun with its article.
///
/// ```
/// use preflight::{Content, StandIn, probe_bytes};
///
/// let Content::StandIn(found) = probe_bytes(b"/annex/objects/MD5E-s912--5f1f.jpg\n").content else {
///     unreachable!()
/// };
/// assert_eq!(found, StandIn::AnnexKey { size: Some(912) });
/// assert_eq!(found.fetched_with(), "git annex get");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(tag = "name", rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum StandIn {
    /// A git-annex key: a pointer file, or a link to the key that was checked out as text.
    AnnexKey {
        /// Bytes of the image, where the key says.
        size: Option<u64>,
    },
    /// The metafile of DVC, or a link into its cache that was checked out as text.
    Dvc,
    /// A file that git-crypt has locked.
    GitCrypt,
    /// A Git LFS pointer.
    LfsPointer {
        /// Bytes of the image, where the pointer says.
        size: Option<u64>,
    },
    /// A symbolic link that was checked out or unpacked as a text file, or another system's link.
    Link,
}

impl StandIn {
    /// The name that machine-readable output uses, in kebab case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnnexKey { .. } => "annex-key",
            Self::Dvc => "dvc",
            Self::GitCrypt => "git-crypt",
            Self::LfsPointer { .. } => "lfs-pointer",
            Self::Link => "link",
        }
    }

    /// Bytes of the image itself, where the stand-in says.
    #[must_use]
    pub const fn size(self) -> Option<u64> {
        match self {
            Self::AnnexKey { size } | Self::LfsPointer { size } => size,
            Self::Dvc | Self::GitCrypt | Self::Link => None,
        }
    }

    /// The command that brings the image itself.
    #[must_use]
    pub const fn fetched_with(self) -> &'static str {
        match self {
            Self::AnnexKey { .. } => "git annex get",
            Self::Dvc => "dvc pull",
            Self::GitCrypt => "git-crypt unlock",
            Self::LfsPointer { .. } => "git lfs pull",
            Self::Link => "git -c core.symlinks=true checkout",
        }
    }
}

impl fmt::Display for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AnnexKey { .. } => "a git-annex key",
            Self::Dvc => "a DVC metafile",
            Self::GitCrypt => "a file locked by git-crypt",
            Self::LfsPointer { .. } => "a Git LFS pointer",
            Self::Link => "a link stored as a file",
        })
    }
}
