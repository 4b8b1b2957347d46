//! Merges the settings: a flag beats the environment, then come the project's file, the user's own
//! file, and the default of the profile or of this program.
//!
//! A setting is a row of [`resolve`], [`remote_table`] or [`profile`], and a field of
//! [`file::ConfigFile`] if a file may hold it.

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

pub(crate) use crate::config::profile::keys as profile_keys;
pub(crate) use crate::config::project::schema;
pub(crate) use crate::config::resolve::{Resolved, resolve};
