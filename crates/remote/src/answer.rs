//! What an answer means: a verdict, or why there is none. Pure: status and bytes in, data out.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::api_code::{Again, VERDICT_PREFIX, classify};
use crate::detection::{BoundingBox, Boxes, Charge, Usage, Verdict};
use crate::error::{BoxError, Error, ErrorKind, Inner};
use crate::failure::Failure;
use crate::key::ApiKey;
use crate::retry;
use crate::transport::{BrokenBody, Lost, LostCause, Reply};
use crate::wire;

/// An answer with a verdict.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) charge: Charge,
    pub(crate) humanoid: Option<bool>,
    pub(crate) usage: Option<Usage>,
    pub(crate) request_id: Option<String>,
}

/// No verdict, and why. Its texts are still as the service sent them.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) charge: Charge,
    pub(crate) again: Again,
    pub(crate) api_code: Option<String>,
    pub(crate) api_message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) source: Option<BoxError>,
}

/// Reads the answer to a check.
pub(crate) fn read(reply: Reply) -> Result<Judged, Fault> {
    let Reply {
        status,
        request_id,
        body,
        ..
    } = reply;
    let mut outcome = parse(status, body).and_then(|answer| match status {
        200..300 => read_success(&answer),
        _ => read_refusal(status, &answer),
    });
    let id = match &mut outcome {
        Ok(judged) => &mut judged.request_id,
        Err(fault) => &mut fault.request_id,
    };
    // The body's id first: the header's may be a gateway's.
    *id = id.take().or(request_id);
    outcome
}

/// The body as JSON, if it is an object; else the fault that its status stands for.
pub(crate) fn parse(status: u16, body: Result<Bytes, BrokenBody>) -> Result<Value, Fault> {
    let fault = bare(status);
    match body {
        Err(broken) => {
            let detail = Some(broken.to_string());
            let source = match broken {
                BrokenBody::Cut(source) => Some(source),
                BrokenBody::TooLong | BrokenBody::TimedOut => None,
            };
            Err(Fault {
                detail,
                source,
                ..fault
            })
        }
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Value::Object(fields)),
            Ok(_) if is_success(status) => Err(Fault {
                kind: ErrorKind::Contract,
                detail: Some("expected a JSON object, but found another value".to_owned()),
                ..fault
            }),
            _ => {
                let found = || match String::from_utf8_lossy(&bytes).trim() {
                    "" => "expected JSON, but found an empty body".to_owned(),
                    body => format!("expected JSON, but found {body}"),
                };
                let detail = fault.detail.or_else(|| Some(found()));
                Err(Fault { detail, ..fault })
            }
        },
    }
}

const fn is_success(status: u16) -> bool {
    matches!(status, 200..300)
}

/// A 200. It is charged if it is a verdict, pass or fail.
fn read_success(answer: &Value) -> Result<Judged, Fault> {
    if let Some(failure) = rejection(answer) {
        return Ok(judged(answer, Verdict::Fail(failure), Charge::Yes));
    }
    let broken = |detail: String| {
        Err(Fault {
            kind: ErrorKind::Contract,
            charge: if wire::is_charged(answer) {
                Charge::Yes
            } else {
                Charge::Unknown
            },
            again: Again::Never,
            detail: Some(detail),
            ..from_answer(answer)
        })
    };
    if wire::code(answer).is_some() {
        return broken("expected a verdict in an HTTP 200, but found an error code".to_owned());
    }
    match answer.pointer(wire::CHECK_PASS) {
        Some(Value::Bool(true)) => match boxes(answer) {
            Ok(boxes) => Ok(judged(answer, Verdict::Pass(boxes), Charge::Yes)),
            Err(detail) => broken(detail),
        },
        Some(Value::Bool(false)) => {
            let failure = Failure::new(
                wire::text(answer, wire::OUTPUT_CODE),
                wire::text(answer, wire::OUTPUT_MESSAGE),
            );
            Ok(judged(answer, Verdict::Fail(failure), Charge::Yes))
        }
        _ => broken(format!(
            "expected true or false in {}, but found {}",
            wire::CHECK_PASS,
            wire::found(answer, wire::CHECK_PASS)
        )),
    }
}

/// Any other status. `InvalidFile.*` is a verdict here too; the vendor does not charge for it.
fn read_refusal(status: u16, answer: &Value) -> Result<Judged, Fault> {
    if let Some(failure) = rejection(answer) {
        let charge = if wire::is_charged(answer) {
            Charge::Yes
        } else {
            Charge::No
        };
        return Ok(judged(answer, Verdict::Fail(failure), charge));
    }
    Err(refusal(status, answer))
}

/// What an error answer says, for any of the service's calls.
pub(crate) fn refusal(status: u16, answer: &Value) -> Fault {
    let texts = from_answer(answer);
    let Some(code) = texts.api_code.as_deref() else {
        return Fault {
            request_id: texts.request_id,
            api_message: texts.api_message,
            ..bare(status)
        };
    };
    let class = classify(status, Some(code), texts.api_message.as_deref());
    let (kind, charge) = match status {
        _ if wire::is_charged(answer) => (class.kind, Charge::Yes),
        504 => (ErrorKind::Lost, Charge::Unknown),
        // "Failed requests are not charged", says the service in its own name.
        ..=500 | 503 => (class.kind, Charge::No),
        _ => (class.kind, Charge::Unknown),
    };
    let again = if charge == Charge::No {
        class.again
    } else {
        Again::Never
    };
    Fault {
        kind,
        charge,
        again,
        ..texts
    }
}

