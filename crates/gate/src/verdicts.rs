//! Verdicts that were paid for before.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

/// Where verdicts are kept between runs, so that nothing is paid for twice.
///
/// Only passes and rejections are kept; what could not be found out never is.
pub trait Verdicts: fmt::Debug + Send + Sync {
    /// The verdict for a key, if it is known and not too old.
    fn find(&self, key: &VerdictKey) -> Option<KnownVerdict>;

    /// Keeps a verdict.
    ///
    /// # Errors
    ///
    /// Those of writing it down. The verdict stands all the same; it is only not remembered.
    fn keep(&self, key: &VerdictKey, verdict: &KnownVerdict) -> io::Result<()>;
}

/// What a verdict is about: the content (or, without a local file, the URL and its validators),
/// the model, the ratio and the service.
///
/// Holds no URL in the clear: a signed one is a secret.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct VerdictKey(String);

impl VerdictKey {
    pub(crate) const fn new(key: String) -> Self {
        Self(key)
    }

    /// The key as it is written down.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A verdict of the service, as it is kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KnownVerdict {
    /// What the service said.
    #[serde(flatten)]
    pub verdict: Ruling,
    /// The service's name for the request that was paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When it was said, RFC 3339.
    pub at: jiff::Timestamp,
}

/// Pass or reject, with what belongs to it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a verdict is one of these two for good"
)]
pub enum Ruling {
    /// The portrait is fit.
    Pass {
        /// The face, as upper-left and lower-right corner in px.
        face_bbox: [u32; 4],
        /// The moving area, likewise.
        ext_bbox: [u32; 4],
    },
    /// It is not.
    Reject {
        /// The service's code, verbatim; perhaps empty.
        api_code: String,
        /// The service's message, verbatim; perhaps empty.
        api_message: String,
    },
}
