//! One image through the paid stage.

use std::sync::atomic::Ordering;

use remote::{ErrorKind, ImageUrl, Ratio, Verdict};
use tokio::sync::SemaphorePermit;

use super::call::{BUDGET_USED_UP, Call, Refusal};
use super::publish::{Published, image_url};
use super::seats::Reservation;
use super::{Detector, Inner, Phase, Seat};
use crate::{
    Asking, Claim, Cleared, Code, Effect, Finding, Gate, ImageIdentity, Known, LedgerError,
    Publication, Report, Stage, VIDEO_MODEL, trace,
};

/// The reason given for an image that an interrupt left unasked.
const NOT_REACHED: &str = "interrupted before it was asked about";

impl Gate {
    /// The paid stage of what passed the free ones.
    ///
    /// `publish` is asked about local images only, and only if it matters: the verdict is not known
    /// and something may still be sent, or it is a known pass that is to be handed over.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: sockets close and permits return. If the paid request was on
    /// its way by then, the ledger counts it as maybe charged.
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
        trace::record(&span, &report, begun);
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

/// The next step for an image.
enum Next<'a> {
    /// Its verdict is known; the video call finds it here.
    Tell(Known, Result<Option<ImageUrl>, Finding>),
    Ask(Ready<'a>),
}

/// Everything that a request needs, and what keeps others from asking the same meanwhile.
struct Ready<'a> {
    published: Published,
    asking: Box<dyn Asking>,
    _local: Option<Box<dyn Asking>>,
    _permit: Option<SemaphorePermit<'a>>,
}

impl<'a> Way<'a> {
    async fn go<F, P>(&self, cleared: Cleared, publish: F) -> Report
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let inner = self.inner();
        let waiting = inner.counts.wait();
        let next = tokio::select! {
            biased;
            () = inner.reached(Phase::Stopping) => Err(Refusal::Stopped),
            next = self.prepare(&cleared, publish) => next,
        };
        drop(waiting);
        match next {
            Ok(Next::Ask(ready)) => self.call(cleared, ready).await,
            Ok(Next::Tell(known, url)) => self.tell(cleared, &known, url),
            Err(refusal) => self.refused(cleared, &refusal),
        }
    }

    /// Everything that comes before a request. Costs nothing, and may be dropped at any await.
    async fn prepare<F, P>(&self, cleared: &Cleared, publish: F) -> Result<Next<'a>, Refusal>
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let inner = self.inner();
        if let Some(known) = self.recall(cleared.identity()).await? {
            return Ok(self.known(cleared, known, publish).await);
        }
        self.may_send()?;
        let may_spend = match self.place {
            None => true,
            Some(place) => place.reserve().await,
        };
        // Fails only if the semaphore is closed, which nobody does.
        let permit = inner.permits.acquire().await.ok();
        // Also where the budget is used up: the verdict of somebody who asks the same is free.
        let asking = match self.claim(cleared.identity()).await? {
            Claim::Known(known) => return Ok(self.known(cleared, known, publish).await),
            Claim::Granted(asking) => asking,
        };
        if !may_spend {
            return Err(Refusal::Budget(BUDGET_USED_UP.to_owned()));
        }
        self.may_send()?;
        let publishing = self.gate.publish(self.detector, cleared, publish);
        let published = publishing.await.map_err(Refusal::Unpublished)?;
        // A public copy has an identity of its own, which may be known.
        let (asking, local) = match published.identity {
            None => (asking, None),
            Some(copy) => match self.claim(copy).await? {
                Claim::Known(known) => return Ok(Next::Tell(known, Ok(Some(published.url)))),
                Claim::Granted(of_copy) => (of_copy, Some(asking)),
            },
        };
        Ok(Next::Ask(Ready {
            published,
            asking,
            _local: local,
            _permit: permit,
        }))
    }

    /// Asks, and once more where the detector cannot read what was uploaded for the video model.
    async fn call(&self, cleared: Cleared, ready: Ready<'_>) -> Report {
        let call = Call::new(self.inner(), self.place, &*ready.asking);
        let Published { url, handed, .. } = &ready.published;
        let answer = self.send(&call, url).await;
        let is_for_video = url
            .as_oss()
            .is_some_and(|oss| oss.model() == Some(VIDEO_MODEL));
        let unread = matches!(&answer, Some(Err(error)) if error.kind() == ErrorKind::NotFetched);
        if !(is_for_video && unread) {
            return self.answered(cleared, &call, url, handed.as_ref(), answer);
        }
        let refused = self.detector.video_uploads_refused();
        refused.store(true, Ordering::Relaxed);
        match self.detector.upload_for_detector(&cleared).await {
            Ok(second) => {
                let answer = self.send(&call, &second).await;
                self.answered(cleared, &call, &second, Some(url), answer)
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
                // Or have taken it back before its turn came.
                if call.sent() == 0
                    && !error.kind().stops_the_run()
                    && let Some(halt) = self.inner().halting.forbids()
                {
                    return self.refused(cleared, &Refusal::Halted(halt));
                }
                self.detector.failed(cleared, url, self.ratio, &error, call)
            }
        };
        if let Some(cause) = call.unrecorded() {
            let message = format!("the answer could not be written down: {cause}");
            report.add(Finding::new(Code::NotRecorded, message).effect(Effect::Note));
        }
        report
    }

    /// The verdict is known; a pass is to be handed over.
    async fn known<F, P>(&self, cleared: &Cleared, known: Known, publish: F) -> Next<'a>
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let url = match &known.answer.verdict {
            Verdict::Pass(_) => {
                let place = self
                    .gate
                    .place_to_hand_over(self.detector, cleared, publish);
                place.await
            }
            Verdict::Fail(_) => Ok(cleared.url().and_then(image_url)),
        };
        Next::Tell(known, url)
    }

    fn tell(
        &self,
        mut cleared: Cleared,
        known: &Known,
        url: Result<Option<ImageUrl>, Finding>,
    ) -> Report {
        self.inner().counts.cached.fetch_add(1, Ordering::Relaxed);
        let url = url.unwrap_or_else(|finding| {
            cleared.report.add(finding.effect(Effect::Note));
            None
        });
        self.detector
            .known(cleared, url.as_ref(), self.ratio, known)
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

    /// Whether anything may be sent at all, before anything is done for it.
    fn may_send(&self) -> Result<(), Refusal> {
        match self.inner().halting.forbids() {
            None => Ok(()),
            Some(halt) => Err(Refusal::Halted(halt)),
        }
    }

    fn refused(&self, cleared: Cleared, refusal: &Refusal) -> Report {
        self.inner()
            .counts
            .not_asked
            .fetch_add(1, Ordering::Relaxed);
        match refusal.finding() {
            Some(finding) => {
                tracing::debug!(code = finding.code.id(), "not asked: {}", finding.message);
                ended(cleared, Stage::Remote, finding)
            }
            None => Report::skipped(NOT_REACHED),
        }
    }

    fn inner(&self) -> &'a Inner {
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
