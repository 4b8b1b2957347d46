//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod explain;
pub(crate) mod flags;
pub(crate) mod generate;
pub(crate) mod ledger;
