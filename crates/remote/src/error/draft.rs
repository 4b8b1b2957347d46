//! An error in the making, of one try.

use std::time::Duration;

use super::classify::{Classified, Exchange, classify};
use super::{Error, ErrorKind, Inner};
use crate::box_error::BoxError;
use crate::charge::Charge;
use crate::key::ApiKey;
use crate::retry::{self, RetryClass, Tries};
use crate::transport::{NoReply, NoReplyCause, ReplyHead};

/// Characters kept of a code, message or id. The longest documented message has 200.
pub(crate) const MAX_TEXT: usize = 2000;

/// Why a try ended without a verdict, while the call may still be tried again.
#[derive(Debug)]
pub(crate) struct ErrorDraft {
    pub(crate) classified: Classified,
    pub(crate) http_status: Option<u16>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) api_code: Option<String>,
    pub(crate) api_message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) source: Option<BoxError>,
}

impl ErrorDraft {
    /// Characters kept of our own words, which may quote a body that is not JSON: enough to
    /// tell one gateway's page from another's.
    const MAX_DETAIL: usize = 240;

    pub(crate) const fn new(classified: Classified) -> Self {
        Self {
            classified,
            http_status: None,
            retry_after: None,
            api_code: None,
            api_message: None,
            request_id: None,
            detail: None,
            source: None,
        }
    }

    /// The end of a request that was not answered.
    pub(crate) fn unanswered(
        exchange: Exchange<'_>,
        detail: Option<String>,
        source: Option<BoxError>,
    ) -> Self {
        Self {
            detail,
            source,
            ..Self::new(classify(exchange))
        }
    }

    pub(crate) fn with_api_error(self, code: Option<String>, message: Option<String>) -> Self {
        Self {
            api_code: code,
            api_message: message,
            ..self
        }
    }

    /// Adds what the answer's head told. Its id only where the body held none: the head's may be a
    /// gateway's.
    pub(crate) fn with_head(mut self, head: ReplyHead) -> Self {
        self.http_status = Some(head.status);
        self.retry_after = head.retry_after;
        self.request_id = self.request_id.or(head.request_id);
        self
    }

    /// The same, of a request that costs nothing whatever came of it: one for an upload. It may be
    /// repeated wherever the trouble was at the other end.
    pub(crate) fn uncharged(mut self) -> Self {
        use ErrorKind::{ContractBroken, NotFetched, OutcomeUnknown, UploadFailed};
        let Classified { kind, retry, .. } = self.classified;
        let theirs = self.http_status.is_some_and(|status| status >= 500);
        self.classified = Classified {
            kind: match kind {
                OutcomeUnknown | ContractBroken | NotFetched => UploadFailed,
                kind => kind,
            },
            charge: Charge::No,
            retry: if theirs { RetryClass::Yes } else { retry },
        };
        self
    }

    /// Without the key in any text, and with no text too long.
    pub(crate) fn cleaned(self, key: &ApiKey) -> Self {
        let clean = |text: Option<String>, most| text.map(|text| key.kept(text, most));
        Self {
            api_code: clean(self.api_code, MAX_TEXT),
            api_message: clean(self.api_message, MAX_TEXT),
            request_id: clean(self.request_id, MAX_TEXT),
            detail: clean(self.detail, Self::MAX_DETAIL),
            ..self
        }
    }

    pub(crate) fn into_error(self, tries: Tries) -> Error {
        let Classified {
            kind,
            charge,
            retry,
        } = self.classified;
        Error::new(Inner {
            kind,
            charge,
            retry: retry::advice(retry, tries.attempts, self.retry_after),
            http_status: self.http_status,
            api_code: self.api_code,
            api_message: self.api_message,
            request_id: self.request_id,
            attempts: tries.attempts,
            sent: tries.sent,
            detail: self.detail,
            source: self.source,
        })
    }
}

impl From<NoReply> for ErrorDraft {
    fn from(NoReply { sent, cause }: NoReply) -> Self {
        let exchange = match cause {
            NoReplyCause::Malformed(_) => Exchange::Malformed,
            _ if sent => Exchange::NoReply,
            _ => Exchange::NotSent,
        };
        let (detail, source) = match cause {
            NoReplyCause::Malformed(error) | NoReplyCause::Network(error) => (None, Some(error)),
            NoReplyCause::TimedOut if sent => (Some("no answer in time"), None),
            NoReplyCause::TimedOut => (Some("no connection in time"), None),
        };
        Self::unanswered(exchange, detail.map(str::to_owned), source)
    }
}
