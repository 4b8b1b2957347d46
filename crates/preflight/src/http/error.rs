//! Why a URL was not seen.

use core::fmt;
use core::time::Duration;

use jiff::Timestamp;

use super::TargetUrl;
use super::signed::Signer;
use super::store::StoreError;
use super::url::UrlError;

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

/// The reasons that a URL was not seen.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FetchErrorKind {
    /// The host, port or scheme must not be dialled, and was not. Whether the service could is not
    /// known.
    Refused(Refusal),
    /// A redirect leads to what is no URL to fetch, or says not where.
    BadRedirect(BadRedirect),
    /// What came is no sound HTTP/1.1, such as another protocol's banner, or two lengths.
    BadHttp,
    /// The server broke the rules of ranges, and did not send the whole file when asked to.
    BadRange,
    /// A page for browsers came instead, such as a captcha.
    BotWall,
    /// The file changed between two requests, twice.
    Changed,
    /// The server closed or reset the connection before enough had come.
    Closed,
    /// The server took no connection, on any of its addresses.
    Connect,
    /// The body is compressed although that was not asked for; it was not decoded.
    Encoded {
        /// The coding, at most 32 characters, escaped.
        coding: String,
    },
    /// The signature had expired before anything was asked. Will fail for everybody.
    Expired {
        /// Whose signature it is.
        signer: Signer,
        /// When it expired.
        at: Timestamp,
    },
    /// A budget ran out.
    Limit(FetchLimit),
    /// The name does not resolve, from here.
    NameNotFound,
    /// An `oss://` URL, which cannot be looked at from here. Nothing is wrong with it.
    Opaque,
    /// Redirects lead in a circle.
    RedirectLoop {
        /// Whether a cookie was set on the way, that a browser would have sent back.
        wants_cookie: bool,
    },
    /// The server answered with a status that is no picture.
    Status {
        /// The status code.
        status: u16,
        /// What an object store said about it.
        store: Option<StoreError>,
        /// What the `Retry-After` field asks for, where it gives seconds.
        retry_after: Option<Duration>,
    },
    /// The TLS handshake failed.
    Tls(TlsFault),
    /// The text is no URL to fetch.
    Url(UrlError),
}

/// What must not be dialled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// An address of the host is not on the public internet.
    Address,
    /// A redirect from https to http.
    Downgrade,
    /// An internal endpoint of Alibaba OSS.
    InternalEndpoint,
    /// A port other than the usual ones.
    Port {
        /// The port.
        port: u16,
    },
}

/// What is wrong with a redirect.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BadRedirect {
    /// There is no `Location`, or an empty one.
    NoLocation,
    /// The `Location` is not UTF-8.
    NotText,
    /// The `Location` is no URL to fetch.
    Url(UrlError),
}

/// Which budget ran out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FetchLimit {
    /// Bytes of all bodies: the header lies beyond.
    BodyBytes {
        /// The budget in bytes.
        limit: u64,
    },
    /// Bytes or fields of a response head.
    Head {
        /// The budget in bytes.
        bytes: usize,
        /// The budget in fields.
        fields: usize,
    },
    /// Requests for ranges.
    Ranges {
        /// The budget.
        limit: u32,
    },
    /// Redirects.
    Redirects {
        /// The budget.
        limit: usize,
    },
    /// Bytes received on the sockets.
    SocketBytes {
        /// The budget in bytes.
        limit: u64,
    },
    /// Time.
    Time {
        /// What took too long.
        phase: Phase,
        /// The budget.
        limit: Duration,
    },
    /// The object is larger than what the caller wanted to fetch.
    WholeBytes {
        /// The budget in bytes.
        limit: u64,
    },
}

/// The parts of a fetch that have a time budget.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Phase {
    /// Looking up the name.
    LookUp,
    /// Until an address accepts.
    Connect,
    /// The TLS handshake.
    Tls,
    /// From a request to the end of the response head.
    Head,
    /// Between two pieces of the body.
    Idle,
    /// The whole fetch.
    Total,
}

/// Why TLS failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TlsFault {
    /// The certificate has expired, or is not yet valid.
    Expired,
    /// Anything else.
    Other,
    /// Nobody that this machine trusts signed the certificate.
    Untrusted,
    /// The certificate is for another name.
    WrongName,
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
    /// True for what is no URL, for an expired signature, and for 404, 410 and a store that says
    /// that the object is gone or the signature expired. ([`Opaque`](FetchErrorKind::Opaque) is
    /// neither.)
    #[must_use]
    pub fn is_final(&self) -> bool {
        match &self.kind {
            FetchErrorKind::Url(_) | FetchErrorKind::Expired { .. } => true,
            FetchErrorKind::Status { status, store, .. } => {
                matches!(status, 404 | 410) || store.as_ref().is_some_and(StoreError::is_final)
            }
            _ => false,
        }
    }

    /// What was left out of `Display` because a stranger must not see it.
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

