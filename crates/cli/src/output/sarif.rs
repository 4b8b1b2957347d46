//! SARIF 2.1.0, as GitHub's code scanning wants it.
//!
//! GitHub asks for more than the schema: every rule with its three texts, every result with all
//! four numbers of its region and with `primaryLocationLineHash` (GitHub documentation, "SARIF
//! support for code scanning"). All rules are always listed, so that two runs differ only in their
//! results.

mod log;

use std::io::{self, Write};

use gate::{Code, Effect, Finding, Outcome};

use crate::output::anchor::{Anchor, Root};
use crate::output::text::{escaped, facts, is_path, numbered, subject};
use crate::output::{Context, ImageLine, Render, Summary};

/// GitHub refuses a run with more results. Half a kilobyte each, they take some 12 MB of memory at
/// the most.
const MAX_RESULTS: usize = 25_000;
/// Notifications say why an image is unknown; a dead network would repeat one without end.
const MAX_NOTIFICATIONS: usize = 100;

/// Renders one run. Rejections are written as they come, all else behind them, so that the limit
/// on results never drops a rejection for a note.
pub(crate) struct Sarif {
    root: Root,
    profile: String,
    service: Option<&'static str>,
    errors: usize,
    /// Results below an error: at most [`MAX_RESULTS`] of those that there are.
    lesser: Vec<String>,
    lesser_count: usize,
    /// Images that have findings, but no place in a repository.
    nowhere: usize,
    unknown: usize,
    notifications: Vec<log::Notification>,
}

impl Sarif {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            root: Root::of_working_directory(),
            profile: context.profile.name().to_owned(),
            service: context.service,
            errors: 0,
            lesser: Vec::new(),
            lesser_count: 0,
            nowhere: 0,
            unknown: 0,
            notifications: Vec::new(),
        }
    }

    fn result(
        &self,
        image: &ImageLine,
        finding: &Finding,
        anchor: &Anchor,
        nth: usize,
    ) -> log::Result {
        let code = finding.code;
        let seen = image.report.facts();
        let mut text = String::new();
        if !is_path(image) {
            text.push_str(&format!("{}: ", subject(image)));
        }
        text.push_str(&finding.message);
        if finding.limit.is_some() {
            text.push_str(&format!(" ({})", self.profile));
        }
        if let Some(facts) = facts(seen) {
            text.push_str(&format!(". {facts}"));
        }
        text.push('.');
        let uri = anchor.uri();
        log::Result {
            rule_id: code.id(),
            rule_index: Code::ALL.iter().position(|known| *known == code),
            level: level(finding.effect),
            message: log::Text {
                text: escaped(&text).into_owned(),
            },
            partial_fingerprints: log::Fingerprints {
                primary_location_line_hash: if is_path(image) {
                    format!("{}:{uri}:{nth}", code.id())
                } else {
                    format!("{}:{}:{nth}", code.id(), subject(image))
                },
            },
            locations: [log::Location::new(uri, anchor.line)],
            properties: log::ResultProperties {
                stage: code.stage(),
                width: seen.width,
                height: seen.height,
                measured: finding.measured,
                limit: finding.limit,
            },
        }
    }

    fn notify(&mut self, image: &ImageLine) {
        self.unknown += 1;
        if self.notifications.len() >= MAX_NOTIFICATIONS {
            return;
        }
        let Some(finding) = image
            .report
            .findings()
            .iter()
            .find(|finding| finding.effect == Effect::Unknown)
        else {
            return;
        };
        let text = format!("{}: {}", subject(image), finding.message);
        self.notifications.push(log::Notification::about(
            finding.code,
            escaped(&text).into_owned(),
        ));
    }

    /// What the results do not say.
    fn closing_notifications(&mut self, summary: &Summary, dropped: usize) {
        let unnamed = self.unknown.saturating_sub(self.notifications.len());
        let counts = [
            (unnamed, "more images are unknown"),
            (
                self.nowhere,
                "images with findings stand in no file, and are not among the results",
            ),
            (
                dropped,
                "findings are beyond the most results that a run may have, and were left out",
            ),
            (
                usize::from(summary.interrupted),
                "run was interrupted; images that were not reached are absent",
            ),
        ];
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            self.notifications
                .push(log::Notification::new(format!("{count} {what}")));
        }
    }
}

impl Render for Sarif {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\n\"tool\":",
        )?;
        serde_json::to_writer(&mut *out, &log::Tool::of_preflight())?;
        out.write_all(b",\n\"results\":[")
    }

    fn image(&mut self, out: &mut dyn Write, image: &ImageLine) -> io::Result<()> {
        if image.report.outcome() == Outcome::Unknown {
            self.notify(image);
        }
        if image.report.findings().is_empty() {
            return Ok(());
        }
        let Some(anchor) = self.root.anchor(image) else {
            self.nowhere += 1;
            return Ok(());
        };
        for (finding, nth) in numbered(image.report.findings()) {
            let is_error = finding.effect == Effect::Reject;
            let count = if is_error {
                &mut self.errors
            } else {
                &mut self.lesser_count
            };
            *count += 1;
            if *count > MAX_RESULTS {
                continue;
            }
            let result = serde_json::to_string(&self.result(image, finding, &anchor, nth))?;
            if is_error {
                write_result(out, self.errors == 1, &result)?;
            } else {
                self.lesser.push(result);
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let mut written = self.errors.min(MAX_RESULTS);
        for result in self.lesser.drain(..).take(MAX_RESULTS - written) {
            write_result(out, written == 0, &result)?;
            written += 1;
        }
        self.closing_notifications(summary, self.errors + self.lesser_count - written);
        out.write_all(b"\n],\n\"invocations\":[")?;
        serde_json::to_writer(
            &mut *out,
            &log::Invocation {
                execution_successful: !summary.interrupted,
                exit_code: summary.exit.code(),
                properties: log::RunProperties {
                    profile: self.profile.clone(),
                    service: self.service,
                },
                tool_execution_notifications: std::mem::take(&mut self.notifications),
            },
        )?;
        out.write_all(b"]}]}\n")
    }
}

fn write_result(out: &mut dyn Write, is_first: bool, result: &str) -> io::Result<()> {
    let separator = if is_first { "\n" } else { ",\n" };
    out.write_all(separator.as_bytes())?;
    out.write_all(result.as_bytes())
}

/// An image of which nothing could be told is a warning here: nothing is known to be wrong with it.
const fn level(effect: Effect) -> &'static str {
    match effect {
        Effect::Reject => "error",
        Effect::Unknown | Effect::Warning => "warning",
        Effect::Note => "note",
    }
}
