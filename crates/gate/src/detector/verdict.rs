//! From the service's answers to reports, whether they were just given or known.

use remote::{Charge, Detection, Error, FailureReason, ImageUrl, Ratio, Retry, Verdict};

use super::Detector;
use super::call::Call;
use crate::finding::chain;
use crate::{Answer, Cleared, Code, Finding, HandOff, Known, RemoteFacts, Report, Service, Stage};

impl Detector {
    /// The service gave a verdict.
    pub(super) fn judged(
        &self,
        cleared: Cleared,
        url: &ImageUrl,
        handed: Option<&ImageUrl>,
        detection: &Detection,
        call: &Call<'_>,
    ) -> Report {
        let mut facts = self.facts(detection.ratio, Some(url));
        facts.http_status = Some(detection.http_status);
        facts.request_id.clone_from(&detection.request_id);
        facts.attempts = call.sent();
        facts.charge = detection.charge;
        let answer = Answer {
            verdict: detection.verdict.clone(),
            humanoid: detection.humanoid,
            made_up: detection.made_up,
        };
        judged_report(cleared, facts, &answer, handed.or(Some(url)))
    }

    /// The verdict was known. `url` is where the video call finds the image.
    pub(super) fn known(
        &self,
        cleared: Cleared,
        url: Option<&ImageUrl>,
        ratio: Ratio,
        known: &Known,
    ) -> Report {
        let mut facts = self.facts(ratio, url);
        facts.request_id.clone_from(&known.request_id);
        facts.cached = true;
        judged_report(cleared, facts, &known.answer, url)
    }

    /// There is no verdict.
    pub(super) fn failed(
        &self,
        cleared: Cleared,
        url: &ImageUrl,
        ratio: Ratio,
        error: &Error,
        call: &Call<'_>,
    ) -> Report {
        let facts = self.facts(ratio, Some(url));
        failed_report(cleared, facts, error, call.sent())
    }

    /// Whoever asked gave up while a request was on its way.
    pub(super) fn interrupted(
        &self,
        cleared: Cleared,
        url: &ImageUrl,
        ratio: Ratio,
        call: &Call<'_>,
    ) -> Report {
        let mut facts = self.facts(ratio, Some(url));
        facts.attempts = call.sent() + 1;
        facts.charge = Charge::Unknown;
        let message = "interrupted while the service was asked; it may have been charged";
        tracing::warn!("{message}");
        unjudged(cleared, facts, Finding::new(Code::OutcomeLost, message))
    }

    /// Stops the calls that were not sent yet, if every one of them would fail alike.
    pub(crate) fn halt_on(&self, error: &Error) {
        if error.kind().stops_the_run() {
            let code = Code::of_kind(error.kind());
            self.inner.halting.begin(code, chain(error));
            self.inner.line.doubt();
        }
    }

    fn facts(&self, ratio: Ratio, url: Option<&ImageUrl>) -> RemoteFacts {
        let mut facts = RemoteFacts::new(self.client().model(), ratio);
        facts.service = self.inner.service;
        facts.uploaded(url.and_then(ImageUrl::as_oss));
        facts
    }
}

/// What a failed upload says.
pub(crate) fn not_uploaded(error: &Error) -> Finding {
    Finding::new(Code::of_kind(error.kind()), chain(error)).help(error.kind().suggestion())
}

/// The report of an image for which there is no verdict.
pub(crate) fn failed_report(
    cleared: Cleared,
    mut facts: RemoteFacts,
    error: &Error,
    sent: u32,
) -> Report {
    facts.http_status = error.http_status();
    facts.api_code = error.api_code().map(str::to_owned);
    facts.api_message = error.api_message().map(str::to_owned);
    facts.request_id = error.request_id().map(str::to_owned);
    facts.attempts = sent;
    facts.charge = error.charge();
    facts.retry_after = match error.retry() {
        // Up to the next second: not too early.
        Retry::After(pause) => Some(pause.as_secs() + u64::from(pause.subsec_nanos() > 0)),
        Retry::Forbidden => None,
    };
    let finding =
        Finding::new(Code::of_kind(error.kind()), chain(error)).help(error.kind().suggestion());
    unjudged(cleared, facts, finding)
}

