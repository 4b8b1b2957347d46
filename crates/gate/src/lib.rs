//! The free checks and the paid one in their order, and a report of which stage said no, why, and
//! what it cost.
//!
//! ```text
//! input -> header -> limits -> [content] -> [remote] -> report
//! ```
//!
//! A [`Gate`] composes the stages; [`Gate::screen_bytes`] and [`Gate::screen_file`] run the free
//! ones, `screen_url` (feature `http`) fetches first, and `admit_bytes`, `admit_file` and `admit_url`
//! (feature `remote`) ask the paid detector about what passed. Every one leads to a [`Report`]: a
//! rejection is data, and so is what could not be found out ([`Outcome::Unknown`]). There is no
//! `Err`: what could be misused is a type.
//!
//! ```
//! use gate::{Code, Gate, Profile, Stage};
//!
//! let gate = Gate::builder(Profile::emo()).strict(true).build();
//! let report = gate.screen_bytes(&b""[..]).into_report();
//! assert_eq!(report.stage(), Stage::Input);
//! assert_eq!(report.errors().next().map(|finding| finding.code), Some(Code::EmptyFile));
//! ```
//!
//! # For operators
//!
//! With `tracing`, each URL is a span `fetch` with `host`, `outcome`, `code`, `status`, `requests`,
//! `body_bytes` and `elapsed_ms`, and each image in the paid stage a span `call` with `model`,
//! `ratio`, `outcome`, `code`, `charge`, `cached`, `attempts` and `elapsed_ms`, around the client's
//! span `detect` of each call. A halt, its end, an address that was refused, and a call without a
//! verdict that may cost something are events of level `WARN`.

#[cfg(feature = "remote")]
mod admit;
mod advice;
#[cfg(feature = "remote")]
mod budget;
mod cleared;
mod code;
#[cfg(feature = "decode")]
mod content;
#[cfg(feature = "remote")]
mod detector;
mod facts;
#[cfg(feature = "http")]
mod fetch;
mod finding;
mod gate;
#[cfg(feature = "remote")]
mod handoff;
mod identity;
#[cfg(feature = "remote")]
mod ledger;
#[cfg(feature = "remote")]
mod publication;
mod report;
mod screen;
mod source;
mod stage;
#[cfg(feature = "test-util")]
pub mod test_util;
#[cfg(feature = "http")]
mod trace;
#[cfg(feature = "http")]
mod url;

pub use bytes::Bytes;
pub use language::Language;
pub use preflight::{Content, Header, Profile};

#[cfg(feature = "http")]
pub use preflight::http::{AddressPolicy, Fetcher, TargetUrl};
#[cfg(feature = "remote")]
pub use remote::{
    ApiKey, BaseUrl, BoundingBox, Boxes, Budget, Charge, Client, ErrorKind, FailureReason,
    ImageUrl, Pending, Ratio, RequestBudget, Unlimited, Verdict,
};

pub use crate::advice::Advice;
#[cfg(feature = "remote")]
pub use crate::budget::{Allowance, DailyBudget};
pub use crate::cleared::{Cleared, Screening};
pub use crate::code::{Code, Entry, UnknownCode};
#[cfg(feature = "decode")]
pub use crate::content::{DecodeMemory, Permit};
#[cfg(feature = "remote")]
pub use crate::detector::{Account, Detector, DetectorBuilder, Estimate, Halt, Run, Seat};
pub use crate::facts::{Facts, HttpFacts};
#[cfg(feature = "remote")]
pub use crate::facts::{RemoteFacts, Service};
pub use crate::finding::{Finding, Number};
pub use crate::gate::{Gate, GateBuilder};
#[cfg(feature = "remote")]
pub use crate::handoff::{HandOff, VIDEO_MODEL, VideoCall, VideoInput};
#[cfg(feature = "remote")]
pub use crate::identity::UrlIdentity;
pub use crate::identity::{Sha256, Sha256Error};
#[cfg(feature = "remote")]
pub use crate::ledger::{
    Answer, Asking, CallId, Claim, ImageIdentity, Known, Ledger, LedgerError, MemoryLedger,
    Question, Settlement, Spent,
};
#[cfg(feature = "remote")]
pub use crate::publication::{Publication, UploadFor};
pub use crate::report::Report;
pub use crate::source::Source;
#[cfg(feature = "remote")]
pub use crate::source::UploadError;
pub use crate::stage::{Effect, Outcome, Severity, Stage};

/// Runs the examples of the READMEs.
#[cfg(all(doctest, feature = "remote"))]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../README.md")]
struct Readme;
