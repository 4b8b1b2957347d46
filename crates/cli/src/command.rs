//! The commands, one file each.

pub(crate) mod cache;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod explain;
pub(crate) mod generate;
