//! In the place of stores, in a command that was built without them.

use std::convert::Infallible;
use std::ffi::OsString;

use gate::{DecodeMemory, Gate, Report};
use preflight::http;

use crate::buckets::Named;
use crate::settings::Settings;

/// No stores.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buckets;

/// No store is set up wrong.
pub(crate) type SetupError = Infallible;

/// No objects.
#[derive(Debug)]
pub(crate) enum Objects {}

#[expect(clippy::unused_self, reason = "as where there are stores")]
impl Buckets {
    pub(crate) const fn open(_: &Settings, _: &DecodeMemory) -> Result<Self, http::SetupError> {
        Ok(Self)
    }

    pub(crate) const fn refuse_wrong_setup(&self, _: &[OsString]) -> Result<(), SetupError> {
        Ok(())
    }

    pub(crate) const fn named(&self, _: &str) -> Option<Named> {
        None
    }

    pub(crate) const fn sign(&self, _: &str) -> Option<Result<(String, &Gate), Box<Report>>> {
        None
    }

    pub(crate) const fn gate(&self) -> Option<&Gate> {
        None
    }

    pub(crate) const fn hosts(&self) -> [(String, u16); 0] {
        []
    }
}

impl Objects {
    pub(crate) const fn next(&mut self) -> Option<Result<String, Box<Report>>> {
        match *self {}
    }

    pub(crate) const fn prefix(&self) -> String {
        match *self {}
    }
}
