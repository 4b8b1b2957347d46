//! The paid stage: what survived the free ones is asked of the service, once.

mod account;
mod ask;
mod call;
mod halt;
mod line;
mod publish;
mod run;
mod seats;
mod verdict;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use preflight::Format;
use remote::{Client, Ratio};
use tokio::sync::{Semaphore, watch};

use self::account::Counts;
use self::halt::Halting;
use self::line::Line;
use crate::{
    Allowance, Cleared, DailyBudget, HandOff, ImageIdentity, Ledger, LedgerError, MemoryLedger,
    Question, Service, Source, UploadError, VIDEO_MODEL,
};

pub use self::account::Account;
pub use self::halt::Halt;
pub use self::run::{Run, Seat};
#[cfg(feature = "test-util")]
pub(crate) use self::verdict::{failed_report, judged_report};

/// Asks the service about images that passed the free stages, keeps the account, and knows when to
/// stop.
///
/// Clones share all of it. No question is asked twice at a time, and none whose verdict the
/// [`Ledger`] knows. Before a request leaves, the [`Allowance`] is asked and the ledger has written
/// it down. The first answer that says that every other call would fail alike (a refused key,
/// arrears, somebody who is not the service) halts the detector: nothing is sent until it is
/// [resumed](Self::resume), or until it has cooled down and one call has found the fault mended.
///
/// Its memory over the life of the process is bounded: the ledger's room, the images under
/// way ([`DetectorBuilder::concurrency`]), and a handful of counters.
#[derive(Clone, Debug)]
pub struct Detector {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    service: Service,
    allowance: Arc<dyn Allowance>,
    ledger: Arc<dyn Ledger>,
    halting: Halting,
    phase: watch::Sender<Phase>,
    /// How many images may be uploaded, looked up and asked about at a time.
    permits: Semaphore,
    line: Line,
    counts: Counts,
    /// Whether the detector's model was seen to refuse what was uploaded for the video model.
    video_uploads_refused: AtomicBool,
}

/// Whether anything may be sent, and whether what was sent is waited for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Phase {
    Open,
    Stopping,
    Interrupted,
}

/// Builds a [`Detector`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct DetectorBuilder {
    client: Client,
    service: Service,
    allowance: Arc<dyn Allowance>,
    ledger: Arc<dyn Ledger>,
    cool_down: Option<Duration>,
    concurrency: NonZeroUsize,
}

/// The price of a question, before it is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The question.
    pub question: Question,
    /// Whether its verdict is known, so that nothing would be sent.
    pub known: bool,
}

impl Detector {
    /// A detector that asks through `client`.
    pub fn builder(client: Client) -> DetectorBuilder {
        DetectorBuilder {
            client,
            service: Service::Emo,
            allowance: Arc::new(DailyBudget::new(DetectorBuilder::DEFAULT_BUDGET)),
            ledger: Arc::new(MemoryLedger::default()),
            cool_down: Some(DetectorBuilder::DEFAULT_COOL_DOWN),
            concurrency: DetectorBuilder::DEFAULT_CONCURRENCY,
        }
    }

    /// The client that it asks through.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// Where it writes down what it asks.
    #[must_use]
    pub fn ledger(&self) -> &dyn Ledger {
        &*self.inner.ledger
    }

