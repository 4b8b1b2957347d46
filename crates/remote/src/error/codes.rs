//! The service's error codes and their meanings. One table, one look-up.
//!
//! From the reference's table "Status codes" and the vendor's page "Error messages" (2026). The set
//! is open: a code that is not listed counts as its last part or its parent (`Throttling.New` as
//! `Throttling`), and one without either as its HTTP status says.

use crate::error::ErrorKind;
use crate::retry::RetryClass;

/// The meaning of an error answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) kind: ErrorKind,
    pub(crate) retry: RetryClass,
}

/// Verdicts start like this, whatever follows.
pub(crate) const VERDICT_PREFIX: &str = "InvalidFile.";

impl ErrorKind {
    /// The kind that a code of the service stands for, as far as a code alone tells; `None` for one
    /// that is not listed, nor its last part, nor a parent of it. Codes of rejections
    /// (`InvalidFile.*`) are no errors: see [`FailureReason`](crate::FailureReason).
    ///
    /// ```
    /// use remote::ErrorKind;
    ///
    /// assert_eq!(ErrorKind::of_code("Throttling.RateQuota"), Some(ErrorKind::Throttled));
    /// assert_eq!(ErrorKind::of_code("invalid_api_key"), Some(ErrorKind::KeyRefused));
    /// assert_eq!(ErrorKind::of_code("InternalError.Algo.InvalidParameter"),
    /// Some(ErrorKind::RequestRefused)); assert_eq!(ErrorKind::of_code("TeaPot"), None);
    /// ```
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        by_code(code).map(|class| class.kind)
    }

    /// The service's codes that are listed for this kind.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        let rows = RULES.iter().filter(move |(class, _)| class.kind == self);
        rows.flat_map(|(_, codes)| codes.iter().copied())
    }
}

/// Looks up what an error answer says. `None` if neither its code nor its words are known.
pub(crate) fn look_up(code: Option<&str>, message: Option<&str>) -> Option<Class> {
    let by_code = code.and_then(by_code);
    let said = message.unwrap_or_default().to_ascii_lowercase();
    by_words(by_code.map(|class| class.kind), &said).or(by_code)
}

/// The meaning by the words, where the vendor gives one code several.
fn by_words(kind: Option<ErrorKind>, said: &str) -> Option<Class> {
    use ErrorKind::{Account, Moderated, NotFetched, RequestRefused, ServiceFailed, Throttled};
    let holds = |words: &[&str]| words.iter().any(|words| said.contains(words));
    let is_not_fetched = holds(NOT_A_URL) || holds(DOWNLOAD) && holds(FAILED);
    let kind = match kind {
        Some(Throttled) if holds(FREE_QUOTA) || holds(UNPAID) => Account,
        // The image's own host may be the one that denies access.
        Some(Account) if is_not_fetched => NotFetched,
        // These codes are sent for almost anything.
        None | Some(NotFetched | RequestRefused | ServiceFailed) => match () {
            () if is_not_fetched => NotFetched,
            () if holds(MODERATED) => Moderated,
            () if holds(UNPAID) => Account,
            () if holds(&["inference error: inference error."]) => ServiceFailed,
            () => return None,
        },
        _ => return None,
    };
    Some(Class {
        kind,
        retry: RetryClass::Never,
    })
}

const DOWNLOAD: &[&str] = &["download", "fetch the"];

const FAILED: &[&str] = &[
    "fail",
    "unable",
    "cannot",
    "can't",
    "can not",
    "could not",
    "not able",
    "timed out",
    "timeout",
    "time out",
    "error",
];

/// "url error, please check url!" is not among them: it means the service's path.
const NOT_A_URL: &[&str] = &[
    "url is invalid",
    "url is illegal",
    "url is not valid",
    "url is not accessible",
    "url is not a valid",
    "url provided is",
    "url does not appear to be valid",
    "invalid url",
    "invalid image url",
    "illegal url",
    "not a valid url",
    "valid http url",
    "missing content-length of multimodal url",
];

