//! How the environment can be wrong.

use crate::variables::NotText;

/// The environment sets a store up in a way that cannot be. No variable's value is repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// An endpoint that is no plain URL.
    #[error(
        "expected an http or https URL without a password or a query in {name}, but found another text"
    )]
    Endpoint {
        /// The variable.
        name: &'static str,
    },
    /// An endpoint without a name for the bucket to stand before.
    #[error(
        "expected the name of a host in {name}, since OSS takes a bucket as part of it only, but found an address"
    )]
    EndpointAddress {
        /// The variable.
        name: &'static str,
    },
    /// Half an access key.
    #[error("expected {missing} beside {found}, but found nothing")]
    HalfAKey {
        /// The variable that is set.
        found: &'static str,
        /// The variable that is not.
        missing: &'static str,
    },
    /// A store that can be in many places, and no word where it is.
    #[error("expected a region in {name}, such as cn-beijing, but found none")]
    NoRegion {
        /// The variable.
        name: &'static str,
    },
    /// A value that is not UTF-8, or that holds control characters.
    #[error("expected text in {name}, but found other bytes")]
    NotText {
        /// The variable.
        name: &'static str,
    },
    /// A region that cannot be one.
    #[error("expected a region such as eu-west-1 in {name}, but found another text")]
    Region {
        /// The variable.
        name: &'static str,
    },
    /// Not a style.
    #[error("expected auto, path or virtual in {name}, but found another word")]
    Style {
        /// The variable.
        name: &'static str,
    },
}

impl From<NotText> for SetupError {
    fn from(NotText { name }: NotText) -> Self {
        Self::NotText { name }
    }
}
