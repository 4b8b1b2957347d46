#![doc = include_str!("../README.md")]

mod asking;
mod call;
mod claim;
mod clear;
mod clock;
mod export;
mod fault;
mod file_id;
mod info;
mod ledger;
mod open_error;
mod options;
mod pace;
mod place;
mod question;
mod request_id;
mod run;
mod schema;
mod seal;
mod store;
mod verdict;
mod worker;

pub use crate::clear::{ClearError, ClearWhat, Cleared, clear};
pub use crate::export::{Asked, CallEntry, DayEntry, Entry, Export, VerdictEntry, export};
pub use crate::fault::Fault;
pub use crate::info::{Info, OpenRun, Standing, Total, Verdicts, info};
pub use crate::ledger::{SqliteLedger, open, open_for_reading};
pub use crate::open_error::OpenError;
pub use crate::options::{Options, Recall};
pub use crate::pace::SharedPace;
pub use crate::place::{FILE_NAME, Found, link_below, place};
pub use crate::seal::SealKey;
