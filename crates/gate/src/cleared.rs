//! The proof that an image passed every free stage.

use preflight::Header;

use crate::report::Draft;
use crate::{Report, Stage};

/// How the free stages ended: with a proof, or with a report.
#[derive(Clone, Debug)]
#[must_use = "a screening says whether the image is fit"]
#[expect(
    clippy::exhaustive_enums,
    reason = "a stage passes on or ends; there is no third way"
)]
pub enum Screening {
    /// Every free stage let the image through.
    Cleared(Cleared),
    /// A stage rejected it, could not find out, or was told not to look.
    Ended(Report),
}

/// The proof that an image passed every free stage that was asked for.
///
/// Only a [`Gate`](crate::Gate) makes one, and a paid call takes one: money cannot be spent on an
/// image that was not looked at.
#[derive(Clone, Debug)]
#[must_use = "it may be asked about, or turned into a report"]
pub struct Cleared {
    pub(crate) draft: Draft,
    pub(crate) stage: Stage,
    pub(crate) header: Header,
    /// The URL that was looked at, if it was one.
    #[cfg(feature = "http")]
    pub(crate) url: Option<preflight::http::TargetUrl>,
}

impl Screening {
    /// The report of the free stages.
    pub fn into_report(self) -> Report {
        match self {
            Self::Cleared(cleared) => cleared.into_report(),
            Self::Ended(report) => report,
        }
    }
}

impl Cleared {
    /// What the image's header says.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Bytes in the whole file, where known.
    #[must_use]
    pub const fn file_len(&self) -> Option<u64> {
        self.draft.facts.bytes
    }

    /// The URL that was looked at, if it was one, in the form that the service is given.
    #[cfg(feature = "http")]
    #[must_use]
    pub const fn url(&self) -> Option<&preflight::http::TargetUrl> {
        self.url.as_ref()
    }

    /// The report of the free stages: a pass.
    pub fn into_report(self) -> Report {
        self.draft.finish(self.stage)
    }
}
