//! Classifies the ends of requests, for the caller, the bill and the next try. The only place that
//! does.

use crate::charge::Charge;
use crate::error::ErrorKind;
use crate::error::codes::look_up;
use crate::retry::RetryClass;

/// How far a request without a verdict got.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exchange<'a> {
    /// It could not be made.
    Malformed,
    /// Nothing of it left.
    NotSent,
    /// It left, and its answer did not come, or not whole.
    NoReply,
    /// An answer came.
    Answered(Answered<'a>),
}

/// An answer without a verdict, as far as its meaning depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) code: Option<&'a str>,
    pub(crate) message: Option<&'a str>,
    /// Whether it tells of a charge.
    pub(crate) billed: bool,
}

/// The kind of an answer's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// A JSON object.
    Object,
    /// JSON, and no object.
    OtherJson,
    /// A web page.
    Page,
    /// Anything else, or nothing.
    Unreadable,
}

/// Why a call ended without a verdict, what that cost, and whether to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Classified {
    pub(crate) kind: ErrorKind,
    pub(crate) charge: Charge,
    pub(crate) retry: RetryClass,
}

impl Classified {
    const fn new(kind: ErrorKind, charge: Charge, retry: RetryClass) -> Self {
        Self {
            kind,
            charge,
            retry,
        }
    }

    const fn last(kind: ErrorKind, charge: Charge) -> Self {
        Self::new(kind, charge, RetryClass::Never)
    }
}

/// The classifier.
pub(crate) fn classify(exchange: Exchange<'_>) -> Classified {
    match exchange {
        Exchange::Malformed => Classified::last(ErrorKind::RequestRefused, Charge::No),
        Exchange::NotSent => Classified::new(ErrorKind::Unreachable, Charge::No, RetryClass::Yes),
        Exchange::NoReply => Classified::last(ErrorKind::OutcomeUnknown, Charge::Unknown),
        // An answer that was paid for is told so, and not asked for again, whatever else it says.
        Exchange::Answered(answered) if answered.billed => Classified {
            charge: Charge::Yes,
            retry: RetryClass::Never,
            ..answered.classify()
        },
        Exchange::Answered(answered) => answered.classify(),
    }
}

impl Answered<'_> {
    fn classify(self) -> Classified {
        let class = look_up(self.code, self.message);
        let is_api_error = self.body == Body::Object && (self.code.is_some() || class.is_some());
        if !is_api_error {
            return self.by_status();
        }
        let (kind, retry) = match class {
            Some(class) => (class.kind, class.retry),
            None if matches!(self.status, 429 | 503) => (self.kind_of_status(), RetryClass::Yes),
            None => (self.kind_of_status(), RetryClass::Never),
        };
        match self.status {
            // A 200 promises a verdict. Where an error in it is told apart, that helps the caller.
            200..300 => {
                let kind = match kind {
                    ErrorKind::NotFetched
                    | ErrorKind::KeyRefused
                    | ErrorKind::Account
                    | ErrorKind::Moderated => kind,
                    _ => ErrorKind::ContractBroken,
                };
                Classified::last(kind, Charge::Unknown)
            }
            408 | 504 => Classified::last(ErrorKind::OutcomeUnknown, Charge::Unknown),
            // "Failed requests are not charged", says the service in its own name. What is asked
            // again must be an answer that says "later", or once, that the image's host was slow.
            429 | 500 | 503 => Classified::new(kind, Charge::No, retry),
            ..=500 => {
                let once = retry == RetryClass::Once;
                let retry = if once { retry } else { RetryClass::Never };
                Classified::new(kind, Charge::No, retry)
            }
            _ => Classified::last(kind, Charge::Unknown),
        }
    }

    /// An answer that is not the service's own: only its status speaks.
    fn by_status(self) -> Classified {
        let kind = self.kind_of_status();
        match self.status {
            200..300 if matches!(self.body, Body::Object | Body::OtherJson) => {
                Classified::last(ErrorKind::ContractBroken, Charge::Unknown)
            }
            // A gateway gave up on a service that may still be at work; or the service's own word
            // was lost on the way. 408 is a gateway's as well.
            200..300 | 408 | 502 | 504 => Classified::last(kind, Charge::Unknown),
            429 => Classified::new(kind, Charge::No, RetryClass::Yes),
            ..500 => Classified::last(kind, Charge::No),
            _ => Classified::last(kind, Charge::Unknown),
        }
    }

    const fn kind_of_status(self) -> ErrorKind {
        let is_page = matches!(self.body, Body::Page);
        match self.status {
            401 => ErrorKind::KeyRefused,
            408 | 502 | 504 => ErrorKind::OutcomeUnknown,
            429 => ErrorKind::Throttled,
            404 | 405 if self.code.is_none() => ErrorKind::NotTheApi,
            300..400 => ErrorKind::NotTheApi,
            ..500 if is_page => ErrorKind::NotTheApi,
            200..300 => ErrorKind::OutcomeUnknown,
            400..500 => ErrorKind::RequestRefused,
            _ => ErrorKind::ServiceFailed,
        }
    }
}
