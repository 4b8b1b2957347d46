//! What came of all images together.

use std::collections::BTreeMap;
use std::time::Duration;

use gate::{Charge, Code, Outcome, Report, Stage};

use crate::exit::Exit;
use crate::paid::Planned;

/// What came of all images together.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) tally: Tally,
    /// What walking passed over.
    pub(crate) left_out: LeftOut,
    pub(crate) elapsed: Duration,
    /// Ctrl-C: images not reached are absent.
    pub(crate) interrupted: bool,
    pub(crate) exit: Exit,
}

/// Counts over the images of a report.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    outcomes: [u64; Outcome::ALL.len()],
    rejected_at: [u64; Stage::ALL.len()],
    /// Bytes that were read of the images.
    pub(crate) bytes_read: u64,
    /// Bytes of the images, as far as known.
    pub(crate) bytes_total: u64,
    /// The paid stage, where it was asked for.
    pub(crate) remote: Option<RemoteTotals>,
    /// What the paid stage would have done, where it was not to.
    pub(crate) planned: Option<Planned>,
}

/// What the paid stage did and cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct RemoteTotals {
    /// Images that passed the free stages and have an address for the service.
    pub(crate) eligible: u64,
    /// Verdicts that were known.
    pub(crate) cached: u64,
    /// Requests sent, each retry one.
    pub(crate) asked: u64,
    /// Images charged.
    pub(crate) charged: u64,
    /// Images of which nobody knows whether they are charged.
    pub(crate) maybe_charged: u64,
}

/// What walking folders and patterns passed over.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct LeftOut {
    /// Images of other formats, by their extension in lower case.
    pub(crate) by_extension: BTreeMap<String, u64>,
    /// Files and folders that an exclude matched.
    pub(crate) excluded: u64,
    /// FIFOs, sockets and devices.
    pub(crate) special: u64,
    /// Files with a name like an image's that are none.
    pub(crate) misnamed: u64,
    /// Files with the name of an image that an ignore file leaves out, or that are hidden. Known of
    /// one folder or pattern, to say why it yields nothing; not added up over a run.
    pub(crate) ignored: u64,
    /// Mentions of an image that was already named.
    pub(crate) duplicates: u64,
    /// `--exclude` flags that matched nothing, as they were given.
    pub(crate) unmatched: Vec<String>,
}

impl Tally {
    /// Counts nothing yet; `remote` says whether the paid stage is on.
    pub(crate) fn new(remote: bool) -> Self {
        Self {
            remote: remote.then(RemoteTotals::default),
            ..Self::default()
        }
    }

    /// Counts an image.
    pub(crate) fn add(&mut self, report: &Report) {
        *at(&mut self.outcomes, report.outcome() as usize) += 1;
        if report.outcome() == Outcome::Reject {
            *at(&mut self.rejected_at, report.stage() as usize) += 1;
        }
        let facts = report.facts();
        let read = facts.bytes_read.unwrap_or(0);
        self.bytes_read += read;
        // What was read is there, even where nobody told the length.
        self.bytes_total += facts.bytes.unwrap_or(0).max(read);
        let Some(totals) = &mut self.remote else {
            return;
        };
        let has_address = || {
            report
                .errors()
                .all(|finding| finding.code != Code::NO_PUBLIC_URL)
        };
        totals.eligible += u64::from(report.stage() == Stage::Remote && has_address());
        if let Some(remote) = report.remote() {
            totals.cached += u64::from(remote.cached);
            totals.asked += u64::from(remote.attempts);
            totals.charged += u64::from(remote.charge == Charge::Yes);
            totals.maybe_charged += u64::from(remote.charge == Charge::Unknown);
        }
    }

    /// All images.
    pub(crate) fn images(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Images with an outcome.
    pub(crate) fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(outcome as usize).copied().unwrap_or(0)
    }

    /// Images rejected at a stage.
    pub(crate) fn rejected_at(&self, stage: Stage) -> u64 {
        self.rejected_at.get(stage as usize).copied().unwrap_or(0)
    }
}

impl LeftOut {
    /// Images of other formats.
    pub(crate) fn other_images(&self) -> u64 {
        self.by_extension.values().sum()
    }
}

/// The slot of an enum's variant in an array that has one for each.
fn at<const N: usize>(counts: &mut [u64; N], index: usize) -> &mut u64 {
    #[expect(
        clippy::indexing_slicing,
        reason = "clamped, and no array of ours is empty"
    )]
    &mut counts[index.min(N - 1)]
}
