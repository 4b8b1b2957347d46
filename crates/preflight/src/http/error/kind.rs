//! The reasons, and their words.

use core::fmt;
use core::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::http::presigned::Signer;
use crate::http::reply::object_store::StoreError;
use crate::http::url::UrlError;

/// The reasons that a URL was not seen.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FetchErrorKind {
    /// The host, port or scheme must not be dialled, and was not. Whether the service could is not
    /// known.
    #[error("{0}")]
    Refused(Refusal),
    /// A redirect leads to something that cannot be fetched, or does not say where.
    #[error("{0}")]
    BadRedirect(BadRedirect),
    /// The answer breaks the rules of HTTP/1.1: it is another protocol's banner, or two lengths.
    #[error("expected an HTTP/1.1 response, but found something else")]
    BadHttp,
    /// The server broke the rules of ranges, and did not send the whole file when asked to.
    #[error("expected the range of bytes that was asked for, but found a different one")]
    BadRange,
    /// A page that lets browsers through and programs not, such as a captcha, came instead.
    #[error("expected an image, but found a bot challenge page")]
    BotChallenge,
    /// The file changed between two requests, twice.
    #[error("the file changed while it was read")]
    Changed,
    /// The server closed or reset the connection before enough had come.
    #[error("the server closed the connection too early")]
    Closed,
    /// The server took no connection, on any of its addresses.
    #[error("the server takes no connection")]
    Connect,
    /// The body is compressed although that was not asked for; it was not decoded.
    #[error("expected the image as it is, but found it encoded as \"{coding}\"")]
    Encoded {
        /// The coding, at most 32 characters, escaped.
        coding: String,
    },
    /// The signature had expired before anything was asked. Will fail for everybody.
    #[error("the {signer} signature expired at {at}")]
    Expired {
        /// Whose signature it is.
        signer: Signer,
        /// When it expired.
        at: Timestamp,
    },
    /// A limit was reached.
    #[error("{0}")]
    Limit(FetchLimit),
    /// The name does not resolve, from here.
    #[error("the host name does not resolve")]
    NameNotFound,
    /// An `oss://` URL, which cannot be looked at from here. Nothing is wrong with it.
    #[error("{}", UrlError::Opaque)]
    Opaque,
    /// This machine lacks something. Nothing is known of the server.
    #[error("{0}; nothing is known of the server")]
    OwnShortage(Shortage),
    /// Redirects lead in a circle.
    #[error("the redirects lead in a circle{}", if *.wants_cookie { " until a cookie is sent back" } else { "" })]
    RedirectLoop {
        /// Whether a cookie was set on the way, that a browser would have sent back.
        wants_cookie: bool,
    },
    /// The signature is for longer than its signer allows, so that the store refuses it from the
    /// first second. Will fail for everybody.
    #[error(
        "expected a signature of {signer} for at most {} s ({}), but found one for {} s",
        .limit.as_secs(), days(*.limit), .span.as_secs()
    )]
    SpanTooLong {
        /// Whose signature it is.
        signer: Signer,
        /// For how long it is.
        span: Duration,
        /// The longest that the signer allows.
        limit: Duration,
    },
    /// The server answered with a status other than success.
    #[error("{status}{}{}", phrase(*.status), in_brackets(.store.as_ref()))]
    Status {
        /// The status code.
        status: u16,
        /// What an object store said about it.
        store: Option<StoreError>,
        /// What the `Retry-After` field asks for.
        retry_after: Option<Duration>,
    },
    /// The TLS handshake failed.
    #[error("{0}")]
    Tls(TlsFault),
    /// The text is not a URL that can be fetched.
    #[error("{0}")]
    Url(UrlError),
}