    /// The calls so far, and their cost.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub async fn account(&self) -> Result<Account, LedgerError> {
        let spent = self.inner.ledger.spent().await?;
        let left = self.inner.allowance.left();
        Ok(self.inner.counts.account(spent, left))
    }

    /// Why nothing is sent, if so.
    #[must_use]
    pub fn halted(&self) -> Option<Halt> {
        self.inner.halting.halt()
    }

    /// Lets calls be sent again: after a halt, once its cause is mended, and after
    /// [`stop_sending`](Self::stop_sending) or [`interrupt`](Self::interrupt).
    pub fn resume(&self) {
        self.inner.halting.lift();
        self.video_uploads_refused().store(false, Ordering::Relaxed);
        self.inner.phase.send_replace(Phase::Open);
    }

    /// Sends nothing more. What was sent may still be answered; what was not ends as skipped.
    pub fn stop_sending(&self) {
        self.advance(Phase::Stopping);
    }

    /// Gives up: sends nothing more, and drops what was sent, which counts as maybe charged.
    pub fn interrupt(&self) {
        self.advance(Phase::Interrupted);
    }

    /// A batch that asks at most `budget` requests, retries included, in the order of its input.
    #[must_use]
    pub fn run(&self, budget: u64) -> Run {
        Run::new(self.clone(), budget)
    }

    /// The price of a question about an image, without asking it. Reads all of a local image
    /// for its hash, off the runtime's own threads.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read. An image that cannot be read is not known.
    pub async fn estimate(
        &self,
        cleared: &mut Cleared,
        ratio: Ratio,
    ) -> Result<Estimate, LedgerError> {
        // An image that cannot be read here fails again when it is asked about, and is told then.
        let _ = cleared.identify().await;
        let question = self.question(cleared.identity(), ratio);
        let known = self.inner.ledger.recall(&question).await?.is_some();
        Ok(Estimate { question, known })
    }

    /// Uploads an image for the video model, and gives the hand-off with its address: ready to be
    /// sent, unless the stand-in made it up. Not charged. The address is good for 48 hours.
    ///
    /// # Errors
    ///
    /// [`UploadError::Changed`] if the image is not the one that the hand-off is about; otherwise
    /// those of reading and uploading it.
    pub async fn upload_for_video(
        &self,
        source: &Source,
        handoff: &HandOff,
    ) -> Result<HandOff, UploadError> {
        let judged = handoff.call().sha256;
        let probed = source.clone();
        let extension = tokio::task::spawn_blocking(move || probed.extension()).await;
        let extension = extension.unwrap_or_else(|_| Format::Jpeg.name());
        let oss = self.upload(source, extension, VIDEO_MODEL, judged).await?;
        Ok(handoff.clone().at(&oss.into()))
    }

    /// Whether the detector's model was seen to refuse what was uploaded for the video model.
    pub(crate) fn video_uploads_refused(&self) -> &AtomicBool {
        &self.inner.video_uploads_refused
    }

    fn question(&self, image: ImageIdentity, ratio: Ratio) -> Question {
        let client = &self.inner.client;
        Question {
            image,
            model: client.model().to_owned(),
            ratio,
            base_url: client.base_url().as_str().to_owned(),
        }
    }

    fn advance(&self, to: Phase) {
        self.inner
            .phase
            .send_modify(|phase| *phase = to.max(*phase));
    }
}

impl Inner {
    fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Ends when the phase is reached.
    async fn reached(&self, phase: Phase) {
        // An error says that the sender is gone, which we hold.
        let _ = self.phase.subscribe().wait_for(|now| *now >= phase).await;
    }
}

impl DetectorBuilder {
    /// Requests a day unless told otherwise: CNY 0.40 at the documented price, little enough for a
    /// surprise.
    pub const DEFAULT_BUDGET: u64 = 100;

    /// How long a halted detector sends nothing unless told otherwise. One call an hour finds out
    /// whether a bill was paid, and costs nothing where it was not.
    pub const DEFAULT_COOL_DOWN: Duration = Duration::from_secs(60 * 60);

    /// Images under way unless told otherwise: six seconds of work at five requests a second.
    pub const DEFAULT_CONCURRENCY: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not 0");

    /// Who gives leave for each request: [`DailyBudget`], [`Budget`](remote::Budget),
    /// [`Unlimited`](remote::Unlimited), or an account for each tenant. Without it: 100 requests a
    /// day.
    pub fn allowance(mut self, allowance: Arc<dyn Allowance>) -> Self {
        self.allowance = allowance;
        self
    }

    /// Where verdicts and calls are written down. Without it: a [`MemoryLedger`].
    pub fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.ledger = ledger;
        self
    }

    /// The client speaks to the stand-in, and every report says so. Without it, those say so whose
    /// answer does: not those of calls that failed.
    pub const fn standin(mut self) -> Self {
        self.service = Service::Standin;
        self
    }

    /// How long a halt lasts before one call may try again; `None` for until it is resumed.
    pub const fn cool_down(mut self, cool_down: Option<Duration>) -> Self {
        self.cool_down = cool_down;
        self
    }

    /// How many images may be uploaded, looked up and asked about at a time.
    pub const fn concurrency(mut self, images: NonZeroUsize) -> Self {
        self.concurrency = images;
        self
    }

    /// The detector.
    #[must_use]
    pub fn build(self) -> Detector {
        let inner = Inner {
            client: self.client,
            service: self.service,
            allowance: self.allowance,
            ledger: self.ledger,
            halting: Halting::new(self.cool_down),
            phase: watch::Sender::new(Phase::Open),
            permits: Semaphore::new(self.concurrency.get().min(Semaphore::MAX_PERMITS)),
            line: Line::new(),
            counts: Counts::default(),
            video_uploads_refused: AtomicBool::new(false),
        };
        Detector {
            inner: Arc::new(inner),
        }
    }
}
