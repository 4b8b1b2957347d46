//! The reasons, and their words.

use core::fmt;
use core::time::Duration;

use jiff::Timestamp;

use crate::http::signed::Signer;
use crate::http::store::StoreError;
use crate::http::url::UrlError;

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
