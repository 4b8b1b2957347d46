//! What an answer means: a verdict, or why there is none. Pure: status, headers and bytes in, data
//! out.

use reqwest::header::CONTENT_ENCODING;
use serde_json::Value;

use crate::boxes::{BoundingBox, Boxes};
use crate::charge::Charge;
use crate::detection::{Detection, Usage, Verdict};
use crate::error::classify::{Answered, Body, Exchange, classify};
use crate::error::codes::{VERDICT_PREFIX, is_listed, look_up};
use crate::error::{ErrorDraft, ErrorKind, MAX_TEXT};
use crate::failure::{Failure, FailureReason};
use crate::key::ApiKey;
use crate::ratio::Ratio;
use crate::retry::Tries;
use crate::transport::{BrokenBody, Reply};
use crate::wire;
use json::Found;

mod json;
mod mend;
mod page;
mod text;

/// Header by which a stand-in says that its answers are made up.
const STANDIN: &str = "x-standin";

/// The question, and how often it was asked so far. A [`Detection`] tells both beside the answer.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) key: &'a ApiKey,
    pub(crate) model: &'a str,
    pub(crate) ratio: Ratio,
    pub(crate) tries: Tries,
}

/// Reads the answer to a check.
pub(crate) fn read(reply: Reply, asked: Asked<'_>) -> Result<Detection, Box<ErrorDraft>> {
    let head = reply.head();
    let made_up = reply.header(STANDIN).is_some();
    let with_head = |draft: Box<ErrorDraft>, head| Box::new(draft.with_head(head));
    let read = || {
        let answer = parse(reply)?;
        // A gateway may give a paid answer another status: 302, 429.
        let is_judged = (200..300).contains(&head.status) || wire::is_charged(&answer);
        let (verdict, charge) = if is_judged {
            read_judgement(head.status, &answer)?
        } else {
            read_refusal(head.status, &answer)?
        };
        Ok((answer, verdict, charge))
    };
    let (answer, verdict, charge) = match read() {
        Ok(read) => read,
        Err(draft) => return Err(with_head(draft, head)),
    };
    let clean = |text: String| asked.key.kept(text, MAX_TEXT);
    Ok(Detection {
        verdict: match verdict {
            Verdict::Fail(failure) => Verdict::Fail(failure.map_texts(clean)),
            pass @ Verdict::Pass(_) => pass,
        },
        // The body's id first: the header's may be a gateway's.
        request_id: wire::request_id(&answer).or(head.request_id).map(clean),
        model: asked.model.to_owned(),
        ratio: asked.ratio,
        charge,
        attempts: asked.tries.attempts,
        sent: asked.tries.sent,
        humanoid: answer.pointer(wire::HUMANOID).and_then(Value::as_bool),
        usage: wire::image_count(&answer).map(|image_count| Usage { image_count }),
        http_status: head.status,
        made_up,
    })
}

/// The body's JSON object, however it is dressed; else the error that its status stands for, with
/// whatever the body says quoted.
pub(crate) fn parse(reply: Reply) -> Result<Value, Box<ErrorDraft>> {
    let (code, message) = reply.gateway_error();
    let coding = reply.header(CONTENT_ENCODING.as_str()).map(str::to_owned);
    let status = reply.status;
    let (body, detail, source) = match reply.body {
        Ok(bytes) => match read_json(status, &bytes, coding.as_deref()) {
            Ok(answer) => return Ok(answer),
            Err((body, detail)) => (body, detail, None),
        },
        Err(BrokenBody { received, fault }) => {
            if let Some(answer) = json::find_answer(&text::decoded(&received)) {
                return Ok(answer);
            }
            let (detail, source) = fault.into_parts();
            (Body::Unreadable, detail, source)
        }
    };
    let answered = Answered {
        status,
        body,
        code: code.as_deref(),
        message: message.as_deref(),
        billed: false,
    };
    let draft = ErrorDraft {
        detail: Some(detail),
        source,
        ..ErrorDraft::new(classify(Exchange::Answered(answered)))
    };
    Err(draft.with_api_error(code, message).into())
}

fn read_json(status: u16, bytes: &[u8], coding: Option<&str>) -> Result<Value, (Body, String)> {
    let text = text::decoded(bytes);
    let is_redirect = (300..400).contains(&status);
    let found = match json::find(&text) {
        Found::Object(object) if !is_redirect || wire::is_answer(&object) => return Ok(object),
        found => found,
    };
    let excerpt = page::excerpt(&text);
    Err(match found {
        _ if is_redirect => (
            Body::Unreadable,
            "expected an answer, but found a redirect, which is not followed".to_owned(),
        ),
        Found::Object(_) | Found::Other => (
            Body::OtherJson,
            format!("expected a JSON object, but found {excerpt}"),
        ),
        Found::Nothing if page::is_page(&text) => (
            Body::Page,
            format!("expected JSON, but found a web page: {excerpt}"),
        ),
        Found::Nothing if excerpt.is_empty() => (
            Body::Unreadable,
            "expected JSON, but found an empty body".to_owned(),
        ),
        Found::Nothing => (
            Body::Unreadable,
            match coding.filter(|_| excerpt.contains(char::REPLACEMENT_CHARACTER)) {
                Some(coding) => {
                    format!("expected JSON, but found bytes in the content coding {coding}")
                }
                None => format!("expected JSON, but found {excerpt}"),
            },
        ),
    })
}

