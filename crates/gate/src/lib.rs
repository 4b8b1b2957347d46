//! The free checks and the paid one in their order, and a report of which stage said no, why, and
//! what it cost.

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
pub use crate::report::{Charge, Facts, HttpFacts, RemoteFacts, Report};
pub use crate::stage::{Effect, Outcome, Severity, Stage};
#[cfg(feature = "remote")]
pub use crate::verdicts::{KnownVerdict, Question, Ruling, Validators, VerdictKey, Verdicts};
