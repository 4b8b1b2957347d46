//! An error as the API words it: what the stand-in answers, and what a test may order.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::catalogue::{self, CATALOGUE};

/// An error answer: status, code, message, and how it is written down.
///
/// In a script a code alone will do (`error = "Throttling.RateQuota"`); a table changes its parts:
/// `error = { code = "Throttling", retry_after = 2 }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) style: ErrorStyle,
}

/// How an error body is laid out. The service uses the first two under one path; the others come
/// from gateways and proxies before it.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorStyle {
    /// `{"code", "message", "request_id"}`.
    #[default]
    Native,
    /// `{"error": {"message", "type", "param", "code"}}`, as recorded on a native 400.
    #[serde(rename = "openai")]
    OpenAi,
    /// `{"Code", "Message", "RequestId", "HostId"}`, of Alibaba Cloud's own gateways.
    Capitalized,
    /// `{"errorCode", "errorMsg", "requestId"}`.
    Camel,
}

impl ApiError {
    /// The error `code` with the status and message that it is documented with; a code that is not
    /// documented is a 400 without a message.
    #[must_use]
    pub fn new(code: &str) -> Self {
        let (status, message) =
            catalogue::row(code).map_or((400, ""), |&(status, _, message)| (status, message));
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            retry_after: None,
            style: ErrorStyle::Native,
        }
    }

    /// Every documented error, for tests that go over all of them.
    pub fn documented() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(|(_, code, _)| Self::new(code))
    }

    /// Sent with this HTTP status; one outside 200 to 599 is sent as 500.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sent with this message.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sent with this `Retry-After`: seconds or a date, sent as given. The service documents none.
    #[must_use]
    pub fn retry_after(mut self, value: impl Into<String>) -> Self {
        self.retry_after = Some(value.into());
        self
    }

    /// Laid out in this style.
    #[must_use]
    pub fn style(mut self, style: ErrorStyle) -> Self {
        self.style = style;
        self
    }

    /// The code, such as `InvalidApiKey`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The HTTP status it is sent with.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.status
    }

    pub(crate) fn to_json(&self, request_id: &str) -> Value {
        match self.style {
            ErrorStyle::Native => {
                json!({"code": self.code, "message": self.message, "request_id": request_id})
            }
            ErrorStyle::OpenAi => json!({"error": {
                "message": self.message,
                "type": "invalid_request_error",
                "param": null,
                "code": self.code,
            }}),
            ErrorStyle::Capitalized => json!({
                "Code": self.code,
                "Message": self.message,
                "RequestId": request_id,
                "HostId": "standin",
            }),
            ErrorStyle::Camel => json!({
                "errorCode": self.code,
                "errorMsg": self.message,
                "requestId": request_id,
            }),
        }
    }
}

/// How an error stands in a script.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Code(String),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    code: String,
    status: Option<u16>,
    message: Option<String>,
    retry_after: Option<RetryAfter>,
    #[serde(default)]
    style: ErrorStyle,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RetryAfter {
    Seconds(u64),
    Verbatim(String),
}

impl From<Written> for ApiError {
    fn from(written: Written) -> Self {
        let table = match written {
            Written::Code(code) => return Self::new(&code),
            Written::Table(table) => table,
        };
        let documented = Self::new(&table.code);
        Self {
            status: table.status.unwrap_or(documented.status),
            message: table.message.unwrap_or(documented.message),
            retry_after: table.retry_after.map(|value| match value {
                RetryAfter::Seconds(seconds) => seconds.to_string(),
                RetryAfter::Verbatim(text) => text,
            }),
            style: table.style,
            code: table.code,
        }
    }
}
