//! Objects of stores: `s3://bucket/key`, and all below `s3://bucket/prefix/`; likewise `oss://`, where
//! OSS is set up. In a command that was built without the feature `stores`, no store is set up.

#[cfg(not(feature = "stores"))]
mod absent;
#[cfg(feature = "stores")]
mod objects;
#[cfg(feature = "stores")]
mod set_up;

use gate::Report;

#[cfg(not(feature = "stores"))]
pub(crate) use crate::buckets::absent::{Buckets, Objects, SetupError};
#[cfg(feature = "stores")]
pub(crate) use crate::buckets::objects::Objects;
#[cfg(feature = "stores")]
pub(crate) use crate::buckets::set_up::{Buckets, SetupError};

/// What an address of a store that is set up names.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "stores"),
    expect(dead_code, reason = "no store is set up without the feature")
)]
pub(crate) enum Named {
    /// One object.
    Object,
    /// All objects whose keys begin so.
    Objects(Box<Objects>),
    /// Nothing that can be looked at, and why.
    Nothing(Box<Report>),
}
