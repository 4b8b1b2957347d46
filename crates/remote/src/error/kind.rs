//! What can go wrong, in one table: each kind with its name, its words and what follows from it.

use std::fmt;

use language::{Language, Text};
use serde::{Deserialize, Serialize};

/// Why a call ended without a verdict, by who can put it right.
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
    /// The account may not make the call: arrears, free quota used up, a model that is unknown, not
    /// bought or not allowed.
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
    meaning: Text,
    suggestion: Text,
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
        self.meaning_in(Language::En)
    }

    /// [`ErrorKind::meaning`] in a language.
    #[must_use]
    pub const fn meaning_in(self, language: Language) -> &'static str {
        self.row().meaning.in_language(language)
    }

    /// What to do about it, in one or two sentences.
    #[must_use]
    pub const fn suggestion(self) -> &'static str {
        self.suggestion_in(Language::En)
    }

    /// [`ErrorKind::suggestion`] in a language.
    #[must_use]
    pub const fn suggestion_in(self, language: Language) -> &'static str {
        self.row().suggestion.in_language(language)
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
                meaning: Text {
                    en: "the service refused the key",
                    zh: "服务拒绝了该 API Key",
                },
                suggestion: Text {
                    en: "Use a key of the China (Beijing) region that belongs to the workspace, and check that \
                             it was copied whole.",
                    zh: "请使用华北2（北京）地域、且属于所用业务空间的 API Key，并确认复制完整。",
                },
            },
            Self::Account => Row {
                name: "account",
                meaning: Text {
                    en: "the account may not make this call",
                    zh: "该账号不能发起此调用",
                },
                suggestion: Text {
                    en: "In the vendor's console, see whether the model exists and is activated, the free quota \
                             is used up, or a bill is overdue.",
                    zh: "请在阿里云百炼控制台查看：模型是否存在并已开通，免费额度是否用完，账号是否欠费。",
                },
            },
            Self::Throttled => Row {
                name: "throttled",
                meaning: Text {
                    en: "the service asked to slow down",
                    zh: "请求被服务限流",
                },
                suggestion: Text {
                    en: "Ask again later. The limit of five requests a second holds for the whole account: see \
                             who else uses it.",
                    zh: "请稍后重试。每秒 5 次的限流按阿里云主账号计算，请查看还有谁在使用该账号。",
                },
            },
            Self::ServiceFailed => Row {
                name: "service-failed",
                meaning: Text {
                    en: "the service failed",
                    zh: "服务自身出错",
                },
                suggestion: Text {
                    en: "Ask again later; if it stays so, report the request id to the vendor.",
                    zh: "请稍后重试；若持续出错，请将 request_id 反馈给阿里云。",
                },
            },
            Self::OutcomeUnknown => Row {
                name: "outcome-unknown",
                meaning: Text {
                    en: "the request was sent, and its outcome is not known",
                    zh: "请求已发出，但结果未知",
                },
                suggestion: Text {
                    en: "Asking again may be paid for twice: ask only for images whose verdict is worth that.",
                    zh: "再次检测可能重复计费，只对值得再付一次费用的图片重试。",
                },
            },
            Self::NotFetched => Row {
                name: "not-fetched",
                meaning: Text {
                    en: "the service could not fetch the image, or disliked its format",
                    zh: "服务无法下载该图片，或不接受其格式",
                },
                suggestion: Text {
                    en: "Give a URL that mainland China reaches without a login, that has not expired, and that \
                             answers with the image's media type and length; or upload the image.",
                    zh: "请提供中国内地可直接访问的公网 URL：无需登录、未过期，且响应带有图片的 Content-Type 和 Content-Length；也可以改为上传图片。",
                },
            },
            Self::RequestRefused => Row {
                name: "request-refused",
                meaning: Text {
                    en: "the service refused the request",
                    zh: "服务拒绝了该请求",
                },
                suggestion: Text {
                    en: "Correct what its message names: a parameter, the model, the workspace or the upload.",
                    zh: "请按错误信息修改：可能是请求参数、模型名称、业务空间，或上传得到的临时 URL 有问题。",
                },
            },
            Self::Moderated => Row {
                name: "moderated",
                meaning: Text {
                    en: "the service's content filter refused the image",
                    zh: "图片未通过服务的内容安全审核",
                },
                suggestion: Text {
                    en: "Use another image. The filter of the video model would refuse this one, too.",
                    zh: "请更换图片。视频生成模型同样会拒绝这张图片。",
                },
            },
            Self::ContractBroken => Row {
                name: "contract-broken",
                meaning: Text {
                    en: "the service's answer breaks its contract",
                    zh: "服务的响应不符合接口约定",
                },
                suggestion: Text {
                    en: "Report the request id to the vendor. Asking again may be paid for twice.",
                    zh: "请将 request_id 反馈给阿里云。再次检测可能重复计费。",
                },
            },
            Self::UploadFailed => Row {
                name: "upload-failed",
                meaning: Text {
                    en: "the image was not uploaded",
                    zh: "图片上传失败",
                },
                suggestion: Text {
                    en: "Upload it again, or give a public URL of it. Nothing was charged.",
                    zh: "请重新上传，或提供图片的公网 URL。未产生费用。",
                },
            },
            Self::Unreachable => Row {
                name: "unreachable",
                meaning: Text {
                    en: "the service could not be reached",
                    zh: "无法连接到服务",
                },
                suggestion: Text {
                    en: "Check the base URL's host, the network, and a proxy if there is one. Nothing was sent.",
                    zh: "请检查 Base URL 的域名、网络，以及代理（如果有）。请求没有发出。",
                },
            },
            Self::NotTheApi => Row {
                name: "not-the-api",
                meaning: Text {
                    en: "the answer is not the service's: the base URL leads to somebody else",
                    zh: "响应并非来自该服务：Base URL 指向了别处",
                },
                suggestion: Text {
                    en: "Correct the base URL: it is https://dashscope.aliyuncs.com/api/v1, or that of a \
                             workspace in China (Beijing), and ends in /api/v1.",
                    zh: "请修正 Base URL：应为 https://dashscope.aliyuncs.com/api/v1，或华北2（北京）地域业务空间的地址，以 /api/v1 结尾。",
                },
            },
            Self::Vetoed => Row {
                name: "vetoed",
                meaning: Text {
                    en: "the caller allowed no further request",
                    zh: "调用方不允许再发请求",
                },
                suggestion: Text {
                    en: "Raise the budget, or ask again when there is one.",
                    zh: "请提高预算，或等有预算时再检测。",
                },
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
    fn a_run_stops_for_the_key_the_account_and_the_base_url() {
        let stops: Vec<_> = ErrorKind::ALL
            .into_iter()
            .filter(|kind| kind.stops_the_run())
            .collect();
        let three = [
            ErrorKind::KeyRefused,
            ErrorKind::Account,
            ErrorKind::NotTheApi,
        ];
        assert_eq!(stops, three);
    }

    #[test]
    fn every_kind_has_words_of_its_own() {
        let all = ErrorKind::ALL;
        let names: HashSet<&str> = all.into_iter().map(ErrorKind::name).collect();
        assert_eq!(names.len(), all.len());
        for language in Language::ALL {
            for words in [ErrorKind::meaning_in, ErrorKind::suggestion_in] {
                let words: HashSet<&str> =
                    all.into_iter().map(|kind| words(kind, language)).collect();
                assert_eq!(words.len(), all.len(), "{language}");
            }
        }
        for kind in ErrorKind::ALL {
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.name());
            assert_eq!(serde_json::from_value::<ErrorKind>(json).unwrap(), kind);
            for (language, stop) in [(Language::En, '.'), (Language::Zh, '。')] {
                assert!(kind.suggestion_in(language).ends_with(stop), "{kind}");
                assert!(!kind.meaning_in(language).ends_with(stop), "{kind}");
                let is_chinese = crate::is_chinese(kind.meaning_in(language))
                    && crate::is_chinese(kind.suggestion_in(language));
                assert_eq!(is_chinese, language == Language::Zh, "{kind}");
            }
        }
    }
}