/// What must not be dialled.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// An address of the host is not on the public internet.
    #[error("the host is not on the public internet; nothing was sent to it")]
    Address,
    /// A redirect from https to http.
    #[error("a redirect leads from https to http; it was not followed")]
    Downgrade,
    /// An internal endpoint of Alibaba OSS.
    #[error("the host is an internal endpoint of Alibaba OSS; use the bucket's public endpoint")]
    InternalEndpoint,
    /// A port other than the usual ones.
    #[error(
        "expected port 80 (http), 443 (https), 8080 or 8443, but found {port}; nothing was sent to it"
    )]
    Port {
        /// The port.
        port: u16,
    },
}

/// The fault of a redirect.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum BadRedirect {
    /// `Location` is missing or empty.
    #[error("expected a Location in the redirect, but found none")]
    NoLocation,
    /// The `Location` is not UTF-8.
    #[error("expected a Location in UTF-8, but found other bytes")]
    NotText,
    /// `Location` is not a URL that can be fetched.
    #[error("a redirect leads nowhere: {0}")]
    Url(UrlError),
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FetchLimit {
    /// Bytes of all bodies: the header lies beyond.
    #[error("expected the image header within {limit} bytes, but found none")]
    BodyBytes {
        /// The limit in bytes.
        limit: u64,
    },
    /// Bytes of a whole object: it is larger than what the caller wanted to fetch.
    #[error("expected an object of at most {limit} bytes, but found a larger one")]
    DownloadBytes {
        /// The limit in bytes.
        limit: u64,
    },
    /// Bytes or fields of a response head.
    #[error(
        "expected a response head of at most {bytes} bytes and {fields} fields, but found a longer one"
    )]
    Head {
        /// The limit in bytes.
        bytes: usize,
        /// The limit in fields.
        fields: usize,
    },
    /// Redirects.
    #[error("expected at most {limit} redirects, but found more")]
    Redirects {
        /// The limit.
        limit: usize,
    },
    /// Requests to one server.
    #[error("expected the image header within {limit} requests, but found none")]
    Requests {
        /// The limit.
        limit: u32,
    },
    /// Bytes received on the sockets.
    #[error("expected at most {limit} bytes from the server, but found more")]
    SocketBytes {
        /// The limit in bytes.
        limit: u64,
    },
    /// Time.
    #[error("expected {phase} within {} s, but it took longer", .limit.as_secs_f32())]
    Time {
        /// What took too long.
        phase: Phase,
        /// The limit.
        limit: Duration,
    },
}

/// The parts of a fetch whose time is limited.
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

/// What this machine lacks.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum Shortage {
    /// More names that do not answer are being looked up than this process has room for.
    #[error("too many look-ups of this process are still waiting for an answer")]
    LookUps,
    /// There are no file descriptors left, for this process (`ulimit -n`) or on this machine.
    #[error("this machine has no file descriptor left (ulimit -n)")]
    OpenFiles,
    /// No thread can be started.
    #[error("this machine has no thread left (ulimit -u)")]
    Threads,
    /// There are no certificates to trust, so that no https server can be verified.
    #[error("this machine has no root certificates to trust; install ca-certificates")]
    TrustedRoots,
}

/// Why TLS failed.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum TlsFault {
    /// The certificate has expired, or is not yet valid.
    #[error("the server's certificate is not valid now")]
    Expired,
    /// Anything else.
    #[error("the TLS handshake failed")]
    Other,
    /// Nobody that this machine trusts signed the certificate.
    #[error("the server's certificate is not signed by anyone trusted here")]
    Untrusted,
    /// The certificate is for another name.
    #[error("the server's certificate is for another name")]
    WrongName,
}

impl Shortage {
    /// Whether it is over when something of our own ends. Roots do not come by waiting.
    pub(crate) const fn may_pass(self) -> bool {
        matches!(self, Self::OpenFiles | Self::Threads)
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

fn days(span: Duration) -> String {
    format!("{} days", span.as_secs() / 86_400)
}

fn phrase(status: u16) -> String {
    hyper::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .map(|phrase| format!(" {phrase}"))
        .unwrap_or_default()
}

fn in_brackets(store: Option<&StoreError>) -> String {
    store.map(|store| format!(" ({store})")).unwrap_or_default()
}
