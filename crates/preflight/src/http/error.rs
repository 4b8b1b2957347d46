//! Why a URL was not seen.

mod kind;

use core::fmt;

use super::reply::object_store::StoreError;
use super::url::UrlError;

pub use kind::{BadRedirect, FetchErrorKind, FetchLimit, Phase, Refusal, Shortage, TlsFault};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a URL was not seen: the reason as data in [`kind`](Self::kind), a sentence for people in
/// `Display`, the cause underneath in `source()`.
///
/// Neither `Display` nor `source()` tells the address that a name resolved to, nor what is special
/// about a refused one: together with a way to try names that would map the network from outside.
/// [`debug`](Self::debug) does, for logs that strangers do not read.
pub struct FetchError {
    kind: FetchErrorKind,
    source: Option<Source>,
    debug: Option<String>,
}

impl FetchError {
    pub(super) const fn new(kind: FetchErrorKind) -> Self {
        Self {
            kind,
            source: None,
            debug: None,
        }
    }

    pub(super) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(super) fn with_debug(mut self, debug: impl fmt::Debug) -> Self {
        self.debug = Some(format!("{debug:?}"));
        self
    }

    /// The reason.
    #[must_use]
    pub const fn kind(&self) -> &FetchErrorKind {
        &self.kind
    }

    /// Whether the fetch would fail for everybody, so that the URL can be rejected. Else it is not
    /// known how it fares elsewhere.
    ///
    /// True for a text that is not a URL, for a signature that has expired or never holds, and for 404, 410 and a store that says
    /// that the object is gone or the signature expired. ([`Opaque`](FetchErrorKind::Opaque) is
    /// neither.)
    #[must_use]
    pub fn is_final(&self) -> bool {
        match &self.kind {
            FetchErrorKind::Url(_)
            | FetchErrorKind::Expired { .. }
            | FetchErrorKind::SpanTooLong { .. } => true,
            FetchErrorKind::Status { status, store, .. } => {
                matches!(status, 404 | 410) || store.as_ref().is_some_and(StoreError::is_final)
            }
            _ => false,
        }
    }

    /// The details that `Display` leaves out because a stranger must not see them.
    #[must_use]
    pub fn debug(&self) -> Option<&str> {
        self.debug.as_deref()
    }
}

impl From<FetchErrorKind> for FetchError {
    fn from(kind: FetchErrorKind) -> Self {
        Self::new(kind)
    }
}

impl From<Refusal> for FetchError {
    fn from(refusal: Refusal) -> Self {
        FetchErrorKind::Refused(refusal).into()
    }
}

impl From<UrlError> for FetchError {
    fn from(error: UrlError) -> Self {
        match error {
            UrlError::Opaque => FetchErrorKind::Opaque.into(),
            error => FetchErrorKind::Url(error).into(),
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// As [`FetchErrorKind`]'s, with its source; not what [`debug`](Self::debug) tells.
impl fmt::Debug for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchError")
            .field("kind", &self.kind)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match (&self.source, &self.kind) {
            (Some(source), _) => Some(source.as_ref()),
            (
                None,
                FetchErrorKind::Url(error) | FetchErrorKind::BadRedirect(BadRedirect::Url(error)),
            ) => error.source(),
            (None, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::error::Error;

    use crate::http::TargetUrl;

    #[test]
    fn a_fetch_error_crosses_threads_and_keeps_the_address_to_itself() {
        fn crosses<T: Send + Sync + 'static>(_: &T) {}
        let error =
            FetchError::new(FetchErrorKind::Refused(Refusal::Address)).with_debug("10.0.0.7");
        crosses(&error);
        assert!(!format!("{error} {error:?} {:?}", error.source().is_none()).contains("10.0"));
        assert_eq!(error.debug(), Some("\"10.0.0.7\""));
    }

    #[test]
    fn the_source_is_told_once() {
        let io = std::io::Error::other("cable cut");
        let error = FetchError::new(FetchErrorKind::Closed).with_source(io);
        assert!(!error.to_string().contains("cable"));
        assert_eq!(error.source().unwrap().to_string(), "cable cut");
        let error = FetchError::from(TargetUrl::parse("http://a:99999/").unwrap_err());
        assert_eq!(error.source().unwrap().to_string(), "invalid port number");
    }

    #[test]
    fn only_what_fails_for_everybody_is_final() {
        let status = |status| FetchErrorKind::Status {
            status,
            store: None,
            retry_after: None,
        };
        for (kind, is_final) in [
            (status(404), true),
            (status(410), true),
            (status(403), false),
            (status(500), false),
            (FetchErrorKind::Closed, false),
            (FetchErrorKind::Refused(Refusal::Address), false),
            (FetchErrorKind::Opaque, false),
            (FetchErrorKind::Url(UrlError::Backslash), true),
        ] {
            assert_eq!(
                FetchError::new(kind.clone()).is_final(),
                is_final,
                "{kind:?}"
            );
        }
        assert_eq!(FetchError::new(status(404)).to_string(), "404 Not Found");
        assert_eq!(FetchError::new(status(599)).to_string(), "599");
    }
}
