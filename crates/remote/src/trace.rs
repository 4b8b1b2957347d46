//! What an operator sees: one span a call, and a warning where money or a whole run is at stake.

use std::time::Instant;

use tracing::field::{Empty, display};
use tracing::{Instrument, Span, debug, info_span, warn};

use crate::charge::Charge;
use crate::detection::{Detection, Verdict};
use crate::error::Error;
use crate::image_url::ImageUrl;
use crate::ratio::Ratio;

/// Runs a call in a span of its own. The README documents its fields.
pub(crate) async fn call(
    image: &ImageUrl,
    ratio: Ratio,
    model: &str,
    call: impl Future<Output = Result<Detection, Error>>,
) -> Result<Detection, Error> {
    let span = info_span!(
        "detect", %image, %ratio, model, outcome = Empty, code = Empty, charge = Empty, attempts = Empty,
        elapsed_ms = Empty
    );
    let start = Instant::now();
    let answer = call.instrument(span.clone()).await;
    span.record("elapsed_ms", start.elapsed().as_millis());
    span.in_scope(|| match &answer {
        Ok(detection) => answered(&span, detection),
        Err(error) => failed(&span, error),
    });
    answer
}

/// Runs an upload in a span of its own, whose outcome is `uploaded` or the error's kind.
pub(crate) async fn upload<T>(
    model: &str,
    upload: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let span = info_span!(
        "upload",
        model,
        outcome = Empty,
        code = Empty,
        attempts = Empty,
        elapsed_ms = Empty
    );
    let start = Instant::now();
    let answer = upload.instrument(span.clone()).await;
    span.record("elapsed_ms", start.elapsed().as_millis());
    match &answer {
        Ok(_) => {
            span.record("outcome", "uploaded");
        }
        Err(error) => span.in_scope(|| failed(&span, error)),
    }
    answer
}

fn answered(span: &Span, detection: &Detection) {
    let (outcome, code) = match &detection.verdict {
        Verdict::Pass(_) => ("pass", None),
        Verdict::Fail(failure) => ("fail", failure.code()),
    };
    record(span, outcome, code, detection.charge, detection.attempts);
    debug!(request_id = detection.request_id, "verdict");
}

fn failed(span: &Span, error: &Error) {
    record(
        span,
        error.kind().name(),
        error.api_code(),
        error.charge(),
        error.attempts(),
    );
    if error.kind().stops_the_run() {
        warn!(%error, "every further call will end alike");
    } else if error.charge() != Charge::No {
        warn!(%error, "no verdict for a call that is or may be charged");
    } else {
        debug!(%error, "no verdict");
    }
}

fn record(span: &Span, outcome: &str, code: Option<&str>, charge: Charge, attempts: u32) {
    span.record("outcome", outcome);
    if let Some(code) = code {
        span.record("code", code);
    }
    span.record("charge", display(charge));
    span.record("attempts", attempts);
}