/// An answer that is not the service's own: only its status speaks.
fn bare(status: u16) -> Fault {
    let class = classify(status, None, None);
    let (kind, charge) = match status {
        // A gateway gave up on a service that may still be at work; or the service's own word was
        // lost on the way. 408 is a gateway's as well.
        200..300 | 408 | 502 | 504 => (ErrorKind::Lost, Charge::Unknown),
        ..500 => (class.kind, Charge::No),
        _ => (class.kind, Charge::Unknown),
    };
    let detail = matches!(status, 300..400)
        .then(|| "expected an answer, but found a redirect, which is not followed".to_owned());
    Fault {
        kind,
        charge,
        again: if charge == Charge::No {
            class.again
        } else {
            Again::Never
        },
        api_code: None,
        api_message: None,
        request_id: None,
        detail,
        source: None,
    }
}

fn from_answer(answer: &Value) -> Fault {
    Fault {
        api_code: wire::code(answer),
        api_message: wire::message(answer),
        request_id: wire::request_id(answer),
        ..bare(0)
    }
}

fn judged(answer: &Value, verdict: Verdict, charge: Charge) -> Judged {
    Judged {
        verdict,
        charge,
        humanoid: answer.pointer(wire::HUMANOID).and_then(Value::as_bool),
        usage: wire::image_count(answer).map(|image_count| Usage { image_count }),
        request_id: wire::request_id(answer),
    }
}

/// The rejection that a code names, at the top level or in `output`, under whatever status.
fn rejection(answer: &Value) -> Option<Failure> {
    let is_verdict = |code: &String| code.starts_with(VERDICT_PREFIX);
    if let Some(code) = wire::code(answer).filter(is_verdict) {
        return Some(Failure::new(Some(code), wire::message(answer)));
    }
    let code = wire::text(answer, wire::OUTPUT_CODE).filter(is_verdict)?;
    Some(Failure::new(
        Some(code),
        wire::text(answer, wire::OUTPUT_MESSAGE).or_else(|| wire::message(answer)),
    ))
}

fn boxes(answer: &Value) -> Result<Boxes, String> {
    Ok(Boxes {
        face: bounding_box(answer, wire::FACE_BBOX)?,
        ext: bounding_box(answer, wire::EXT_BBOX)?,
    })
}

fn bounding_box(answer: &Value, path: &str) -> Result<BoundingBox, String> {
    let read = || {
        let [x1, y1, x2, y2] = answer.pointer(path)?.as_array()?.as_slice() else {
            return None;
        };
        BoundingBox::from_corners([pixel(x1)?, pixel(y1)?, pixel(x2)?, pixel(y2)?])
    };
    read().ok_or_else(|| {
        let found = wire::found(answer, path);
        format!("expected the corners of a box in whole px, [x1, y1, x2, y2], in {path}, but found {found}")
    })
}

/// A coordinate in px. A whole number may be written as a float (`10.0`).
fn pixel(value: &Value) -> Option<u32> {
    if let Some(whole) = value.as_u64() {
        return u32::try_from(whole).ok();
    }
    let float = value.as_f64()?;
    let fits = float.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&float);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within u32, as just checked"
    )]
    fits.then_some(float as u32)
}

impl From<Lost> for Fault {
    fn from(lost: Lost) -> Self {
        let (kind, charge, again) = match (&lost.cause, lost.sent) {
            (LostCause::Malformed(_), _) => (ErrorKind::Caller, Charge::No, Again::Never),
            (_, true) => (ErrorKind::Lost, Charge::Unknown, Again::Never),
            (_, false) => (ErrorKind::Unreachable, Charge::No, Again::Yes),
        };
        let (detail, source) = match lost.cause {
            LostCause::Malformed(error) | LostCause::Network(error) => (None, Some(error)),
            LostCause::TimedOut if lost.sent => (Some("no answer in time".to_owned()), None),
            LostCause::TimedOut => (Some("no connection in time".to_owned()), None),
        };
        Self {
            kind,
            charge,
            again,
            detail,
            source,
            ..bare(0)
        }
    }
}

/// What happened around a fault or verdict.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    pub(crate) attempts: u32,
    pub(crate) sent: u32,
}

impl Fault {
    /// The error to hand out. From here on nothing holds the key.
    pub(crate) fn into_error(
        self,
        key: &ApiKey,
        reply: Option<(u16, Option<Duration>)>,
        tries: Tries,
    ) -> Error {
        let clean = |text: Option<String>, most| text.map(|text| kept(key, text, most));
        Error::new(Inner {
            kind: self.kind,
            charge: self.charge,
            retry: retry::verdict(
                self.again,
                tries.attempts,
                reply.and_then(|(_, after)| after),
            ),
            http_status: reply.map(|(status, _)| status),
            api_code: clean(self.api_code, MAX_TEXT),
            api_message: clean(self.api_message, MAX_TEXT),
            request_id: clean(self.request_id, MAX_TEXT),
            attempts: tries.attempts,
            sent: tries.sent,
            detail: clean(self.detail, MAX_DETAIL),
            source: self.source,
        })
    }
}

impl Judged {
    /// Cuts the key out of every text.
    pub(crate) fn cleaned(mut self, key: &ApiKey) -> Self {
        if let Verdict::Fail(failure) = &mut self.verdict {
            for text in failure.texts_mut() {
                *text = kept(key, std::mem::take(text), MAX_TEXT);
            }
        }
        self.request_id = self.request_id.map(|id| kept(key, id, MAX_TEXT));
        self
    }
}

/// Characters kept of a code, message or id. The longest documented message has 200.
const MAX_TEXT: usize = 2000;

/// Characters kept of what we say ourselves, which may quote a body that is no JSON: enough to tell
/// one gateway's page from another's.
const MAX_DETAIL: usize = 240;

/// A stranger's text without the key, and not too long. In this order: a key cut in half would not
/// be found any more.
fn kept(key: &ApiKey, mut text: String, most: usize) -> String {
    key.cut_from(&mut text);
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests;
