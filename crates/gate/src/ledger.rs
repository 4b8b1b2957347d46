//! Where verdicts, calls and what they cost are written down.

mod memory;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use remote::{Charge, ErrorKind, Pending, Ratio, Verdict};

use crate::{Sha256, UrlIdentity};

pub use self::memory::MemoryLedger;

/// Where verdicts, calls and what they cost are written down.
///
/// A detector asks here before it spends anything: a verdict that is known is not bought again, a
/// question that somebody else is asking is waited for, and no request leaves before it is written
/// down that it is about to. [`MemoryLedger`] is the ledger of one process; one that outlives the
/// process, or that several processes share, implements this trait.
///
/// Implementations bound every wait, and never block the runtime that polls them. Every future may
/// be dropped at any await: what was not acknowledged by then may or may not have been written.
pub trait Ledger: fmt::Debug + Send + Sync {
    /// The verdict that is known for a question. Asks nobody, claims nothing, costs nothing.
    ///
    /// # Errors
    ///
    /// [`LedgerError::NotRead`] if the ledger cannot be read.
    fn recall<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pending<'a, Result<Option<Known>, LedgerError>>;

    /// The verdict, or the right to ask for it: waits, for a bounded time, while somebody else asks
    /// the same question. Questions that share one of their identities are the same.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Busy`] if the other did not come to an end in time; otherwise those of
    /// reading and writing.
    fn claim<'a>(&'a self, question: &'a Question) -> Pending<'a, Result<Claim, LedgerError>>;

    /// The counts of this run, and of the calls that earlier runs left open.
    ///
    /// # Errors
    ///
    /// [`LedgerError::NotRead`] if the ledger cannot be read.
    fn spent(&self) -> Pending<'_, Result<Spent, LedgerError>>;
}

/// The answer to [`Ledger::claim`].
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a verdict is known, or it must be asked for"
)]
pub enum Claim {
    /// The verdict is known.
    Known(Known),
    /// It is not, and nobody else asks for it until this is dropped.
    Granted(Box<dyn Asking>),
}

/// The right to ask one question. Dropped, it frees the question; a call that was intended and
/// neither withdrawn nor settled by then stays open and counts as maybe charged.
pub trait Asking: fmt::Debug + Send + Sync {
    /// Writes down that a request is about to leave. Nothing may leave before this is `Ok`, and a
    /// ledger that survives a crash must have it on the disk by then.
    ///
    /// # Errors
    ///
    /// [`LedgerError::DayBudget`] if the day's requests are used up; [`LedgerError::NotWritten`] if
    /// it could not be written down. Nothing may be sent in either case.
    fn intend(&self) -> Pending<'_, Result<CallId, LedgerError>>;

    /// Takes an intent back: its request certainly did not leave.
    ///
    /// # Errors
    ///
    /// [`LedgerError::NotWritten`] if it could not be written down.
    fn withdraw(&self, call: CallId) -> Pending<'_, Result<(), LedgerError>>;

    /// Writes down what came of a request. A verdict is known from then on, under each identity of
    /// the question's image.
    ///
    /// # Errors
    ///
    /// [`LedgerError::NotWritten`] if it could not be written down; the call stays open then.
    fn settle<'a>(
        &'a self,
        call: CallId,
        settlement: &'a Settlement,
    ) -> Pending<'a, Result<(), LedgerError>>;
}

/// One question: whether this image is fit, by this model, for this ratio, asked of this service.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "these four make a verdict another verdict"
)]
pub struct Question {
    /// Which image.
    pub image: ImageIdentity,
    /// The model that is asked: `emo-detect-v1`.
    pub model: String,
    /// The ratio that is asked for.
    pub ratio: Ratio,
    /// The service's base URL.
    pub base_url: String,
}

/// The identity of an image. A verdict is kept under both identities where both are known,
/// and is found by either.
///
/// With neither, as for a URL whose server sends no validators, nothing tells this image from the
/// next: its calls are written down, and its verdict is not kept.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "an image has its bytes, and a place that vouches for them"
)]
pub struct ImageIdentity {
    /// The SHA-256 of the whole file, where all of it was read.
    pub sha256: Option<Sha256>,
    /// The URL and what its server says of the object behind it.
    pub url: Option<UrlIdentity>,
}

impl ImageIdentity {
    /// Whether anything tells this image from another.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.sha256.is_some() || self.url.is_some()
    }
}

/// The service's answer about an image.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "what an implementation keeps and gives back; a new fact must not be dropped in silence"
)]
pub struct Answer {
    /// Pass with its boxes, or fail with its reason.
    pub verdict: Verdict,
    /// Whether the figure is human-like, where the service said.
    pub humanoid: Option<bool>,
    /// The stand-in made it up. It is kept and given back as what it is; since the base URL is part
    /// of the question, it never answers for the service.
    pub made_up: bool,
}

/// A verdict that was paid for before.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "what an implementation keeps and gives back; a new fact must not be dropped in silence"
)]
pub struct Known {
    /// The service's answer.
    pub answer: Answer,
    /// The service's id of the request that was paid for.
    pub request_id: Option<String>,
    /// When it was said.
    pub at: Timestamp,
}

/// The end of a request that left.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "what an implementation writes down; a new fact must not be dropped in silence"
)]
pub struct Settlement {
    /// Whether it is charged. For a made-up answer: whether it would be.
    pub charge: Charge,
    /// The HTTP status, if an answer began.
    pub http_status: Option<u16>,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// The answer, or why there is none.
    pub outcome: Result<Answer, ErrorKind>,
    /// When that was known.
    pub at: Timestamp,
}

impl Settlement {
    /// The verdict to keep, if there is one.
    #[must_use]
    pub fn known(&self) -> Option<Known> {
        let answer = self.outcome.as_ref().ok()?.clone();
        Some(Known {
            answer,
            request_id: self.request_id.clone(),
            at: self.at,
        })
    }
}

/// A call of this ledger, from its intent to its settlement.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_structs, reason = "a number and nothing else")]
pub struct CallId(pub u64);

/// The counts of a ledger, in requests, each retry one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every implementation must fill in each of them"
)]
pub struct Spent {
    /// Requests of this run that left, or were about to.
    pub asked: u64,
    /// Those of them that are charged.
    pub charged: u64,
    /// Those of them that may be charged: sent, and the answer lost or not understood.
    pub maybe_charged: u64,
    /// Those of them that are neither withdrawn nor settled yet, and whose question is still being
    /// asked.
    pub in_flight: u64,
    /// Calls of earlier runs that were never settled: each may have been charged.
    pub open_before: u64,
}

/// Why a ledger could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Somebody else was asking the same question, and did not come to an end in time.
    #[error(
        "another call about the same image did not end within {} s",
        waited.as_secs()
    )]
    Busy {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The day's requests are used up.
    #[error("the budget of {limit} paid requests a day is used up")]
    DayBudget {
        /// Requests that a day may have.
        limit: u64,
    },
    /// It could not be read.
    #[error("the ledger cannot be read")]
    NotRead(#[source] Box<dyn Error + Send + Sync>),
    /// It could not be written.
    #[error("the ledger cannot be written")]
    NotWritten(#[source] Box<dyn Error + Send + Sync>),
}
