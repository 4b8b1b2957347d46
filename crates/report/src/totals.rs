//! Counts over all images of a report.

use std::collections::BTreeMap;
use std::time::Duration;

use gate::{Charge, Code, Outcome, Report, Severity, Stage};
use schemars::JsonSchema;
use serde::Serialize;

/// The end of a report: the counts, and how the run ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// The counts.
    pub totals: Totals,
    /// Files that walking passed over.
    pub passed_over: PassedOver,
    /// The duration of the run.
    pub elapsed: Duration,
    /// The run was interrupted: images not reached are absent.
    pub interrupted: bool,
    /// The exit code of the program.
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
    by_code: BTreeMap<&'static str, (Code, u64)>,
    /// Mentions of an image that an earlier line named.
    pub duplicates: u64,
    /// Bytes that were read of the images.
    pub bytes_read: u64,
    /// Bytes of the images, as far as known.
    pub bytes_total: u64,
    /// Counts of the paid stage, where it was asked for.
    pub remote: Option<RemoteTotals>,
}

/// The work and the cost of the paid stage; in a plan, those of the run that it plans.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RemoteTotals {
    /// This is a plan: nothing was sent, and the counts are those of a run to come.
    pub is_plan: bool,
    /// The most requests of this run.
    pub budget: Option<u64>,
    /// Images that passed the free stages and have an address for the service.
    pub eligible: u64,
    /// Images that passed the free stages and have no address for the service.
    pub without_address: u64,
    /// Verdicts that were known, or that the run asks for once for several images.
    pub cached: u64,
    /// Images that were not asked about: the budget was used up, or the run had to stop.
    pub not_asked: u64,
    /// Requests sent; each retry counts.
    pub asked: u64,
    /// Requests that were charged.
    pub charged: u64,
    /// Requests that may have been charged: nobody knows.
    pub maybe_charged: u64,
    /// Requests of earlier runs that were never answered.
    pub unsettled: u64,
}

impl RemoteTotals {
    /// All counts zero. `budget` is the most requests of the run, if they are limited.
    #[must_use]
    pub fn new(budget: Option<u64>) -> Self {
        Self {
            budget,
            ..Self::default()
        }
    }

    /// Images that the run asks about: eligible, not known, and within the budget.
    #[must_use]
    pub const fn to_ask(&self) -> u64 {
        self.eligible
            .saturating_sub(self.cached)
            .saturating_sub(self.not_asked)
    }

    /// The most requests that are charged: the planned ones, or those that were or may have been.
    #[must_use]
    pub const fn charged_at_most(&self) -> u64 {
        if self.is_plan {
            self.to_ask()
        } else {
            self.charged.saturating_add(self.maybe_charged)
        }
    }
}

/// Files that walking folders and patterns passed over.
#[derive(Clone, Debug, Default, Eq, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PassedOver {
    /// Images of other formats, by their extension in lower case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_extension: BTreeMap<String, u64>,
    /// Files and folders that an exclude matched.
    #[serde(skip_serializing_if = "is_zero")]
    pub excluded: u64,
    /// Images that an ignore file leaves out, or that are hidden by their names. The contents of
    /// such a folder are not counted.
    #[serde(skip_serializing_if = "is_zero")]
    pub ignored: u64,
    /// FIFOs, sockets and devices.
    #[serde(skip_serializing_if = "is_zero")]
    pub special: u64,
    /// Files that are named like an image and are not one (`a.jpg!w400` that holds text).
    #[serde(skip_serializing_if = "is_zero")]
    pub misnamed: u64,
    /// Files that a walk found a second time.
    #[serde(skip_serializing_if = "is_zero")]
    pub duplicates: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Totals {
    /// All counts zero. Pass `remote` where the paid stage was asked for.
    #[must_use]
    pub fn new(remote: Option<RemoteTotals>) -> Self {
        Self {
            remote,
            ..Self::default()
        }
    }

    /// Counts an image.
    pub fn add(&mut self, report: &Report) {
        count_up(&mut self.outcomes, report.outcome() as usize);
        if report.outcome() == Outcome::Reject {
            count_up(&mut self.rejected_at, report.stage() as usize);
        }
        self.count_codes(report);
        let facts = report.facts();
        let read = facts.bytes_read.unwrap_or(0);
        self.bytes_read += read;
        // A server need not state the length; the bytes that were read exist all the same.
        self.bytes_total += facts.bytes.unwrap_or(0).max(read);
        if let Some(totals) = &mut self.remote {
            totals.add(report);
        }
    }

    /// Counts a mention of an image that was counted before.
    pub const fn add_repeat(&mut self) {
        self.duplicates += 1;
    }

    fn count_codes(&mut self, report: &Report) {
        let findings = report.findings();
        for (index, finding) in findings.iter().enumerate() {
            let mut earlier = findings.iter().take(index);
            if finding.effect.severity() > Severity::Note
                && earlier.all(|other| other.code != finding.code)
            {
                let code = finding.code;
                self.by_code.entry(code.id()).or_insert((code, 0)).1 += 1;
            }
        }
    }

    /// All images, each once.
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

    /// Images by the codes of their errors and warnings, in the order of the codes.
    pub fn by_code(&self) -> impl ExactSizeIterator<Item = (Code, u64)> {
        self.by_code.values().copied()
    }

    /// Images with a code.
    #[must_use]
    pub fn of_code(&self, code: Code) -> u64 {
        self.by_code.get(code.id()).map_or(0, |(_, count)| *count)
    }
}

impl RemoteTotals {
    fn add(&mut self, report: &Report) {
        if report.stage() != Stage::Remote {
            return;
        }
        if report.errors().any(|it| it.code == Code::NoPublicUrl) {
            self.without_address += 1;
            return;
        }
        self.eligible += 1;
        let Some(remote) = report.remote() else {
            self.not_asked += 1;
            return;
        };
        self.cached += u64::from(remote.cached);
        self.not_asked += u64::from(!remote.cached && remote.attempts == 0);
        self.asked += u64::from(remote.attempts);
        self.charged += u64::from(remote.charge == Charge::Yes);
        self.maybe_charged += u64::from(remote.charge == Charge::Unknown);
    }
}

impl PassedOver {
    /// Nothing was passed over.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            by_extension: BTreeMap::new(),
            excluded: 0,
            ignored: 0,
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

/// Counts one more of an enum's variant. Each variant has its slot.
fn count_up(counts: &mut [u64], variant: usize) {
    if let Some(count) = counts.get_mut(variant) {
        *count += 1;
    }
}

#[cfg(test)]
mod tests;
