//! Why a call ended without a verdict, how far it got, and what that may have cost.

use std::error::Error as StdError;
use std::fmt;

use crate::box_error::BoxError;
use crate::charge::Charge;
use crate::retry::Retry;

pub(crate) mod classify;
pub(crate) mod codes;
mod draft;
mod kind;

pub(crate) use draft::{ErrorDraft, MAX_TEXT};
pub use kind::ErrorKind;

/// A call that ended without a verdict.
///
/// `Display` is one sentence with all that a log needs; it never holds the key, and never repeats
/// what [`source`](StdError::source) says.
///
/// ```no_run
/// # async fn demo(client: remote::Client, image: remote::ImageUrl) {
/// use remote::{Charge, Ratio, Retry};
///
/// if let Err(error) = client.detect(&image, Ratio::Square).await {
///     eprintln!("{error}");
///     match (error.charge(), error.retry()) {
///         (Charge::No, Retry::After(pause)) => eprintln!("free to ask again in {pause:?}"),
///         (Charge::No, _) => eprintln!("asking again will not help"),
///         _ => eprintln!("asking again may be paid for twice"),
///     }
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

/// What an error is made of; boxed so that a `Result` stays one word on the error's side.
pub(crate) struct Inner {
    pub(crate) kind: ErrorKind,
    pub(crate) charge: Charge,
    pub(crate) retry: Retry,
    pub(crate) http_status: Option<u16>,
    pub(crate) api_code: Option<String>,
    pub(crate) api_message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) sent: u32,
    /// Our own words: "expected …, but found …".
    pub(crate) detail: Option<String>,
    pub(crate) source: Option<BoxError>,
}

impl Error {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Box::new(inner))
    }

    /// An error of ours, before anything was sent.
    pub(crate) fn unsent(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self::new(Inner::unsent(kind, Some(detail.into())))
    }

    /// The error of a call that the caller vetoed for this reason.
    pub(crate) fn vetoed(reason: BoxError) -> Self {
        Self::new(Inner {
            source: Some(reason),
            ..Inner::unsent(ErrorKind::Vetoed, None)
        })
    }

    /// An error of this kind and charge, of a call that was tried once: for the tests of those who
    /// have to handle one.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn for_tests(kind: ErrorKind, charge: Charge) -> Self {
        Self::new(Inner {
            charge,
            attempts: 1,
            sent: u32::from(charge != Charge::No),
            ..Inner::unsent(kind, Some("made by a test".to_owned()))
        })
    }

    /// What went wrong, and at whose end.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the call may have been paid for.
    #[must_use]
    pub fn charge(&self) -> Charge {
        self.0.charge
    }

    /// Whether the call may be repeated, free of the risk to pay twice, with a hope of success.
    /// The client has used up its own tries.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The HTTP status, if an answer began.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The service's code, verbatim: `Throttling.RateQuota`.
    #[must_use]
    pub fn api_code(&self) -> Option<&str> {
        self.0.api_code.as_deref()
    }

    /// The service's message, verbatim but for the key and what exceeds 2,000 characters.
    #[must_use]
    pub fn api_message(&self) -> Option<&str> {
        self.0.api_message.as_deref()
    }

    /// The service's id of the last request, from the answer's body or its `x-request-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The tries made; 0 if the call ended before the first.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How many of the tries handed their request to a connection; at most
    /// [`attempts`](Self::attempts).
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.0.sent
    }

    #[cfg(test)]
    pub(crate) fn inner_mut(&mut self) -> &mut Inner {
        &mut self.0
    }
}

impl Inner {
    fn unsent(kind: ErrorKind, detail: Option<String>) -> Self {
        Self {
            kind,
            charge: Charge::No,
            retry: Retry::Forbidden,
            http_status: None,
            api_code: None,
            api_message: None,
            request_id: None,
            attempts: 0,
            sent: 0,
            detail,
            source: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            charge,
            http_status,
            api_code,
            api_message,
            request_id,
            attempts,
            detail,
            ..
        } = &*self.0;
        f.write_str(kind.meaning())?;
        for text in [api_code, api_message, detail].into_iter().flatten() {
            write!(f, ": {}", OneLine(text))?;
        }
        f.write_str(" (")?;
        if let Some(status) = http_status {
            write!(f, "HTTP {status}, ")?;
        }
        if let Some(id) = request_id {
            write!(f, "request {}, ", OneLine(id))?;
        }
        match attempts {
            0 => f.write_str("not sent, ")?,
            1 => f.write_str("1 attempt, ")?,
            n => write!(f, "{n} attempts, ")?,
        }
        f.write_str(match charge {
            Charge::No => "not charged)",
            Charge::Unknown => "maybe charged)",
            Charge::Yes => "charged)",
        })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("charge", &inner.charge)
            .field("retry", &inner.retry)
            .field("http_status", &inner.http_status)
            .field("api_code", &inner.api_code)
            .field("api_message", &inner.api_message)
            .field("request_id", &inner.request_id)
            .field("attempts", &inner.attempts)
            .field("sent", &inner.sent)
            .field("detail", &inner.detail)
            .field("source", &inner.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// A stranger's text on one line: control characters are written as escapes.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.trim().chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Error {
        Error::new(Inner {
            http_status: Some(401),
            api_code: Some("InvalidApiKey".to_owned()),
            api_message: Some("Invalid API-key provided.".to_owned()),
            request_id: Some("a1c0561c".to_owned()),
            attempts: 1,
            source: Some(Box::new(std::io::Error::other("the cause"))),
            ..Inner::unsent(ErrorKind::KeyRefused, None)
        })
    }

    #[test]
    fn it_is_a_full_sentence_that_leaves_the_source_to_the_chain() {
        let error = refused();
        assert_eq!(
            error.to_string(),
            "the service refused the key: InvalidApiKey: Invalid API-key provided. \
             (HTTP 401, request a1c0561c, 1 attempt, not charged)"
        );
        assert_eq!(
            error.source().map(ToString::to_string).as_deref(),
            Some("the cause")
        );
        let unsent = Error::unsent(ErrorKind::Vetoed, "budget");
        assert_eq!(
            unsent.to_string(),
            "the caller allowed no further request: budget (not sent, not charged)"
        );
    }

    #[test]
    fn a_strangers_message_stays_on_one_line() {
        let mut error = refused();
        error.inner_mut().api_message = Some("a\n\u{1b}[31mb\u{9b}c\r".to_owned());
        assert!(!error.to_string().chars().any(char::is_control), "{error}");
    }

    #[test]
    fn it_is_one_word_and_may_cross_threads() {
        fn sendable<T: StdError + Send + Sync + 'static>() {}
        sendable::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
