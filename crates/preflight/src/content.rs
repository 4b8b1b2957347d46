//! What a file is.

use crate::{Foreign, Header, HeaderError, OtherKind, StandIn, Wrapped};

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[expect(
    clippy::exhaustive_enums,
    reason = "each needs a judgement of its own: a new one must not be taken for another"
)]
pub enum Content {
    /// One of the four formats, with a sound header.
    Image(Header),
    /// An image in a format that the probe does not read.
    Foreign(Foreign),
    /// An image in a wrapping that no reader takes off.
    Wrapped(Wrapped),
    /// Stands in for an image that is elsewhere, and was not seen.
    StandIn(StandIn),
    /// Not an image.
    NotAnImage(OtherKind),
    /// One of the four formats, with a broken or truncated header.
    Broken(HeaderError),
    /// No bytes at all.
    Empty,
}