/// A 200, or an answer that was paid for. It is charged if it is a verdict, pass or fail.
fn read_judgement(status: u16, answer: &Value) -> Result<(Verdict, Charge), Box<ErrorDraft>> {
    let check_pass = answer.pointer(wire::CHECK_PASS);
    let boxes = boxes(answer);
    // A whole pass is a pass, whatever stands beside it.
    if let (Some(Value::Bool(true)), Ok(boxes)) = (check_pass, &boxes) {
        return Ok((Verdict::Pass(boxes.clone()), Charge::Yes));
    }
    if let Some(failure) = rejection(status, answer) {
        return Ok((Verdict::Fail(failure), Charge::Yes));
    }
    let broken = |detail: String| {
        Box::new(ErrorDraft {
            detail: Some(detail),
            ..refusal(status, answer)
        })
    };
    if wire::error_code(answer, status).is_some() {
        return Err(broken(
            "expected a verdict, but found an error code".to_owned(),
        ));
    }
    match check_pass {
        Some(Value::Bool(true)) => Err(broken(boxes.err().unwrap_or_default())),
        Some(Value::Bool(false)) if !says_not_fetched(answer) => {
            let failure = Failure::new(
                wire::text(answer, wire::OUTPUT_CODE),
                wire::text(answer, wire::OUTPUT_MESSAGE),
            );
            Ok((Verdict::Fail(failure), Charge::Yes))
        }
        Some(Value::Bool(false)) => Err(refusal(status, answer).into()),
        _ => Err(broken(format!(
            "expected true or false in {}, but found {} in {answer}",
            wire::CHECK_PASS,
            wire::found(answer, wire::CHECK_PASS)
        ))),
    }
}

/// Any other answer. A rejection is a verdict here too; the vendor does not charge for it.
fn read_refusal(status: u16, answer: &Value) -> Result<(Verdict, Charge), Box<ErrorDraft>> {
    match rejection(status, answer) {
        Some(failure) => Ok((Verdict::Fail(failure), Charge::No)),
        None => Err(refusal(status, answer).into()),
    }
}

/// The error that an answer tells of, for any of the service's calls.
pub(crate) fn refusal(status: u16, answer: &Value) -> ErrorDraft {
    let code = wire::error_code(answer, status).or_else(|| wire::text(answer, wire::OUTPUT_CODE));
    let message = wire::message(answer).or_else(|| wire::text(answer, wire::OUTPUT_MESSAGE));
    let answered = Answered {
        status,
        body: Body::Object,
        code: code.as_deref(),
        message: message.as_deref(),
        billed: wire::is_charged(answer),
    };
    let is_silent = code.is_none() && message.is_none();
    ErrorDraft {
        request_id: wire::request_id(answer),
        detail: is_silent.then(|| format!("expected an error of the API, but found {answer}")),
        ..ErrorDraft::new(classify(Exchange::Answered(answered)))
    }
    .with_api_error(code, message)
}

/// The rejection that a code or a sentence names, at the top level or in `output`, under whatever
/// status.
fn rejection(status: u16, answer: &Value) -> Option<Failure> {
    let message = wire::message(answer);
    let inner_code = wire::text(answer, wire::OUTPUT_CODE);
    // The message at the top level belongs to the code there, unless `output` has one and no words.
    let inner_message = wire::text(answer, wire::OUTPUT_MESSAGE)
        .or_else(|| message.clone().filter(|_| inner_code.is_some()));
    [
        (wire::error_code(answer, status), message),
        (inner_code, inner_message),
    ]
    .into_iter()
    .find_map(|(code, message)| {
        let named = code
            .as_deref()
            .is_some_and(|code| code.starts_with(VERDICT_PREFIX));
        let is_new = !code.as_deref().is_some_and(is_listed);
        let said = is_not_fetched(code.as_deref(), message.as_deref());
        let failure = Failure::new(code, message);
        let known = failure.reason() != FailureReason::Other;
        (is_new && known || named && !said).then_some(failure)
    })
}

fn says_not_fetched(answer: &Value) -> bool {
    let code = wire::text(answer, wire::OUTPUT_CODE);
    let message = wire::text(answer, wire::OUTPUT_MESSAGE);
    is_not_fetched(code.as_deref(), message.as_deref())
}

fn is_not_fetched(code: Option<&str>, message: Option<&str>) -> bool {
    look_up(code, message).is_some_and(|class| class.kind == ErrorKind::NotFetched)
}

fn boxes(answer: &Value) -> Result<Boxes, String> {
    let read = |path| {
        let found = || wire::found(answer, path);
        answer
            .pointer(path)
            .and_then(BoundingBox::of)
            .ok_or_else(|| {
                format!("expected the corners of a box in px, [x1, y1, x2, y2], in {path}, but found {}", found())
            })
    };
    Ok(Boxes {
        face: read(wire::FACE_BBOX)?,
        ext: read(wire::EXT_BBOX)?,
    })
}

#[cfg(test)]
mod tests;
