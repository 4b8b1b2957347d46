//! The settings in force: flag, then environment, then `preflight.toml`, then what the profile or
//! this program has by default.

mod discover;
mod environment;
mod error;
mod file;
mod inputs;
mod keys;
mod ledger;
mod limit;
mod limits;
mod place;
mod profiles;
mod remote;
mod resolve;
mod suggest;
mod units;

pub(crate) use crate::config::discover::schema;
pub(crate) use crate::config::environment::Environment;
pub(crate) use crate::config::error::ConfigError;
pub(crate) use crate::config::resolve::{InForce, resolve};
pub(crate) use crate::config::suggest::did_you_mean;
