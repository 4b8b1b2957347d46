//! What came of one image: data, for whoever renders it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Code, Effect, Facts, Finding, HttpFacts, Outcome, Severity, Stage};
#[cfg(feature = "remote")]
use crate::{HandOff, RemoteFacts};

/// What came of one image: which stage it reached, what was found, what was seen, and what it cost.
///
/// Serialises to the fields of a JSONL image line, less the name of the image, which the caller
/// knows, and reads back from them. What is not known is left out, never null.
///
/// ```
/// use gate::{Code, Gate, Profile, Report};
///
/// let report = Gate::builder(Profile::emo()).build().screen_bytes(&b"GIF89a\x90\x01\xF4\x01\0\0\0"[..]).into_report();
/// let json = serde_json::to_string(&report)?;
/// let read: Report = serde_json::from_str(&json)?;
/// assert_eq!(read, report);
/// assert_eq!(read.errors().next().map(|finding| finding.code), Some(Code::FormatNotAccepted));
/// # Ok::<(), serde_json::Error>(())
/// ```
// `remote = "Self"` makes the derived code two methods of ours, which the two implementations below
// call: reading needs a step more than the fields.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self")]
#[must_use = "a report says whether the image is fit"]
pub struct Report {
    outcome: Outcome,
    /// Where it ended: the stage that rejected it or could not tell, or the last one that ran.
    stage: Stage,
    /// Why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(flatten)]
    pub(crate) facts: Facts,
    // In boxes: most reports are of files and have none of the three, and are moved many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<Box<HttpFacts>>,
    findings: Vec<Finding>,
    #[cfg(feature = "remote")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) remote: Option<Box<RemoteFacts>>,
    #[cfg(feature = "remote")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handoff: Option<Box<HandOff>>,
    /// Warnings reject: while the report grows.
    #[serde(skip)]
    strict: bool,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Report {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut report = Self::deserialize(deserializer)?;
        // A finding does not say whether it rejects or leaves unknown; the outcome does.
        if report.outcome == Outcome::Reject && report.heaviest() == Some(Effect::Unknown) {
            for finding in &mut report.findings {
                if finding.effect == Effect::Unknown {
                    finding.effect = Effect::Reject;
                }
            }
        }
        Ok(report)
    }
}

impl Report {
    /// What came of the image.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Where it ended: the stage that rejected it or could not tell, or the last one that ran.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// Everything found, in the order of the stages.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings that decided a rejection or an unknown: those of severity [`Severity::Error`].
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity() == Severity::Error)
    }

    /// Why the image was skipped.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// What was seen of the image.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What was seen of the server that it came from.
    #[must_use]
    pub fn http(&self) -> Option<&HttpFacts> {
        self.http.as_deref()
    }

    /// What the paid stage said.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn remote(&self) -> Option<&RemoteFacts> {
        self.remote.as_deref()
    }

    /// What the video call wants: on every pass of the paid stage.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn handoff(&self) -> Option<&HandOff> {
        self.handoff.as_deref()
    }

    /// An input that was not looked at, because there is nothing behind it that could be: a path
    /// that does not exist, a URL that is not one. The outcome is the code's usual one.
    pub fn refused(code: Code, message: impl Into<String>) -> Self {
        Self::ended_by(Finding::new(code, message))
    }

    /// The same, with a help of the caller's own in the place of the code's remedy.
    pub fn refused_with(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::ended_by(Finding::new(code, message).help(help))
    }

    fn ended_by(finding: Finding) -> Self {
        let mut report = Self::default();
        report.enter(finding.code.stage());
        report.add(finding);
        report
    }

    /// An image that was not looked at, and why.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Skip,
            reason: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Says otherwise what to do about a code: a caller that knows more than the registry, such as a
    /// command to copy, puts its advice in place of the general one.
    pub fn set_help(&mut self, code: Code, help: impl Into<String>) {
        let help = help.into();
        for finding in &mut self.findings {
            if finding.code == code {
                finding.help = Some(help.clone());
            }
        }
    }
}

/// How a report grows.
impl Report {
    /// Nothing seen, nothing found. Under `strict` warnings will reject.
    pub(crate) fn begin(strict: bool) -> Self {
        Self {
            strict,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let effect = match finding.effect {
            Effect::Warning if self.strict => Effect::Reject,
            other => other,
        };
        let mut finding = finding.effect(effect);
        if finding.severity() == Severity::Error && finding.help.is_none() {
            finding.help = Some(finding.code.entry().remedy.to_owned());
        }
        self.findings.push(finding);
        // A rejection is definite, so it beats what could not be found out.
        self.outcome = match self.heaviest() {
            Some(Effect::Reject) => Outcome::Reject,
            Some(Effect::Unknown) => Outcome::Unknown,
            Some(Effect::Warning | Effect::Note) | None => Outcome::Pass,
        };
    }

    /// Whether anything so far ends the pipeline.
    pub(crate) fn is_decided(&self) -> bool {
        self.outcome != Outcome::Pass
    }

    /// The stage that runs now.
    pub(crate) fn enter(&mut self, stage: Stage) {
        self.stage = stage;
    }

    /// The report, grown.
    pub(crate) fn finish(mut self) -> Self {
        self.strict = false;
        self
    }

    fn heaviest(&self) -> Option<Effect> {
        self.findings.iter().map(|finding| finding.effect).max()
    }
}
