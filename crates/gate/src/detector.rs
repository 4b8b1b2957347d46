//! The paid stage: what survived the free ones is asked of the service, once.

mod call;
mod known;
mod verdict;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use preflight::Format;
use remote::{Budget, Client, ErrorKind, ImageUrl, Ratio};
use tokio::sync::{Semaphore, watch};

use self::call::Call;
pub(crate) use self::call::Ticket;
use self::known::Known;
use crate::finding::chain;
use crate::verdicts::Question;
use crate::{Cleared, Code, Finding, RemoteFacts, Report, Stage, Validators, VerdictKey, Verdicts};

/// Images that are lent, looked up and asked about at a time: as many as the client has under way,
/// which is more than its pace lets through.
const LANES: usize = 32;

const NOT_REACHED: &str = "interrupted before it was asked about";

/// Asks the service about images that passed the free stages, and keeps the account: what was
/// asked, what was charged, what is known already, and when to stop.
///
/// Clones share all of it. Every question goes through here once: the same content is not asked
/// about twice in a run, nor in a later one if there is a store of verdicts; nothing is sent beyond
/// the budget; and the first answer that says that every other call would fail alike (a refused
/// key, arrears) stops the calls that were not sent yet.
#[derive(Clone, Debug)]
pub struct Detector {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    service: &'static str,
    budget: Budget,
    known: Known,
    halt: OnceLock<Halt>,
    interrupted: watch::Sender<bool>,
    /// How many images may be lent, looked up and asked about at a time.
    lanes: Semaphore,
    totals: Totals,
}

/// Why no further calls are made.
#[derive(Clone, Debug)]
struct Halt {
    code: Code,
    cause: String,
}

impl Halt {
    /// What it says of an image that was not asked about.
    fn finding(&self) -> Finding {
        Finding::new(self.code, format!("not sent: {}", self.cause))
    }
}

/// An image that was not asked about, and why.
pub(crate) fn unasked(cleared: Cleared, finding: Finding) -> Report {
    let mut draft = cleared.draft;
    draft.add(finding);
    draft.finish(Stage::Remote)
}

/// Builds a [`Detector`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct DetectorBuilder {
    client: Client,
    service: &'static str,
    budget: Budget,
    verdicts: Option<Arc<dyn Verdicts>>,
}

/// What a [`Detector`] asked and what that cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Account {
    /// Images whose verdict was known.
    pub cached: u64,
    /// Requests sent, retries included.
    pub asked: u64,
    /// Calls charged.
    pub charged: u64,
    /// Calls that may have been charged: sent, and the answer lost.
    pub maybe_charged: u64,
}

#[derive(Debug, Default)]
struct Totals {
    cached: AtomicU64,
    asked: AtomicU64,
    charged: AtomicU64,
    maybe_charged: AtomicU64,
}

/// What a question about an image would come to, before it is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Foreseen {
    /// What its verdict is kept under, where anything tells its content from another.
    pub key: Option<VerdictKey>,
    /// Whether the verdict is known, so that nothing would be sent.
    pub known: bool,
}

impl Detector {
    /// A detector that asks through `client`, at most 100 requests.
    pub const fn builder(client: Client) -> DetectorBuilder {
        DetectorBuilder {
            client,
            service: RemoteFacts::EMO,
            budget: Budget::new(DetectorBuilder::DEFAULT_BUDGET),
            verdicts: None,
        }
    }

    /// What was asked so far and what that cost.
    #[must_use]
    pub fn account(&self) -> Account {
        let Totals {
            cached,
            asked,
            charged,
            maybe_charged,
        } = &self.inner.totals;
        let read = |total: &AtomicU64| total.load(Ordering::Relaxed);
        Account {
            cached: read(cached),
            asked: read(asked),
            charged: read(charged),
            maybe_charged: read(maybe_charged),
        }
    }

    /// The first failure to write a verdict down, if there was one. The verdict stands all the
    /// same; a later run will pay for it again.
    #[must_use]
    pub fn keep_failure(&self) -> Option<&str> {
        self.inner.known.failure()
    }

    /// What a question about an image would come to, without asking it.
    #[must_use]
    pub fn foresee(&self, cleared: &Cleared, ratio: Ratio) -> Foreseen {
        let key = self.key(cleared, ratio);
        let known = key
            .as_ref()
            .is_some_and(|key| self.inner.known.find(key).is_some());
        Foreseen { key, known }
    }

    /// What the verdict of an image is kept under.
    fn key(&self, cleared: &Cleared, ratio: Ratio) -> Option<VerdictKey> {
        let client = &self.inner.client;
        let question = Question {
            model: client.model(),
            ratio: ratio.as_str(),
            base_url: client.base_url().as_str(),
        };
        if let Some(sha256) = &cleared.draft.facts.sha256 {
            return Some(VerdictKey::of_content(sha256, &question));
        }
        let validators = Validators {
            etag: cleared
                .draft
                .http
                .as_ref()
                .and_then(|http| http.etag.as_deref()),
            last_modified: cleared.draft.last_modified.as_deref(),
            len: cleared.file_len(),
        };
        VerdictKey::of_url(cleared.url.as_ref()?.as_str(), &validators, &question)
    }

