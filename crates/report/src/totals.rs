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
        *at(&mut self.outcomes, report.outcome() as usize) += 1;
        if report.outcome() == Outcome::Reject {
            *at(&mut self.rejected_at, report.stage() as usize) += 1;
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

/// The slot of an enum's variant in an array that has one for each.
fn at<const N: usize>(counts: &mut [u64; N], index: usize) -> &mut u64 {
    #[expect(
        clippy::indexing_slicing,
        reason = "clamped, and no array of ours is empty"
    )]
    &mut counts[index.min(N - 1)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(json: serde_json::Value) -> Report {
        serde_json::from_value(json).unwrap()
    }

    fn finding(code: &str, severity: &str) -> serde_json::Value {
        json!({"code": code, "severity": severity, "message": "m"})
    }

    fn asked(charge: &str, cached: bool, attempts: u32) -> Report {
        report(json!({
            "outcome": "pass", "stage": "remote", "findings": [],
            "remote": {
                "service": "emo", "model": "emo-detect-v1", "ratio": "1:1", "check_pass": true,
                "charge": charge, "cached": cached, "attempts": attempts,
            },
        }))
    }

    fn added(totals: Totals, reports: impl IntoIterator<Item = Report>) -> Totals {
        let mut totals = totals;
        for report in reports {
            totals.add(&report);
        }
        totals
    }

    #[test]
    fn each_outcome_is_counted_and_only_rejections_by_stage() {
        let outcomes = ["pass", "reject", "unknown", "skip", "reject"];
        let reports = outcomes
            .map(|outcome| report(json!({"outcome": outcome, "stage": "limits", "findings": []})));
        let totals = added(Totals::new(None), reports);
        assert_eq!(totals.images(), 5);
        assert_eq!(
            Outcome::ALL.map(|outcome| totals.of(outcome)),
            Outcome::ALL.map(|outcome| if outcome == Outcome::Reject { 2 } else { 1 })
        );
        assert_eq!(totals.rejected_at(Stage::Limits), 2);
        assert_eq!(totals.rejected_at(Stage::Header), 0);
    }

    #[test]
    fn an_image_counts_once_for_a_code_and_not_for_notes() {
        let image = report(json!({"outcome": "reject", "stage": "header", "findings": [
            finding("PF103", "error"), finding("PF103", "error"),
            finding("PF104", "warning"), finding("PF205", "note"),
        ]}));
        let totals = added(Totals::new(None), [image.clone(), image]);
        let codes: Vec<_> = totals.by_code().map(|(code, n)| (code.id(), n)).collect();
        assert_eq!(codes, [("PF103", 2), ("PF104", 2)]);
        assert_eq!(totals.of_code(Code::OnTheBoundary), 0);
    }

    #[test]
    fn bytes_that_were_read_exist_even_if_the_length_is_not_known() {
        let read = |facts: serde_json::Value| {
            let mut json = json!({"outcome": "pass", "stage": "limits", "findings": []});
            json.as_object_mut()
                .unwrap()
                .extend(facts.as_object().unwrap().clone());
            report(json)
        };
        let reports = [
            read(json!({"bytes": 1_000, "bytes_read": 64})),
            read(json!({"bytes_read": 100})),
        ];
        let totals = added(Totals::new(None), reports);
        assert_eq!((totals.bytes_read, totals.bytes_total), (164, 1_100));
    }

    #[test]
    fn repeats_are_no_images() {
        let mut totals = Totals::new(None);
        totals.add_repeat();
        assert_eq!((totals.images(), totals.duplicates), (0, 1));
    }

    #[test]
    fn the_paid_stage_is_counted_by_what_was_sent_and_charged() {
        let without_url = report(json!({"outcome": "unknown", "stage": "remote",
            "findings": [finding("PF507", "error")]}));
        let over_budget = report(json!({"outcome": "unknown", "stage": "remote",
            "findings": [finding("PF508", "error")]}));
        let rejected_before = report(json!({"outcome": "reject", "stage": "limits",
            "findings": [finding("PF202", "error")]}));
        let totals = added(
            Totals::new(Some(RemoteTotals::new(Some(9)))),
            [
                asked("yes", false, 1),
                asked("unknown", false, 2),
                asked("no", true, 0),
                asked("no", false, 0),
                without_url,
                over_budget,
                rejected_before,
            ],
        );
        let expected = RemoteTotals {
            budget: Some(9),
            eligible: 5,
            without_address: 1,
            cached: 1,
            not_asked: 2,
            asked: 3,
            charged: 1,
            maybe_charged: 1,
            ..RemoteTotals::default()
        };
        let found = totals.remote.unwrap();
        assert_eq!(found, expected);
        assert_eq!(found.charged_at_most(), 2);
        let plan = RemoteTotals {
            is_plan: true,
            ..expected
        };
        assert_eq!((plan.to_ask(), plan.charged_at_most()), (2, 2));
    }
}