impl fmt::Display for FetchErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::BadRedirect(fault) => fault.fmt(f),
            Self::BadHttp => f.write_str("expected an HTTP/1.1 response, but found something else"),
            Self::BadRange => {
                f.write_str("expected the range that was asked for, but found another")
            }
            Self::BotWall => {
                f.write_str("expected an image, but found a page that tells browsers from programs")
            }
            Self::Changed => f.write_str("the file changed while it was read"),
            Self::Closed => f.write_str("the server closed the connection too early"),
            Self::Connect => f.write_str("the server takes no connection"),
            Self::Encoded { coding } => {
                write!(
                    f,
                    "expected the image as it is, but found it encoded as \"{coding}\""
                )
            }
            Self::Expired { signer, at } => write!(f, "the {signer} signature expired at {at}"),
            Self::Limit(limit) => limit.fmt(f),
            Self::NameNotFound => f.write_str("the host name does not resolve"),
            Self::Opaque => UrlError::Opaque.fmt(f),
            Self::RedirectLoop {
                wants_cookie: false,
            } => f.write_str("the redirects lead in a circle"),
            Self::RedirectLoop { wants_cookie: true } => {
                f.write_str("the redirects lead in a circle until a cookie is sent back")
            }
            Self::Status { status, store, .. } => {
                write!(f, "{status}")?;
                if let Some(phrase) = http_phrase(*status) {
                    write!(f, " {phrase}")?;
                }
                store
                    .as_ref()
                    .map_or(Ok(()), |store| write!(f, " ({store})"))
            }
            Self::Tls(fault) => fault.fmt(f),
            Self::Url(error) => error.fmt(f),
        }
    }
}

fn http_phrase(status: u16) -> Option<&'static str> {
    hyper::StatusCode::from_u16(status).ok()?.canonical_reason()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => {
                f.write_str("the host is not on the public internet; nothing was sent to it")
            }
            Self::Downgrade => {
                f.write_str("a redirect leads from https to http; it was not followed")
            }
            Self::InternalEndpoint => f.write_str(
                "the host is an internal endpoint of Alibaba OSS; use the bucket's public endpoint",
            ),
            Self::Port { port } => write!(
                f,
                "expected port 80 (http), 443 (https), 8080 or 8443, but found {port}; nothing was sent to it"
            ),
        }
    }
}

impl fmt::Display for BadRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLocation => f.write_str("expected a Location in the redirect, but found none"),
            Self::NotText => f.write_str("expected a Location in UTF-8, but found other bytes"),
            Self::Url(error) => write!(f, "a redirect leads nowhere: {error}"),
        }
    }
}

impl fmt::Display for FetchLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyBytes { limit } => {
                write!(
                    f,
                    "expected the image header within {limit} bytes, but found none"
                )
            }
            Self::Head { bytes, fields } => write!(
                f,
                "expected a response head of at most {bytes} bytes and {fields} fields, but found a longer one"
            ),
            Self::Ranges { limit } => {
                write!(
                    f,
                    "expected the image header within {limit} requests, but found none"
                )
            }
            Self::Redirects { limit } => {
                write!(f, "expected at most {limit} redirects, but found more")
            }
            Self::SocketBytes { limit } => {
                write!(
                    f,
                    "expected at most {limit} bytes from the server, but found more"
                )
            }
            Self::Time { phase, limit } => {
                write!(
                    f,
                    "expected {phase} within {} s, but it took longer",
                    limit.as_secs_f32()
                )
            }
            Self::WholeBytes { limit } => {
                write!(
                    f,
                    "expected an object of at most {limit} bytes, but found a larger one"
                )
            }
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LookUp => "the host's addresses",
            Self::Connect => "a connection",
            Self::Tls => "the TLS handshake",
            Self::Head => "a response head",
            Self::Idle => "more of the body",
            Self::Total => "an answer",
        })
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the server's certificate is not valid now",
            Self::Other => "the TLS handshake failed",
            Self::Untrusted => "the server's certificate is not signed by anyone trusted here",
            Self::WrongName => "the server's certificate is for another name",
        })
    }
}

/// Something about a fetch that is worth a word, whatever its outcome.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Dot segments were resolved in the path of a signed URL: the signature may no longer fit.
    DotSegmentsInSigned,
    /// The signature expires soon, or just has, within a clock's error.
    ExpiresSoon {
        /// When.
        at: Timestamp,
    },
    /// The URL had a fragment; it is not sent.
    FragmentDropped,
    /// The URL is so long that some readers refuse it.
    LongUrl {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The URL is sent in its normalised form, which differs from the text.
    Normalised {
        /// The form that is sent.
        sent: TargetUrl,
    },
    /// The signature is not valid yet.
    NotYetValid {
        /// From when on it is.
        at: Timestamp,
    },
    /// The URL was signed with a temporary key, which may end it earlier than its own expiry.
    TemporaryKey,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DotSegmentsInSigned => f.write_str(
                "dot segments were resolved in the path of a signed URL; the signature may not fit",
            ),
            Self::ExpiresSoon { at } => write!(
                f,
                "the signature expires at {at}, too soon for a queued job"
            ),
            Self::FragmentDropped => f.write_str("the fragment (#…) is not sent"),
            Self::LongUrl { bytes } => {
                write!(f, "the URL has {bytes} bytes; some readers stop at 2048")
            }
            Self::Normalised { sent } => write!(f, "sent as {sent}"),
            Self::NotYetValid { at } => write!(f, "the signature is not valid before {at}"),
            Self::TemporaryKey => {
                f.write_str("signed with a temporary key, which may expire before the URL does")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::error::Error;

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
