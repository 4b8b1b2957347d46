//! One image through the paid stage.

use std::sync::atomic::Ordering;

use remote::{ErrorKind, ImageUrl, Ratio};

use super::call::{BUDGET_USED_UP, Call, Refusal};
use super::seats::Reservation;
use super::{Detector, Inner, Phase, Seat};
use crate::publish::Published;
use crate::{
    Asking, Claim, Cleared, Code, Finding, Gate, ImageIdentity, Known, LedgerError, Publication,
    Report, Stage,
};

/// What is said of an image that an interrupt came before.
const NOT_REACHED: &str = "interrupted before it was asked about";

impl Gate {
    /// The paid stage of what passed the free ones.
    ///
    /// `publish` is asked about local images only, and only if it matters: the verdict is not known
    /// and something may still be sent, or it is a known pass that is to be handed over.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: sockets close and permits return. If the paid request was on its
    /// way by then, the ledger counts it as maybe charged.
    pub async fn ask<F, P>(
        &self,
        seat: impl Into<Seat>,
        mut cleared: Cleared,
        ratio: Ratio,
        publish: F,
    ) -> Report
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let Seat { detector, place } = seat.into();
        if let Err((stage, finding)) = cleared.identify().await {
            return ended(cleared, stage, finding);
        }
        let way = Way {
            gate: self,
            detector: &detector,
            place: place.as_ref(),
            ratio,
        };
        let span = tracing::info_span!(
            "call",
            model = detector.client().model(),
            ratio = ratio.as_str(),
            outcome = tracing::field::Empty,
            code = tracing::field::Empty,
            charge = tracing::field::Empty,
            cached = tracing::field::Empty,
            attempts = tracing::field::Empty,
            elapsed_ms = tracing::field::Empty,
        );
        let begun = tokio::time::Instant::now();
        let report = tracing::Instrument::instrument(way.go(cleared, publish), span.clone()).await;
        record(&span, &report, begun.elapsed());
        report
    }
}

/// The way of one image.
struct Way<'a> {
    gate: &'a Gate,
    detector: &'a Detector,
    place: Option<&'a Reservation>,
    ratio: Ratio,
}

