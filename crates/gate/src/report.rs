//! What came of one image: data, for whoever renders it.

use serde::Serialize;

use crate::{Code, Effect, Finding, Outcome, Severity, Stage};

/// What came of one image: which stage it reached, what was found, what was seen, and what it cost.
///
/// Serialises to the fields of a JSONL image line, less the name of the image, which the caller
/// knows. What is not known is left out, never null.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[must_use = "a report says whether the image is fit"]
pub struct Report {
    outcome: Outcome,
    stage: Stage,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(flatten)]
    facts: Facts,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<HttpFacts>,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<RemoteFacts>,
}

/// What was seen of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Facts {
    /// The format's lower-case name (`jpeg`, `png`, `bmp`, `webp`, `gif`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// Width in px as stored, before any EXIF orientation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in px as stored, before any EXIF orientation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Bytes in the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Bytes that were read of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_read: Option<u64>,
    /// SHA-256 of the whole file in lower-case hex, where the whole file was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What was seen of the server that an image came from.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct HttpFacts {
    /// The status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The URL that gave it, with the query of a signed one as `?…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
    /// Redirects followed.
    pub redirects: u32,
    /// Requests sent.
    pub requests: u32,
    /// The entity tag, as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Bytes in the whole object, where the server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// What the paid stage said of an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RemoteFacts {
    /// `emo`, or `standin` for made-up verdicts.
    pub service: &'static str,
    /// The URL that the service was given, exact: it is the hand-over.
    #[serde(skip)]
    pub sent_url: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// The ratio that was asked for: `1:1` or `3:4`.
    pub ratio: &'static str,
    /// The service's verdict, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_pass: Option<bool>,
    /// The face, as upper-left and lower-right corner in px; only on a pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face_bbox: Option<[u32; 4]>,
    /// The moving area, as upper-left and lower-right corner in px; only on a pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_bbox: Option<[u32; 4]>,
    /// The HTTP status of the answer, where it was not a verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The service's code, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_code: Option<String>,
    /// The service's message, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_message: Option<String>,
    /// The service's name for the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether the service charges for it.
    pub charge: Charge,
    /// Whether the verdict was known from an earlier run.
    pub cached: bool,
    /// Requests sent for it in this run.
    pub attempts: u32,
    /// The temporary address that the file was lent at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oss_url: Option<String>,
    /// When that address expires, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oss_expires: Option<String>,
    /// The one model that may read that address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oss_model: Option<String>,
}

impl RemoteFacts {
    /// The `service` of the vendor's detector.
    pub const EMO: &str = "emo";
    /// The `service` of the stand-in, whose verdicts are made up.
    pub const STANDIN: &str = "standin";
}

/// Whether the service charges for a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "part of the versioned output schema"
)]
pub enum Charge {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// The request may have arrived; its answer did not.
    Unknown,
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
            .filter(|finding| finding.effect.severity() == Severity::Error)
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
    pub const fn http(&self) -> Option<&HttpFacts> {
        self.http.as_ref()
    }

    /// What the paid stage said.
    #[must_use]
    pub const fn remote(&self) -> Option<&RemoteFacts> {
        self.remote.as_ref()
    }

    /// An input that was not looked at, because there is nothing behind it that could be: a path
    /// that does not exist, a URL that is none. The outcome is the code's usual one.
    pub fn refused(code: Code, message: impl Into<String>) -> Self {
        let mut draft = Draft::default();
        draft.add(Finding::new(code, message));
        draft.finish(code.stage())
    }

    /// An image that was not looked at, and why.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Skip,
            reason: Some(reason.into()),
            ..Draft::default().finish(Stage::Input)
        }
    }
}

/// A report in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) facts: Facts,
    pub(crate) http: Option<HttpFacts>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) remote: Option<RemoteFacts>,
    /// The server's date of the last change, which tells one content of a URL from the next.
    #[cfg(feature = "http")]
    pub(crate) last_modified: Option<String>,
    /// Warnings reject.
    pub(crate) strict: bool,
}

impl Draft {
    pub(crate) fn add(&mut self, finding: Finding) {
        let effect = match finding.effect {
            Effect::Warning if self.strict => Effect::Reject,
            other => other,
        };
        self.findings.push(finding.effect(effect));
    }

    /// Whether anything so far ends the pipeline.
    pub(crate) fn is_decided(&self) -> bool {
        self.outcome() != Outcome::Pass
    }

    /// The report, where `stage` is the last that ran.
    pub(crate) fn finish(self, stage: Stage) -> Report {
        Report {
            outcome: self.outcome(),
            stage,
            reason: None,
            facts: self.facts,
            http: self.http,
            findings: self.findings,
            remote: self.remote,
        }
    }

    /// A rejection is definite, so it beats what could not be found out.
    fn outcome(&self) -> Outcome {
        let heaviest = self.findings.iter().map(|finding| finding.effect).max();
        match heaviest {
            Some(Effect::Reject) => Outcome::Reject,
            Some(Effect::Unknown) => Outcome::Unknown,
            Some(Effect::Warning | Effect::Note) | None => Outcome::Pass,
        }
    }
}
