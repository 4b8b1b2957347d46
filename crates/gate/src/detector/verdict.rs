//! From the client's answers to reports.

use jiff::Timestamp;
use remote::{Detection, Error, ErrorKind, Failure, ImageUrl, Ratio, Verdict};

use super::{Inner, NOT_REACHED};
use crate::finding::chain;
use crate::{
    Charge, Cleared, Code, Finding, KnownVerdict, RemoteFacts, Report, Ruling, Stage, VerdictKey,
};

impl Inner {
    /// The service gave a verdict, and it is kept.
    pub(super) fn judged(
        &self,
        cleared: Cleared,
        url: &ImageUrl,
        key: Option<&VerdictKey>,
        detection: &Detection,
    ) -> Report {
        let ruling = ruling(&detection.verdict);
        let mut facts = self.facts(detection.ratio, Some(url));
        facts.request_id = detection.request_id.clone();
        facts.attempts = detection.sent;
        facts.charge = self.charge(detection.charge);
        if let Some(finding) = beyond_the_image(&cleared, &detection.verdict) {
            let mut draft = cleared.draft;
            draft.remote = Some(facts);
            draft.add(finding);
            return draft.finish(Stage::Remote);
        }
        if let Some(key) = key {
            let request_id = detection.request_id.clone();
            let at = Timestamp::now();
            self.known.keep(
                key,
                KnownVerdict {
                    verdict: ruling.clone(),
                    request_id,
                    at,
                },
            );
        }
        finish(cleared, facts, &ruling)
    }

    /// The verdict was known.
    pub(super) fn recalled(&self, cleared: Cleared, ratio: Ratio, known: &KnownVerdict) -> Report {
        self.totals
            .cached
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // A local file was given no address this time.
        let url = cleared
            .url
            .as_ref()
            .and_then(|url| ImageUrl::parse(url.as_str()).ok());
        let mut facts = self.facts(ratio, url.as_ref());
        facts.request_id.clone_from(&known.request_id);
        facts.cached = true;
        finish(cleared, facts, &known.verdict)
    }

    /// There is no verdict.
    pub(super) fn failed(
        &self,
        cleared: Cleared,
        url: &ImageUrl,
        ratio: Ratio,
        error: &Error,
    ) -> Report {
        let mut facts = self.facts(ratio, Some(url));
        facts.http_status = error.http_status();
        facts.api_code = error.api_code().map(str::to_owned);
        facts.api_message = error.api_message().map(str::to_owned);
        facts.request_id = error.request_id().map(str::to_owned);
        facts.attempts = error.sent();
        facts.charge = self.charge(error.charge());
        let mut draft = cleared.draft;
        draft.remote = Some(facts);
        draft.add(Finding::new(code_of(error), chain(error)));
        draft.finish(Stage::Remote)
    }

    /// Whoever asked gave up.
    pub(super) fn interrupted(
        &self,
        cleared: Cleared,
        url: &ImageUrl,
        ratio: Ratio,
        sent: bool,
    ) -> Report {
        if !sent {
            return Report::skipped(NOT_REACHED);
        }
        let mut facts = self.facts(ratio, Some(url));
        facts.attempts = 1;
        facts.charge = self.charge(remote::Charge::Unknown);
        let mut draft = cleared.draft;
        draft.remote = Some(facts);
        let message = "interrupted while the service was asked; it may have been charged";
        draft.add(Finding::new(Code::OUTCOME_LOST, message));
        draft.finish(Stage::Remote)
    }

    fn facts(&self, ratio: Ratio, url: Option<&ImageUrl>) -> RemoteFacts {
        let lease = url.and_then(ImageUrl::as_oss);
        let expires = lease.and_then(remote::OssUrl::expires_at);
        RemoteFacts {
            service: self.service,
            sent_url: url.map(|url| url.as_str().to_owned()),
            model: self.client.model().to_owned(),
            ratio: ratio.as_str(),
            check_pass: None,
            face_bbox: None,
            ext_bbox: None,
            http_status: None,
            api_code: None,
            api_message: None,
            request_id: None,
            charge: Charge::No,
            cached: false,
            attempts: 0,
            oss_url: lease.map(|lease| lease.as_str().to_owned()),
            oss_expires: expires
                .and_then(|at| Timestamp::try_from(at).ok())
                .map(|at| at.to_string()),
            oss_model: lease.and_then(remote::OssUrl::model).map(str::to_owned),
        }
    }

