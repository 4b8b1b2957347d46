//! What came of all images together.

use std::collections::BTreeMap;
use std::time::Duration;

use gate::{Charge, Code, Outcome, Report, Stage};

/// What came of all images together.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// The counts.
    pub totals: Totals,
    /// What walking passed over.
    pub passed_over: PassedOver,
    /// How long the run took.
    pub elapsed: Duration,
    /// The run was interrupted: images not reached are absent.
    pub interrupted: bool,
    /// What the program ends with.
    pub exit_code: u8,
}

impl Summary {
    /// The summary of a run that was not interrupted, whose program ends with 0.
    #[must_use]
    pub const fn new(totals: Totals, elapsed: Duration) -> Self {
        Self {
            totals,
            passed_over: PassedOver::new(),
            elapsed,
            interrupted: false,
            exit_code: 0,
        }
    }
}

/// Counts over the images of a report.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Totals {
    outcomes: [u64; Outcome::ALL.len()],
    rejected_at: [u64; Stage::ALL.len()],
    /// Bytes that were read of the images.
    pub bytes_read: u64,
    /// Bytes of the images, as far as known.
    pub bytes_total: u64,
    /// The paid stage, where it was asked for.
    pub remote: Option<RemoteTotals>,
    /// What the paid stage would have done, where it was not to.
    pub planned: Option<Planned>,
}

/// What the paid stage did and cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RemoteTotals {
    /// Images that passed the free stages and have an address for the service.
    pub eligible: u64,
    /// Verdicts that were known.
    pub cached: u64,
    /// Requests sent, each retry one.
    pub asked: u64,
    /// Images charged.
    pub charged: u64,
    /// Images of which nobody knows whether they are charged.
    pub maybe_charged: u64,
}

/// What walking folders and patterns passed over.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct PassedOver {
    /// Images of other formats, by their extension in lower case.
    pub by_extension: BTreeMap<String, u64>,
    /// Files and folders that an exclude matched.
    pub excluded: u64,
    /// FIFOs, sockets and devices.
    pub special: u64,
    /// Files with a name like an image's that are none (`a.jpg!w400` with a text in it).
    pub misnamed: u64,
    /// Mentions of an image that was already named.
    pub duplicates: u64,
}

impl Totals {
    /// Counts nothing yet; `remote` says whether the paid stage is on.
    #[must_use]
    pub fn new(remote: bool) -> Self {
        Self {
            remote: remote.then(RemoteTotals::default),
            ..Self::default()
        }
    }

    /// Counts an image.
    pub fn add(&mut self, report: &Report) {
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
    #[must_use]
    pub fn images(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Images with an outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(outcome as usize).copied().unwrap_or(0)
    }

    /// Images rejected at a stage.
    #[must_use]
    pub fn rejected_at(&self, stage: Stage) -> u64 {
        self.rejected_at.get(stage as usize).copied().unwrap_or(0)
    }
}

impl PassedOver {
    /// Nothing was passed over.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            by_extension: BTreeMap::new(),
            excluded: 0,
            special: 0,
            misnamed: 0,
            duplicates: 0,
        }
    }

    /// Images of other formats.
    #[must_use]
    pub fn other_images(&self) -> u64 {
        self.by_extension.values().sum()
    }
}

/// The counts of a run that only says what the paid stage would ask.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the counts of a plan")]
pub struct Planned {
    /// Questions that would be asked.
    pub ask: u64,
    /// Images whose verdict is known, or would be by then.
    pub known: u64,
    /// Images that the service could not fetch from anywhere.
    pub without_address: u64,
    /// The most requests that would be sent.
    pub budget: u64,
}

/// The slot of an enum's variant in an array that has one for each.
fn at<const N: usize>(counts: &mut [u64; N], index: usize) -> &mut u64 {
    #[expect(
        clippy::indexing_slicing,
        reason = "clamped, and no array of ours is empty"
    )]
    &mut counts[index.min(N - 1)]
}
