//! The free checks and the paid one in their order, and a report of which stage said no, why, and
//! what it cost.

mod cleared;
mod code;
#[cfg(feature = "decode")]
mod content;
mod finding;
mod gate;
mod report;
mod screen;
mod stage;
#[cfg(feature = "remote")]
mod verdicts;

pub use crate::cleared::{Cleared, Screening};
pub use crate::code::{Code, Entry, UnknownCode};
#[cfg(feature = "decode")]
pub use crate::content::DEFAULT_DECODE_MEMORY;
pub use crate::finding::{Finding, Number};
pub use crate::gate::{Gate, GateBuilder};
pub use crate::report::{Charge, Facts, HttpFacts, RemoteFacts, Report};
pub use crate::stage::{Effect, Outcome, Severity, Stage};
#[cfg(feature = "remote")]
pub use crate::verdicts::{KnownVerdict, Ruling, VerdictKey, Verdicts};
