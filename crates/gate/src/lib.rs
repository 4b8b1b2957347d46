//! The free checks and the paid one in their order, and a report of which stage said no, why, and
//! what it cost.

mod code;
mod finding;
mod gate;
mod report;
mod stage;

pub use crate::code::{Code, Entry, UnknownCode};
pub use crate::finding::{Finding, Number};
pub use crate::gate::{Gate, GateBuilder};
pub use crate::report::{Charge, Facts, HttpFacts, RemoteFacts, Report};
pub use crate::stage::{Effect, Outcome, Severity, Stage};
