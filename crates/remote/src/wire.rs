//! The service's JSON, field for field, with the reference's names.
//!
//! Answers are read from a [`Value`], each field on its own: one of a wrong type must not hide the
//! others, least of all the request id or what was charged.

use serde::Serialize;
use serde_json::Value;

/// The path of the check below the base URL.
pub(crate) const FACE_DETECT: &str = "services/aigc/image2video/face-detect";

/// The body of a check.
#[derive(Serialize)]
pub(crate) struct DetectRequest<'a> {
    pub(crate) model: &'a str,
    pub(crate) input: Input<'a>,
    pub(crate) parameters: Parameters<'a>,
}

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    pub(crate) image_url: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Parameters<'a> {
    pub(crate) ratio: &'a str,
}

pub(crate) const CHECK_PASS: &str = "/output/check_pass";
pub(crate) const FACE_BBOX: &str = "/output/face_bbox";
pub(crate) const EXT_BBOX: &str = "/output/ext_bbox";
pub(crate) const HUMANOID: &str = "/output/humanoid";
pub(crate) const OUTPUT_CODE: &str = "/output/code";
pub(crate) const OUTPUT_MESSAGE: &str = "/output/message";
const OUTPUT: &str = "/output";
const USAGE: &str = "/usage";
const IMAGE_COUNT: &str = "/usage/image_count";

/// Where an error's code stands: the reference's place, OpenAI's two, and those of Alibaba's
/// gateways.
const CODES: &[&str] = &[
    "/code",
    "/error/code",
    "/error/type",
    "/Code",
    "/Error/Code",
    "/errorCode",
    "/error_code",
    "/ErrorCode",
];

/// Where its message stands. A bare `error` or `detail` is what web frameworks send.
const MESSAGES: &[&str] = &[
    "/message",
    "/error/message",
    "/Message",
    "/Error/Message",
    "/errorMsg",
    "/errorMessage",
    "/error_msg",
    "/ErrorMessage",
    "/error_description",
    "/msg",
    "/detail",
    "/error",
];

/// `request_id`; the vendor's Java SDK reads `requestId` as well, its gateways write `RequestId`.
const REQUEST_IDS: &[&str] = &[
    "/request_id",
    "/requestId",
    "/RequestId",
    "/error/request_id",
];

/// The id of the request.
pub(crate) fn request_id(answer: &Value) -> Option<String> {
    first(answer, REQUEST_IDS)
}

/// The code of the error that the answer tells of, unless it only repeats the HTTP status or says
/// that all is well.
pub(crate) fn error_code(answer: &Value, status: u16) -> Option<String> {
    let is_error = |code: &String| {
        let code = code.trim();
        let says_fine = |fine: &str| code.eq_ignore_ascii_case(fine);
        code.parse() != Ok(status) && !["0", "200", "ok", "success"].into_iter().any(says_fine)
    };
    let mut codes = CODES.iter().filter_map(|path| text(answer, path));
    codes.find(is_error)
}

/// The message beside it.
pub(crate) fn message(answer: &Value) -> Option<String> {
    first(answer, MESSAGES)
}

fn first(answer: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| text(answer, path))
}

/// `usage.image_count`.
pub(crate) fn image_count(answer: &Value) -> Option<u64> {
    number(answer, IMAGE_COUNT)
}

/// Whether the answer tells of a charge: it has a `usage`, which does not say that nothing was
/// counted.
pub(crate) fn is_charged(answer: &Value) -> bool {
    answer.pointer(USAGE).is_some_and(Value::is_object) && image_count(answer) != Some(0)
}

/// Whether it is an answer of the service to a check: it has an `output` or a `usage`.
pub(crate) fn is_answer(value: &Value) -> bool {
    let is_object = |path| value.pointer(path).is_some_and(Value::is_object);
    is_object(OUTPUT) || is_object(USAGE)
}

/// A text, verbatim; blank ones are as good as absent. A number stands for its digits.
pub(crate) fn text(answer: &Value, path: &str) -> Option<String> {
    match answer.pointer(path)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number, or a text of one: the reference calls some fields strings that are numbers on the
/// wire.
pub(crate) fn number(answer: &Value, path: &str) -> Option<u64> {
    match answer.pointer(path)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The type of a field, for "but found …". Never its content, which may be secret.
pub(crate) fn found(answer: &Value, path: &str) -> String {
    match answer.pointer(path) {
        None => "nothing".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Bool(_)) => "a boolean".to_owned(),
        Some(Value::Number(_)) => "a number".to_owned(),
        Some(Value::String(_)) => "a string".to_owned(),
        Some(Value::Array(items)) => {
            let numbers: Vec<String> = items
                .iter()
                .take(8)
                .map(|item| {
                    item.as_f64()
                        .map_or_else(|| "?".to_owned(), |n| n.to_string())
                })
                .collect();
            let more = if items.len() > numbers.len() {
                ", …"
            } else {
                ""
            };
            format!("[{}{more}]", numbers.join(", "))
        }
        Some(Value::Object(_)) => "an object".to_owned(),
    }
}
