//! What can go wrong, in one table: each kind with its name, its words and what follows from it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why there is no verdict, by who can put it right.
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever maps a kind to a code or a status of its own must be told of a new one"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The key was refused: wrong, of another region, or of another workspace.
    KeyRefused,
    /// The account may not make the call: arrears, free quota used up, model not bought or not
    /// allowed.
    Account,
    /// Still asked to slow down after the last try.
    Throttled,
    /// The service itself failed.
    ServiceFailed,
    /// The request was sent, and what became of it is not known. It may have been charged.
    OutcomeUnknown,
    /// The service could not fetch the image, or disliked its format: one code stands for both.
    NotFetched,
    /// The request as such was refused, or could not be made: a parameter, a model, an upload that
    /// is too old.
    RequestRefused,
    /// The content filter refused the image.
    Moderated,
    /// An answer that breaks the service's own contract: a pass without boxes of four numbers, a
    /// 200 with an error code, JSON of another shape.
    ContractBroken,
    /// The temporary store did not take the upload, or the file could not be read.
    UploadFailed,
    /// No connection: no name, no route, no TLS. Nothing was sent.
    Unreachable,
    /// The answer comes from somebody who is not the service: a 404 or 405, a redirect or a web
    /// page, without an error of the API.
    NotTheApi,
    /// The caller's [`RequestBudget`](crate::RequestBudget) vetoed the first request. Nothing was
    /// sent.
    Vetoed,
}

struct Row {
    name: &'static str,
    meaning: &'static str,
    suggestion: &'static str,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::KeyRefused,
        Self::Account,
        Self::Throttled,
        Self::ServiceFailed,
        Self::OutcomeUnknown,
        Self::NotFetched,
        Self::RequestRefused,
        Self::Moderated,
        Self::ContractBroken,
        Self::UploadFailed,
        Self::Unreachable,
        Self::NotTheApi,
        Self::Vetoed,
    ];

    /// The kind's name in JSON: `key-refused`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What happened, as the beginning of a sentence: "the service refused the key".
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// What to do about it, in one or two sentences.
    #[must_use]
    pub const fn suggestion(self) -> &'static str {
        self.row().suggestion
    }

    /// Whether every other call of this client will end alike, so that a run should stop: the key,
    /// the account or the base URL is at fault.
    #[must_use]
    pub const fn stops_the_run(self) -> bool {
        matches!(self, Self::KeyRefused | Self::Account | Self::NotTheApi)
    }

    const fn row(self) -> Row {
        match self {
            Self::KeyRefused => Row {
                name: "key-refused",
                meaning: "the service refused the key",
                suggestion: "Use a key of the China (Beijing) region that belongs to the workspace, and check that \
                             it was copied whole.",
            },
            Self::Account => Row {
                name: "account",
                meaning: "the account may not make this call",
                suggestion: "In the vendor's console, see whether the model is activated, the free quota used up, or \
                             a bill overdue.",
            },
            Self::Throttled => Row {
                name: "throttled",
                meaning: "the service asked to slow down",
                suggestion: "Ask again later. The limit of five requests a second holds for the whole account: see \
                             who else uses it.",
            },
            Self::ServiceFailed => Row {
                name: "service-failed",
                meaning: "the service failed",
                suggestion: "Ask again later; if it stays so, report the request id to the vendor.",
            },
            Self::OutcomeUnknown => Row {
                name: "outcome-unknown",
                meaning: "the request was sent, and its outcome is not known",
                suggestion: "Asking again may be paid for twice: ask only for images whose verdict is worth that.",
            },
            Self::NotFetched => Row {
                name: "not-fetched",
                meaning: "the service could not fetch the image, or disliked its format",
                suggestion: "Give a URL that mainland China reaches without a login, that has not expired, and that \
                             answers with the image's media type and length; or upload the image.",
            },
            Self::RequestRefused => Row {
                name: "request-refused",
                meaning: "the service refused the request",
                suggestion: "Correct what its message names: a parameter, the model, the workspace or the upload.",
            },
            Self::Moderated => Row {
                name: "moderated",
                meaning: "the service's content filter refused the image",
                suggestion: "Use another image. The filter of the video model would refuse this one, too.",
            },
            Self::ContractBroken => Row {
                name: "contract-broken",
                meaning: "the service's answer breaks its contract",
                suggestion: "Report the request id to the vendor. Asking again may be paid for twice.",
            },
            Self::UploadFailed => Row {
                name: "upload-failed",
                meaning: "the image was not uploaded",
                suggestion: "Upload it again, or give a public URL of it. Nothing was charged.",
            },
            Self::Unreachable => Row {
                name: "unreachable",
                meaning: "the service could not be reached",
                suggestion: "Check the base URL's host, the network, and a proxy if there is one. Nothing was sent.",
            },
            Self::NotTheApi => Row {
                name: "not-the-api",
                meaning: "the answer is not the service's: the base URL leads to somebody else",
                suggestion: "Correct the base URL: it is https://dashscope.aliyuncs.com/api/v1, or that of a \
                             workspace in China (Beijing), and ends in /api/v1.",
            },
            Self::Vetoed => Row {
                name: "vetoed",
                meaning: "the caller allowed no further request",
                suggestion: "Raise the budget, or ask again when there is one.",
            },
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_words_of_its_own() {
        for words in [ErrorKind::name, ErrorKind::meaning, ErrorKind::suggestion] {
            let words: HashSet<&str> = ErrorKind::ALL.into_iter().map(words).collect();
            assert_eq!(words.len(), ErrorKind::ALL.len());
        }
        for kind in ErrorKind::ALL {
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.name());
            assert_eq!(serde_json::from_value::<ErrorKind>(json).unwrap(), kind);
            assert!(kind.suggestion().ends_with('.') && !kind.meaning().ends_with('.'));
        }
    }
}
