//! Where a URL of the input leads, and who may go there.

use std::sync::Arc;

use gate::{Code, Gate, Report, Screening};

use crate::buckets::Buckets;

/// The ways to URLs: to those of the input, and to the objects of stores.
pub(super) struct Ways {
    pub(super) gate: Gate,
    pub(super) buckets: Arc<Buckets>,
}

impl Ways {
    /// The URL to fetch for an image that is named by a URL, and the gate that may fetch it. What
    /// opens an object of a store is signed now, so that it holds as long as possible.
    pub(super) fn to(&self, name: &str) -> Result<(String, &Gate), Box<Report>> {
        self.buckets
            .sign(name)
            .unwrap_or_else(|| Ok((name.to_owned(), &self.gate)))
    }
}

/// Whether an object is something other than an image, as its name did not promise one.
pub(super) fn is_no_image(screening: &Screening) -> bool {
    let Screening::Ended(report) = screening else {
        return false;
    };
    let mut codes = report.errors().map(|finding| finding.code);
    codes.any(|code| matches!(code, Code::EmptyFile | Code::NotAnImage))
}