    fn charge(&self, charge: remote::Charge) -> Charge {
        match charge {
            // Made-up verdicts cost nothing.
            _ if self.service == RemoteFacts::STANDIN => Charge::No,
            remote::Charge::No => Charge::No,
            remote::Charge::Unknown => Charge::Unknown,
            remote::Charge::Yes => Charge::Yes,
        }
    }
}

/// Boxes that cannot be of this image are no sound pass. The longer side bounds both coordinates,
/// since it is not documented whether boxes are in px as stored or as turned by EXIF.
fn beyond_the_image(cleared: &Cleared, verdict: &Verdict) -> Option<Finding> {
    let Verdict::Pass(boxes) = verdict else {
        return None;
    };
    let side = cleared.header.longer_side();
    let outside = [boxes.face, boxes.ext]
        .into_iter()
        .find(|area| !area.fits(side, side))?;
    let (width, height) = (cleared.header.width, cleared.header.height);
    Some(Finding::new(
        Code::SERVICE_ERROR,
        format!("expected boxes inside the image of {width} x {height} px, but found {outside}"),
    ))
}

fn ruling(verdict: &Verdict) -> Ruling {
    match verdict {
        Verdict::Pass(boxes) => Ruling::Pass {
            face_bbox: boxes.face.corners(),
            ext_bbox: boxes.ext.corners(),
        },
        Verdict::Fail(failure) => {
            let words =
                |words: fn(&Failure) -> Option<&str>| words(failure).unwrap_or_default().to_owned();
            Ruling::Reject {
                api_code: words(Failure::code),
                api_message: words(Failure::message),
            }
        }
    }
}

/// The report of an image with a verdict, whether it was just given or known.
fn finish(cleared: Cleared, mut facts: RemoteFacts, ruling: &Ruling) -> Report {
    let mut draft = cleared.draft;
    match ruling {
        Ruling::Pass {
            face_bbox,
            ext_bbox,
        } => {
            facts.check_pass = Some(true);
            facts.face_bbox = Some(*face_bbox);
            facts.ext_bbox = Some(*ext_bbox);
        }
        Ruling::Reject {
            api_code,
            api_message,
        } => {
            facts.check_pass = Some(false);
            let stated = |text: &String| (!text.is_empty()).then(|| text.clone());
            facts.api_code = stated(api_code);
            facts.api_message = stated(api_message);
            draft.add(rejection(api_code));
        }
    }
    draft.remote = Some(facts);
    draft.finish(Stage::Remote)
}

/// What a rejection by the service says, in our words; its own stand in the facts.
fn rejection(api_code: &str) -> Finding {
    // A code that is no verdict's, or none at all, is a rejection all the same: `check_pass` is false.
    let code = Code::of_api_code(api_code)
        .filter(|code| code.effect() == crate::Effect::Reject)
        .unwrap_or(Code::REMOTE_REJECTED);
    let summary = lower_first(code.entry().summary);
    let message = match api_code {
        "" => format!("{summary} (no code given)"),
        _ => format!("{summary} ({})", api_code.escape_debug()),
    };
    Finding::new(code, message)
}

/// The code of an error of the client.
pub(super) fn code_of(error: &Error) -> Code {
    match error.kind() {
        ErrorKind::Account => Code::ACCOUNT,
        ErrorKind::Key => Code::KEY_REFUSED,
        ErrorKind::Lost => Code::OUTCOME_LOST,
        ErrorKind::NotFetched => Code::URL_NOT_FETCHED,
        ErrorKind::Throttled => Code::THROTTLED,
        ErrorKind::Vetoed => Code::BUDGET_REACHED,
        _ => Code::SERVICE_ERROR,
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}