fn unjudged(cleared: Cleared, facts: RemoteFacts, finding: Finding) -> Report {
    let mut report = cleared.report;
    report.remote = Some(Box::new(facts));
    report.enter(Stage::Remote);
    report.add(finding);
    report.finish()
}

/// The report of an image with a verdict, which the video call finds at `url`.
pub(crate) fn judged_report(
    cleared: Cleared,
    mut facts: RemoteFacts,
    answer: &Answer,
    url: Option<&ImageUrl>,
) -> Report {
    let mut report = cleared.report;
    report.enter(Stage::Remote);
    facts.humanoid = answer.humanoid;
    if answer.made_up {
        facts.service = Service::Standin;
    }
    match &answer.verdict {
        Verdict::Pass(boxes) => {
            facts.check_pass = Some(true);
            facts.face_bbox = Some(boxes.face.clone());
            facts.ext_bbox = Some(boxes.ext.clone());
            if let Some(finding) = doubts(&report, boxes, facts.ratio) {
                report.add(finding);
            }
            if let Some(finding) = turned(report.facts.orientation) {
                report.add(finding);
            }
        }
        Verdict::Fail(failure) => {
            facts.check_pass = Some(false);
            facts.reason = Some(failure.reason());
            facts.api_code = failure.code().map(str::to_owned);
            facts.api_message = failure.message().map(str::to_owned);
            report.add(rejection(failure, facts.ratio));
        }
    }
    if !report.is_decided() {
        report.handoff = HandOff::of(&report.facts, &facts, url).map(Box::new);
    }
    report.remote = Some(Box::new(facts));
    report.finish()
}

/// What can be doubted about the boxes of a pass. Where the image is stored turned by a quarter, it
/// is not documented whether the boxes are: either way round will do.
fn doubts(report: &Report, boxes: &remote::Boxes, ratio: Ratio) -> Option<Finding> {
    let (width, height) = (report.facts.width?, report.facts.height?);
    let mut doubts = boxes.doubts(width, height, ratio);
    if report
        .facts
        .orientation
        .is_some_and(|orientation| orientation > 4)
    {
        let turned = boxes.doubts(height, width, ratio);
        if turned.len() < doubts.len() {
            doubts = turned;
        }
    }
    let words: Vec<_> = doubts.iter().map(ToString::to_string).collect();
    (!words.is_empty()).then(|| Finding::new(Code::DoubtfulBoxes, words.join("; ")))
}

/// The note on the boxes of an image that viewers show turned or mirrored: no doubt about the boxes
/// themselves, but about the px that they are in.
fn turned(orientation: Option<u8>) -> Option<Finding> {
    let orientation = orientation.filter(|&orientation| orientation != 1)?;
    let said = format!(
        "the EXIF orientation is {orientation}, so the boxes may be in px of the turned image"
    );
    Some(Finding::new(Code::TurnedImage, said).help("store it upright first"))
}

/// What a rejection by the service says, in our words; its own stand in the facts.
fn rejection(failure: &remote::Failure, ratio: Ratio) -> Finding {
    let code = Code::of(failure.reason());
    let said = match (failure.reason(), failure.code(), failure.message()) {
        (FailureReason::Other, None, None) => {
            "the detector rejected the image and gave no reason".to_owned()
        }
        (_, Some(api_code), _) => {
            format!(
                "{} ({})",
                lower_first(code.entry().summary),
                api_code.escape_debug()
            )
        }
        (_, None, _) => format!("{} (no code given)", lower_first(code.entry().summary)),
    };
    Finding::new(code, said).help(failure.reason().suggestion(ratio))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}
