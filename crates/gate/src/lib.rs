//! The free checks and the paid one in their order, and a report of which stage said no, why, and
//! what it cost.
//!
//! ```text
//! input -> header -> limits -> [content] -> [remote] -> report
//! ```
//!
//! A [`Gate`] composes the stages; [`Gate::screen_bytes`] and [`Gate::screen_file`] run the free
//! ones, `screen_url` (feature `http`) fetches first, and `admit` (feature `remote`) asks the paid
//! detector about what passed. Every one gives a [`Report`]: a rejection is data, and so is what
//! could not be found out ([`Outcome::Unknown`]). There is no `Err`: what could be misused is a type.
//!
//! ```
//! use gate::{Gate, Stage};
//! use preflight::Profile;
//!
//! let gate = Gate::builder(Profile::emo()).strict(true).build();
//! let report = gate.screen_bytes(b"");
//! assert_eq!(report.stage(), Stage::Input);
//! assert_eq!(report.errors().next().map(|finding| finding.code.slug()), Some("empty-file"));
//! ```

#[cfg(feature = "remote")]
mod admit;
mod cleared;
mod code;
#[cfg(feature = "decode")]
mod content;
#[cfg(feature = "remote")]
mod detector;
#[cfg(feature = "http")]
mod fetch;
mod finding;
mod gate;
#[cfg(feature = "remote")]
mod handoff;
mod identity;
#[cfg(feature = "remote")]
mod ledger;
mod report;
mod screen;
mod stage;
#[cfg(feature = "http")]
mod url;
#[cfg(feature = "remote")]
mod verdicts;

#[cfg(feature = "remote")]
pub use crate::admit::Publication;
pub use crate::cleared::{Cleared, Screening};
pub use crate::code::{Code, Entry, UnknownCode};
#[cfg(feature = "decode")]
pub use crate::content::DEFAULT_DECODE_MEMORY;
#[cfg(feature = "remote")]
pub use crate::detector::{Account, Detector, DetectorBuilder, Foreseen};
pub use crate::finding::{Finding, Number};
pub use crate::gate::{Gate, GateBuilder};
#[cfg(feature = "remote")]
pub use crate::handoff::{Handoff, VideoInput};
#[cfg(feature = "remote")]
pub use crate::identity::UrlIdentity;
pub use crate::identity::{Sha256, Sha256Error};
#[cfg(feature = "remote")]
pub use crate::ledger::{
    Answer, Asking, CallId, Claim, ImageIdentity, Known, Ledger, LedgerError, MemoryLedger,
    Pending, Question, Settlement, Spent,
};
pub use crate::report::{Charge, Facts, HttpFacts, RemoteFacts, Report};
pub use crate::stage::{Effect, Outcome, Severity, Stage};
#[cfg(feature = "remote")]
pub use crate::verdicts::{KnownVerdict, Ruling, Validators, VerdictKey, Verdicts};

/// Runs the examples of the READMEs.
#[cfg(all(doctest, feature = "remote"))]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../README.md")]
struct Readme;