    /// Leave to ask about an image, or the report of one that need not, or must not, be asked about.
    ///
    /// Whoever asks about the same content waits here until the first was told; and nothing is
    /// lent or looked up for an image whose request the budget does not hold.
    pub(crate) async fn ticket(
        &self,
        cleared: Cleared,
        ratio: Ratio,
    ) -> Result<Ticket<'_>, Box<Report>> {
        let inner = &*self.inner;
        let key = self.key(&cleared, ratio);
        let turn = match &key {
            Some(key) => Some(inner.known.turn(key).await),
            None => None,
        };
        let lane = inner.lanes.acquire().await.ok();
        if let Some(known) = key.as_ref().and_then(|key| inner.known.find(key)) {
            return Err(Box::new(inner.recalled(cleared, ratio, &known)));
        }
        if *inner.interrupted.borrow() {
            return Err(Box::new(Report::skipped(NOT_REACHED)));
        }
        if let Some(halt) = inner.halt.get() {
            return Err(Box::new(unasked(cleared, halt.finding())));
        }
        match Call::reserve(inner) {
            Some(call) => Ok(Ticket {
                cleared,
                key,
                call,
                _turn: turn,
                _lane: lane,
            }),
            None => Err(Box::new(unasked(
                cleared,
                Finding::new(
                    Code::BUDGET_REACHED,
                    "not sent: the budget of paid requests is used up",
                ),
            ))),
        }
    }

    /// A store that lends local files to the service.
    pub(crate) async fn lend(
        &self,
        path: &Path,
        format: Format,
    ) -> Result<remote::OssUrl, remote::Error> {
        self.inner
            .client
            .temporary_store()
            .upload_as(path, format.name())
            .await
    }

    /// What a failure to lend a file says; one that every other call would meet stops them.
    pub(crate) fn failed_to_lend(&self, error: &remote::Error) -> Finding {
        self.halt_on(error);
        Finding::new(verdict::code_of(error), chain(error))
    }

    /// Stops the calls that were not sent yet, if every one of them would fail alike.
    fn halt_on(&self, error: &remote::Error) {
        if error.kind().is_account_wide() {
            let (code, cause) = (verdict::code_of(error), chain(error));
            let _ = self.inner.halt.set(Halt { code, cause });
        }
    }

    /// Asks about an image that passed the free stages.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its request was written, nothing is spent; dropped later, the call may be
    /// charged and counts as maybe charged.
    pub(crate) async fn ask(&self, ticket: Ticket<'_>, url: &ImageUrl, ratio: Ratio) -> Report {
        let inner = &*self.inner;
        let Ticket {
            cleared,
            key,
            call,
            _turn,
            _lane,
        } = ticket;
        let mut interrupted = inner.interrupted.subscribe();
        let answer = tokio::select! {
            // First: after an interrupt not even a ready call is sent.
            biased;
            _ = interrupted.wait_for(|interrupted| *interrupted) => None,
            answer = inner.client.detect_with(url, ratio, &call) => Some(answer),
        };
        let Some(answer) = answer else {
            let sent = call.may_have_sent();
            drop(call);
            return inner.interrupted(cleared, url, ratio, sent);
        };
        match answer {
            Ok(detection) => {
                call.ended(detection.charge);
                inner.judged(cleared, url, key.as_ref(), &detection)
            }
            Err(error) => {
                call.ended(error.charge());
                self.halt_on(&error);
                // Another call's answer may have stopped this one while it waited for its turn.
                if error.kind() == ErrorKind::Vetoed
                    && let Some(halt) = inner.halt.get()
                {
                    return unasked(cleared, halt.finding());
                }
                inner.failed(cleared, url, ratio, &error)
            }
        }
    }

    /// Gives up: calls in flight end as lost, and nothing more is sent. What was not sent ends as
    /// skipped.
    pub fn interrupt(&self) {
        self.inner.interrupted.send_replace(true);
    }
}

impl DetectorBuilder {
    /// Requests sent unless told otherwise: CNY 0.40 at the documented price, little enough for a
    /// surprise.
    pub const DEFAULT_BUDGET: u64 = 100;

    /// At most so many requests, retries included.
    pub const fn budget(mut self, requests: u64) -> Self {
        self.budget = Budget::new(requests);
        self
    }

    /// Keeps verdicts between runs.
    pub fn verdicts(mut self, store: Arc<dyn Verdicts>) -> Self {
        self.verdicts = Some(store);
        self
    }

    /// The client speaks to the stand-in: verdicts are made up and nothing is charged. Every report
    /// says so.
    pub const fn standin(mut self) -> Self {
        self.service = RemoteFacts::STANDIN;
        self
    }

    /// The detector.
    pub fn build(self) -> Detector {
        let Self {
            client,
            service,
            budget,
            verdicts,
        } = self;
        let known = Known::new(verdicts);
        let inner = Inner {
            client,
            service,
            budget,
            known,
            halt: OnceLock::new(),
            interrupted: watch::Sender::new(false),
            lanes: Semaphore::new(LANES),
            totals: Totals::default(),
        };
        Detector {
            inner: Arc::new(inner),
        }
    }
}