const MODERATED: &[&str] = &["inappropriate content"];

/// The end of the free quota is for good; "You exceeded your current quota" is a minute's cap.
const FREE_QUOTA: &[&str] = &["free allocated quota", "free quota", "free tier"];

const UNPAID: &[&str] = &["good standing", "overdue", "arrear"];

fn by_code(code: &str) -> Option<Class> {
    let code = code.trim();
    let last = code.rsplit('.').next().unwrap_or_default();
    let parents = std::iter::successors(Some(code), |code| Some(code.rsplit_once('.')?.0));
    exact(code)
        .or_else(|| exact(last))
        .or_else(|| parents.skip(1).find_map(exact))
}

/// Whether the code itself is listed, and not only a part of it.
pub(crate) fn is_listed(code: &str) -> bool {
    exact(code.trim()).is_some()
}

fn exact(code: &str) -> Option<Class> {
    let listed = |codes: &[&str]| codes.iter().any(|known| same_code(known, code));
    let (class, _) = RULES.iter().find(|(_, codes)| listed(codes))?;
    Some(*class)
}

/// The service writes its codes in two ways: `InvalidApiKey` and, where it speaks OpenAI's
/// dialect, `invalid_api_key`.
pub(crate) fn same_code(a: &str, b: &str) -> bool {
    fn bare(code: &str) -> impl Iterator<Item = u8> {
        code.bytes()
            .filter(|byte| !matches!(byte, b'_' | b' '))
            .map(|byte| byte.to_ascii_lowercase())
    }
    bare(a).eq(bare(b))
}

const fn class(kind: ErrorKind, retry: RetryClass) -> Class {
    Class { kind, retry }
}

