//! The settings in force: flag, then environment, then the project's file, then the user's own, then
//! the default of the profile or of this program.
//!
//! A setting is a row of [`resolve`], [`remote_table`] or [`profile`], and a field of
//! [`file::ConfigFile`] where a file may hold it.

mod environment;
mod error;
mod file;
mod keys;
mod layers;
mod position;
mod profile;
mod project;
mod provenance;
mod remote_table;
mod resolve;
mod stores;
mod suggest;
mod units;

pub(crate) use crate::config::environment::{API_KEY, Environment, variables};
pub(crate) use crate::config::file::OneOf;
pub(crate) use crate::config::profile::keys as profile_keys;
pub(crate) use crate::config::project::schema;
pub(crate) use crate::config::resolve::{Resolved, resolve};
pub(crate) use crate::config::suggest::{did_you_mean, hint};
pub(crate) use crate::config::units::Timeout;
