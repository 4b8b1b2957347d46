//! The settings in force: flag, then environment, then `preflight.toml`, then what the profile or this program has by default.

mod discover;
mod error;
mod file;
mod keys;
mod place;
mod suggest;
mod units;

pub(crate) use crate::config::discover::{FILE_NAME, Project, schema};
pub(crate) use crate::config::error::ConfigError;
pub(crate) use crate::config::suggest::did_you_mean;
pub(crate) use crate::config::units::{ByteSize, Span};