static RULES: &[(Class, &[&str])] = {
    use ErrorKind::{
        Account, KeyRefused, Moderated, NotFetched, RequestRefused, ServiceFailed, Throttled,
    };
    use RetryClass::{Never, Once, Slower, Yes};
    &[
        (
            class(RequestRefused, Never),
            &[
                "InvalidParameter",
                "InvalidParameter.Ratio",
                "invalid_parameter_error",
                "invalid_request_error",
                "BadRequest",
                "NotFound",
            ],
        ),
        (
            class(NotFetched, Never),
            &[
                "InvalidURL",
                "BadRequest.UnsupportedFileFormat",
                "BadRequest.TooLarge",
                "InvalidParameter.DataInspection",
                "InvalidImage",
                "InvalidImageFormat",
            ],
        ),
        (
            class(NotFetched, Once),
            &["InvalidURL.Timeout", "BadRequest.InputDownloadFailed"],
        ),
        (
            class(Moderated, Never),
            &[
                "DataInspectionFailed",
                "IPInfringementSuspect",
                "CustomRoleBlocked",
                "FaqRuleBlocked",
            ],
        ),
        (
            class(KeyRefused, Never),
            &[
                "InvalidApiKey",
                "NOT AUTHORIZED",
                "InvalidAccessKeyId",
                "InvalidAccessKeyId.NotFound",
            ],
        ),
        (
            class(Account, Never),
            &[
                "Arrearage",
                "AccessDenied",
                "AccessDenied.Unpurchased",
                "ModelNotFound",
                "Model.NotExist",
                "WorkSpaceNotFound",
                "Model.AccessDenied",
                "Workspace.AccessDenied",
                "App.AccessDenied",
                "AllocationQuota.FreeTierOnly",
                "CommodityNotPurchased",
                "PrepaidBillOverdue",
                "PostpaidBillOverdue",
            ],
        ),
        (
            class(Throttled, Yes),
            &[
                "Throttling",
                "Throttling.RateQuota",
                "Throttling.AllocationQuota",
                "insufficient_quota",
                "LimitRequests",
            ],
        ),
        (
            class(Throttled, Slower),
            &["Throttling.BurstRate", "limit_burst_rate"],
        ),
        (
            class(ServiceFailed, Yes),
            &[
                "InternalError",
                "InternalError.Algo",
                "InternalError.FileUpload",
                "InternalError.Upload",
                "SystemError",
                "ModelServiceFailed",
                "RequestTimeOut",
                "ModelServingError",
                "ModelUnavailable",
                "ServiceUnavailable",
            ],
        ),
        (class(ServiceFailed, Never), &["InternalError.Timeout"]),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(by_code(native), by_code(openai), "{native}");
            assert!(by_code(native).is_some(), "{native}");
        }
    }

    #[test]
    fn a_code_that_is_not_listed_counts_as_its_last_part_or_its_parent() {
        for (code, kind) in [
            ("Throttling.Lunar.Eclipse", Some(ErrorKind::Throttled)),
            ("InvalidURL.TeaPot", Some(ErrorKind::NotFetched)),
            (
                "InternalError.Algo.InvalidParameter",
                Some(ErrorKind::RequestRefused),
            ),
            (
                "InternalError.Algo.DataInspectionFailed",
                Some(ErrorKind::Moderated),
            ),
            ("InvalidAccessKeyId.Inactive", Some(ErrorKind::KeyRefused)),
            ("InvalidFile.NoHuman", None),
            ("TeaPot", None),
            ("", None),
        ] {
            assert_eq!(ErrorKind::of_code(code), kind, "{code}");
        }
    }

    #[test]
    fn words_come_before_parent_codes() {
        use ErrorKind::{Account, KeyRefused, Moderated, NotFetched, RequestRefused, Throttled};
        for (code, message, kind) in [
            (
                "InternalError.Algo.InvalidParameter",
                "Failed to download multimodal content",
                NotFetched,
            ),
            (
                "InvalidParameter",
                "Download the media resource timed out.",
                NotFetched,
            ),
            ("TeaPot", "Unable to download the image", NotFetched),
            (
                "invalid_parameter_error",
                "The provided URL does not appear to be valid.",
                NotFetched,
            ),
            (
                "InternalError",
                "Missing Content-Length of multimodal url.",
                NotFetched,
            ),
            (
                "InvalidParameter",
                "url error, please check url!",
                RequestRefused,
            ),
            (
                "InvalidParameter",
                "Input data may contain inappropriate content.",
                Moderated,
            ),
            (
                "AccessDenied",
                "please make sure your account is in good standing",
                Account,
            ),
            (
                "AccessDenied",
                "Failed to download the image: access denied",
                NotFetched,
            ),
            ("AccessDenied", "Access denied.", Account),
            ("ModelNotFound", "Model not exist.", Account),
            (
                "Throttling.AllocationQuota",
                "Allocated quota exceeded, please increase",
                Throttled,
            ),
            (
                "Throttling.AllocationQuota",
                "Free allocated quota exceeded.",
                Account,
            ),
            (
                "insufficient_quota",
                "Free allocated quota exceeded.",
                Account,
            ),
            (
                "Throttling",
                "Your account is overdue, please check its balance.",
                Account,
            ),
            (
                "insufficient_quota",
                "You exceeded your current quota",
                Throttled,
            ),
            (
                "InvalidApiKey",
                "Invalid API-key; see https://example.com/download-error",
                KeyRefused,
            ),
        ] {
            let class = look_up(Some(code), Some(message)).unwrap();
            assert_eq!(class.kind, kind, "{code}: {message}");
            assert_eq!(
                class.retry == RetryClass::Never,
                kind != Throttled,
                "{code}: {message}"
            );
        }
    }

    #[test]
    fn no_code_is_listed_twice() {
        for kind in ErrorKind::ALL {
            for code in kind.codes() {
                assert_eq!(ErrorKind::of_code(code), Some(kind), "{code}");
            }
        }
    }
}
