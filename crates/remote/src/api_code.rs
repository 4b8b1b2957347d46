//! The service's error codes: which of them means what. One table, one look-up.
//!
//! From the reference's table "Status codes" and the vendor's page "Error messages" (2026). The set
//! is open: a code that is not listed counts as its parent (`Throttling.New` as `Throttling`), and
//! one without a listed parent as its HTTP status says.

use crate::error::ErrorKind;

/// What an error answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) kind: ErrorKind,
    pub(crate) again: Again,
}

/// Whether to ask again, as far as the code tells. Such answers are not charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It would fail again.
    Never,
    /// One more try: the picture's host was slow, and may still be.
    Once,
    /// As often as the client tries at all.
    Yes,
    /// Likewise, with longer pauses: the rate grew too fast.
    Slower,
}

/// Verdicts start like this, whatever follows.
pub(crate) const VERDICT_PREFIX: &str = "InvalidFile.";

/// Looks up an error answer. `code` is `None` where the body was no API error.
pub(crate) fn classify(status: u16, code: Option<&str>, message: Option<&str>) -> Class {
    let class = code
        .and_then(|code| by_code(code, message.unwrap_or_default()))
        .unwrap_or_else(|| by_status(status));
    // What is asked again must be an answer that says "later": a 429, or a 500 or 503 of the API
    // itself. "Once" is for the 400 that tells of a fetch.
    let later = matches!(status, 429 | 500 | 503) || class.again == Again::Once;
    if later && code.is_some() || status == 429 {
        class
    } else {
        Class {
            again: Again::Never,
            ..class
        }
    }
}

fn by_code(code: &str, message: &str) -> Option<Class> {
    let mut name = code;
    loop {
        if let Some(rule) = RULES.iter().find(|rule| rule.applies(name, message)) {
            return Some(rule.class);
        }
        (name, _) = name.rsplit_once('.')?;
    }
}

const fn by_status(status: u16) -> Class {
    match status {
        401 => Class {
            kind: ErrorKind::Key,
            again: Again::Never,
        },
        429 => Class {
            kind: ErrorKind::Throttled,
            again: Again::Yes,
        },
        503 => Class {
            kind: ErrorKind::Service,
            again: Again::Yes,
        },
        300..500 => Class {
            kind: ErrorKind::Caller,
            again: Again::Never,
        },
        _ => Class {
            kind: ErrorKind::Service,
            again: Again::Never,
        },
    }
}

struct Rule {
    code: &'static str,
    /// Words that the message must hold. Only where the vendor gives one code two meanings.
    words: Option<&'static str>,
    class: Class,
}

impl Rule {
    fn applies(&self, code: &str, message: &str) -> bool {
        same(self.code, code)
            && self.words.is_none_or(|words| {
                message
                    .to_ascii_lowercase()
                    .contains(&words.to_ascii_lowercase())
            })
    }
}

/// The service writes its codes in two ways: `InvalidApiKey` and, where it speaks OpenAI's
/// dialect, `invalid_api_key`.
fn same(a: &str, b: &str) -> bool {
    let bare = |code: &str| -> Vec<u8> {
        code.bytes()
            .filter(|byte| *byte != b'_' && *byte != b' ')
            .map(|byte| byte.to_ascii_lowercase())
            .collect()
    };
    bare(a) == bare(b)
}

const fn rule(code: &'static str, kind: ErrorKind, again: Again) -> Rule {
    Rule {
        code,
        words: None,
        class: Class { kind, again },
    }
}

const fn worded(code: &'static str, words: &'static str, kind: ErrorKind, again: Again) -> Rule {
    Rule {
        code,
        words: Some(words),
        class: Class { kind, again },
    }
}

