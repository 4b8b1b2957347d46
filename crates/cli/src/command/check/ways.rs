//! Where a URL of the input leads, and who may go there.

use std::sync::Arc;

use gate::{Code, Gate, Report, Screening};

use crate::buckets::Buckets;
use crate::command::check::hosts::Hosts;

/// The ways to URLs: to those of the input, and to the objects of stores.
pub(super) struct Ways {
    pub(super) gate: Gate,
    pub(super) hosts: Hosts,
    buckets: Arc<Buckets>,
    /// Turns for the objects of stores, which bear more requests than a stranger's server.
    turns: Hosts,
}

/// The way to one URL.
pub(super) struct Way<'w> {
    pub(super) url: String,
    pub(super) gate: &'w Gate,
    pub(super) hosts: &'w Hosts,
}

impl Ways {
    pub(super) fn new(gate: Gate, buckets: Arc<Buckets>) -> Self {
        Self {
            hosts: Hosts::of(gate.fetcher()),
            turns: Hosts::of(buckets.gate().unwrap_or(&gate).fetcher()),
            gate,
            buckets,
        }
    }

    /// The way to an image that is named by a URL. What opens an object of a store is signed now, so
    /// that it holds as long as possible.
    pub(super) fn to(&self, name: &str) -> Result<Way<'_>, Box<Report>> {
        match self.buckets.sign(name) {
            None => Ok(Way {
                url: name.to_owned(),
                gate: &self.gate,
                hosts: &self.hosts,
            }),
            Some(Ok((url, gate))) => Ok(Way {
                url,
                gate,
                hosts: &self.turns,
            }),
            Some(Err(report)) => Err(report),
        }
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