impl Way<'_> {
    async fn go<F, P>(&self, cleared: Cleared, publish: F) -> Report
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let inner = self.inner();
        let _waiting = inner.counts.wait();
        match self.recall(cleared.identity()).await {
            Ok(None) => {}
            Ok(Some(known)) => return self.recalled(cleared, &known, publish).await,
            Err(refusal) => return self.refused(cleared, &refusal),
        }
        if let Some(refusal) = self.forbidden() {
            return self.refused(cleared, &refusal);
        }
        let may_spend = match self.place {
            None => true,
            Some(place) => tokio::select! {
                biased;
                () = inner.reached(Phase::Stopping) => return self.refused(cleared, &Refusal::Stopped),
                set_aside = place.reserve() => set_aside,
            },
        };
        // Fails only if the semaphore is closed, which nobody does.
        let _permit = inner.permits.acquire().await.ok();
        // Whoever asks the same is waited for also where the budget is used up: its verdict is free.
        let asking = match self.claim(cleared.identity()).await {
            Ok(Claim::Known(known)) => return self.recalled(cleared, &known, publish).await,
            Ok(Claim::Granted(asking)) => asking,
            Err(refusal) => return self.refused(cleared, &refusal),
        };
        if !may_spend {
            return self.refused(cleared, &Refusal::Budget(BUDGET_USED_UP.to_owned()));
        }
        if let Some(refusal) = self.forbidden() {
            return self.refused(cleared, &refusal);
        }
        let published = match self.gate.publish(self.detector, &cleared, publish).await {
            Ok(published) => published,
            Err(finding) => {
                self.not_asked(&finding);
                return ended(cleared, Stage::Remote, finding);
            }
        };
        // A public copy has an identity of its own, which may be known.
        match published.identity {
            None => self.call(cleared, published, &*asking).await,
            Some(identity) => match self.claim(identity).await {
                Ok(Claim::Known(known)) => self.known(cleared, &known, Some(&published.url)),
                Ok(Claim::Granted(asking)) => self.call(cleared, published, &*asking).await,
                Err(refusal) => self.refused(cleared, &refusal),
            },
        }
    }

    /// Asks, and once more where the detector cannot read what was uploaded for the video model.
    async fn call(&self, cleared: Cleared, published: Published, asking: &dyn Asking) -> Report {
        let call = Call::new(self.inner(), self.place, asking);
        let Published { url, handed, .. } = published;
        let answer = self.send(&call, &url).await;
        let unread = handed.is_none()
            && url
                .as_oss()
                .is_some_and(|oss| oss.model() == Some(crate::VIDEO_MODEL))
            && matches!(&answer, Some(Err(error)) if error.kind() == ErrorKind::NotFetched);
        if !unread {
            return self.answered(cleared, &call, &url, handed.as_ref(), answer);
        }
        self.detector
            .video_uploads_refused()
            .store(true, Ordering::Relaxed);
        match self.detector.upload_for_detector(&cleared).await {
            Ok(second) => {
                let answer = self.send(&call, &second).await;
                self.answered(cleared, &call, &second, Some(&url), answer)
            }
            Err(finding) => ended(cleared, Stage::Remote, finding),
        }
    }

    /// The answer, or nothing if an interrupt came first.
    async fn send(
        &self,
        call: &Call<'_>,
        url: &ImageUrl,
    ) -> Option<Result<remote::Detection, remote::Error>> {
        let inner = self.inner();
        tokio::select! {
            // First: after an interrupt not even a ready call is sent.
            biased;
            () = inner.reached(Phase::Interrupted) => None,
            answer = inner.client.detect_with(url, self.ratio, call) => Some(answer),
        }
    }

    /// The report of a call that has ended. `handed` is where the video call finds the image, if
    /// elsewhere.
    fn answered(
        &self,
        cleared: Cleared,
        call: &Call<'_>,
        url: &ImageUrl,
        handed: Option<&ImageUrl>,
        answer: Option<Result<remote::Detection, remote::Error>>,
    ) -> Report {
        let mut report = match answer {
            None if call.is_open() => self.detector.interrupted(cleared, url, self.ratio, call),
            None => return self.refused(cleared, &Refusal::Stopped),
            Some(Ok(detection)) => self.detector.judged(cleared, url, handed, &detection, call),
            // Its turn had not come when everything was stopped.
            Some(Err(_)) if call.sent() == 0 && self.inner().phase() != Phase::Open => {
                return self.refused(cleared, &Refusal::Stopped);
            }
            Some(Err(error)) => {
                self.detector.halt_on(&error);
                // Another call's answer may have stopped this one while it waited for its turn.
                if error.kind() == ErrorKind::Vetoed
                    && let Some(refusal) = call.take_refusal()
                {
                    return self.refused(cleared, &refusal);
                }
                self.detector.failed(cleared, url, self.ratio, &error, call)
            }
        };
        if let Some(cause) = call.unrecorded() {
            let message = format!("the answer could not be written down: {cause}");
            report.add(Finding::new(Code::NotRecorded, message).effect(crate::Effect::Note));
        }
        report
    }

    async fn recalled<F, P>(&self, cleared: Cleared, known: &Known, publish: F) -> Report
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let url = match &known.answer.verdict {
            remote::Verdict::Pass(_) => {
                self.gate
                    .place_to_hand_over(self.detector, &cleared, publish)
                    .await
            }
            remote::Verdict::Fail(_) => Ok(cleared.url().and_then(crate::publish::image_url)),
        };
        match url {
            Ok(url) => self.known(cleared, known, url.as_ref()),
            Err(finding) => {
                let mut cleared = cleared;
                cleared.report.add(finding.effect(crate::Effect::Warning));
                self.known(cleared, known, None)
            }
        }
    }

    fn known(&self, cleared: Cleared, known: &Known, url: Option<&ImageUrl>) -> Report {
        self.inner().counts.cached.fetch_add(1, Ordering::Relaxed);
        self.detector.known(cleared, url, self.ratio, known)
    }

    async fn recall(&self, image: ImageIdentity) -> Result<Option<Known>, Refusal> {
        let question = self.detector.question(image, self.ratio);
        let known = self.inner().ledger.recall(&question).await;
        known.map_err(|error| self.no_ledger(error))
    }

    async fn claim(&self, image: ImageIdentity) -> Result<Claim, Refusal> {
        let question = self.detector.question(image, self.ratio);
        let claim = self.inner().ledger.claim(&question).await;
        claim.map_err(|error| self.no_ledger(error))
    }

    fn no_ledger(&self, error: LedgerError) -> Refusal {
        self.inner().cannot_record(&error);
        Refusal::Ledger(error)
    }

    fn forbidden(&self) -> Option<Refusal> {
        if self.inner().phase() != Phase::Open {
            return Some(Refusal::Stopped);
        }
        self.inner().halting.forbids().map(Refusal::Halted)
    }

    fn refused(&self, cleared: Cleared, refusal: &Refusal) -> Report {
        match refusal.finding() {
            Some(finding) => {
                self.not_asked(&finding);
                ended(cleared, Stage::Remote, finding)
            }
            None => {
                self.inner()
                    .counts
                    .not_asked
                    .fetch_add(1, Ordering::Relaxed);
                Report::skipped(NOT_REACHED)
            }
        }
    }

    fn not_asked(&self, finding: &Finding) {
        self.inner()
            .counts
            .not_asked
            .fetch_add(1, Ordering::Relaxed);
        tracing::debug!(code = finding.code.id(), "not asked: {}", finding.message);
    }

    fn inner(&self) -> &Inner {
        &self.detector.inner
    }
}

/// The report of an image that was not asked about.
pub(super) fn ended(cleared: Cleared, stage: Stage, finding: Finding) -> Report {
    let mut report = cleared.report;
    report.enter(stage);
    report.add(finding);
    report.finish()
}

/// Puts on the span what came of the image.
fn record(span: &tracing::Span, report: &Report, elapsed: std::time::Duration) {
    span.record("outcome", report.outcome().name());
    if let Some(finding) = report.errors().next() {
        span.record("code", finding.code.id());
    }
    if let Some(remote) = report.remote() {
        span.record("charge", remote.charge.as_str());
        span.record("cached", remote.cached);
        span.record("attempts", remote.attempts);
    }
    span.record(
        "elapsed_ms",
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    );
}