/// The first rule that applies wins: those with words stand before those without.
static RULES: &[Rule] = {
    use Again::{Never, Once, Slower, Yes};
    use ErrorKind::{Account, Caller, Key, Moderation, NotFetched, Service, Throttled};
    &[
        // The caller's request.
        rule("InvalidParameter", Caller, Never),
        rule("InvalidParameter.Ratio", Caller, Never),
        rule("invalid_parameter_error", Caller, Never),
        rule("invalid_request_error", Caller, Never),
        rule("BadRequest", Caller, Never),
        rule("AccessDenied", Caller, Never),
        rule("ModelNotFound", Caller, Never),
        rule("Model.NotExist", Caller, Never),
        rule("WorkSpaceNotFound", Caller, Never),
        rule("NotFound", Caller, Never),
        // The picture's address, or its format.
        rule("InvalidURL", NotFetched, Never),
        rule("InvalidURL.Timeout", NotFetched, Once),
        rule("BadRequest.InputDownloadFailed", NotFetched, Once),
        rule("BadRequest.UnsupportedFileFormat", NotFetched, Never),
        rule("BadRequest.TooLarge", NotFetched, Never),
        rule("InvalidParameter.DataInspection", NotFetched, Never),
        rule("InvalidImage", NotFetched, Never),
        rule("InvalidImageFormat", NotFetched, Never),
        // The content filter.
        rule("DataInspectionFailed", Moderation, Never),
        rule("IPInfringementSuspect", Moderation, Never),
        rule("CustomRoleBlocked", Moderation, Never),
        rule("FaqRuleBlocked", Moderation, Never),
        // The key.
        rule("InvalidApiKey", Key, Never),
        rule("NOT AUTHORIZED", Key, Never),
        // The account.
        rule("Arrearage", Account, Never),
        rule("AccessDenied.Unpurchased", Account, Never),
        rule("Model.AccessDenied", Account, Never),
        rule("Workspace.AccessDenied", Account, Never),
        rule("App.AccessDenied", Account, Never),
        rule("AllocationQuota.FreeTierOnly", Account, Never),
        rule("CommodityNotPurchased", Account, Never),
        rule("PrepaidBillOverdue", Account, Never),
        rule("PostpaidBillOverdue", Account, Never),
        // The rate. One code is a minute's cap or the end of the free quota: only its words tell.
        worded(
            "Throttling.AllocationQuota",
            "free allocated quota exceeded",
            Account,
            Never,
        ),
        rule("Throttling.AllocationQuota", Throttled, Yes),
        rule("insufficient_quota", Throttled, Yes),
        rule("Throttling", Throttled, Yes),
        rule("Throttling.RateQuota", Throttled, Yes),
        rule("LimitRequests", Throttled, Yes),
        rule("Throttling.BurstRate", Throttled, Slower),
        rule("limit_burst_rate", Throttled, Slower),
        // The service. Two of its messages name faults of the input, which will not go away.
        worded(
            "InternalError.Algo",
            "inference error: inference error.",
            Service,
            Never,
        ),
        worded(
            "InternalError",
            "missing content-length of multimodal url",
            NotFetched,
            Never,
        ),
        worded(
            "InternalError.Algo",
            "missing content-length of multimodal url",
            NotFetched,
            Never,
        ),
        rule("InternalError", Service, Yes),
        rule("InternalError.Algo", Service, Yes),
        rule("InternalError.FileUpload", Service, Yes),
        rule("InternalError.Upload", Service, Yes),
        rule("InternalError.Timeout", Service, Never),
        rule("SystemError", Service, Yes),
        rule("ModelServiceFailed", Service, Yes),
        rule("RequestTimeOut", Service, Yes),
        rule("ModelServingError", Service, Yes),
        rule("ModelUnavailable", Service, Yes),
        rule("ServiceUnavailable", Service, Yes),
    ]
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn class(kind: ErrorKind, again: Again) -> Class {
        Class { kind, again }
    }

    #[test]
    fn both_dialects_mean_the_same() {
        for (native, openai) in [
            ("InvalidApiKey", "invalid_api_key"),
            ("DataInspectionFailed", "data_inspection_failed"),
            ("LimitRequests", "limit_requests"),
            ("InternalError", "internal_error"),
            ("ModelNotFound", "model_not_found"),
            ("AccessDenied", "access_denied"),
        ] {
            assert_eq!(by_code(native, ""), by_code(openai, ""), "{native}");
            assert!(by_code(native, "").is_some(), "{native}");
        }
    }

    #[test]
    fn a_429_may_be_a_bill() {
        let quota = |message| classify(429, Some("Throttling.AllocationQuota"), Some(message));
        assert_eq!(
            quota("Allocated quota exceeded, please increase"),
            class(ErrorKind::Throttled, Again::Yes)
        );
        assert_eq!(
            quota("Free allocated quota exceeded."),
            class(ErrorKind::Account, Again::Never)
        );
        for code in [
            "CommodityNotPurchased",
            "PrepaidBillOverdue",
            "PostpaidBillOverdue",
        ] {
            assert_eq!(
                classify(429, Some(code), None),
                class(ErrorKind::Account, Again::Never)
            );
        }
    }

    #[test]
    fn new_codes_count_as_their_parent_or_as_their_status() {
        assert_eq!(
            classify(429, Some("Throttling.Lunar.Eclipse"), None),
            class(ErrorKind::Throttled, Again::Yes)
        );
        assert_eq!(
            classify(400, Some("InvalidURL.TeaPot"), None),
            class(ErrorKind::NotFetched, Again::Never)
        );
        assert_eq!(
            classify(418, Some("TeaPot"), None),
            class(ErrorKind::Caller, Again::Never)
        );
        assert_eq!(
            classify(500, Some("TeaPot"), None),
            class(ErrorKind::Service, Again::Never)
        );
        assert_eq!(
            classify(503, Some("TeaPot"), None),
            class(ErrorKind::Service, Again::Yes)
        );
    }

    #[test]
    fn a_gateways_500_is_not_the_services() {
        for status in [500, 502, 503, 504] {
            assert_eq!(
                classify(status, None, None),
                class(ErrorKind::Service, Again::Never),
                "{status}"
            );
        }
        assert_eq!(
            classify(429, None, None),
            class(ErrorKind::Throttled, Again::Yes)
        );
    }

    #[test]
    fn no_rule_is_shadowed_by_an_earlier_one() {
        for (n, rule) in RULES.iter().enumerate() {
            let first = RULES
                .iter()
                .position(|other| other.applies(rule.code, rule.words.unwrap_or_default()));
            assert_eq!(first, Some(n), "{}", rule.code);
        }
    }

    proptest! {
        #[test]
        fn only_an_answer_that_says_later_is_asked_again(status in 300u16..600, code in proptest::option::of("[A-Za-z._ ]{0,30}")) {
            let class = classify(status, code.as_deref(), None);
            if class.again != Again::Never {
                prop_assert!(matches!(status, 429 | 500 | 503) || class.again == Again::Once);
                prop_assert!(!class.kind.is_account_wide());
            }
        }
    }
}
