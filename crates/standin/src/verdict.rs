//! Verdicts about images, and how they are put into answers.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer;

use crate::api_error::ApiError;
use crate::boxes::{BoundingBox, Boxes, Ratio, ScriptedBox};
use crate::endpoint::Endpoint;
use crate::inspection::Size;
use crate::reasons;
use crate::reply::{Origin, Reply};

/// How a failed check is answered. The reference documents HTTP 200 and HTTP 400; which one the
/// service uses today is not known.
#[expect(
    clippy::exhaustive_enums,
    reason = "the two documented shapes, and what the reference's samples and tables make of them"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureShape {
    /// HTTP 400 with the code at the top level and no `usage`: not charged ("Status codes").
    Bad400,
    /// HTTP 200 with `check_pass: false`, code and message in `output`, and `usage`: charged
    /// ("Sample response").
    #[default]
    Ok200,
    /// The same with empty code and message, as the reference's sample has them.
    #[serde(rename = "ok200-blank")]
    Ok200Blank,
    /// HTTP 200 with an empty code and a sentence of the reference's "Failure reasons".
    #[serde(rename = "ok200-sentence")]
    Ok200Sentence,
    /// HTTP 400 with an empty code and that sentence.
    #[serde(rename = "bad400-sentence")]
    Bad400Sentence,
}

impl FromStr for FailureShape {
    type Err = serde::de::value::Error;

    /// Reads the name that a script has for it.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::deserialize(name.into_deserializer())
    }
}

/// The verdict about one image.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// An error of the call rather than a word about the image, such as `DataInspectionFailed`.
    Error(ApiError),
    /// The image is unfit: any `InvalidFile.*`.
    Fail {
        error: ApiError,
        shape: Option<FailureShape>,
    },
    /// Boxes, where given; the others are made up.
    Pass {
        face: Option<ScriptedBox>,
        ext: Option<ScriptedBox>,
    },
}

impl Verdict {
    /// The verdict that a code stands for: about the image if it is an `InvalidFile.*`, else about
    /// the call.
    pub(crate) fn of(error: ApiError, shape: Option<FailureShape>) -> Self {
        if error.code.starts_with("InvalidFile.") {
            Self::Fail { error, shape }
        } else {
            Self::Error(error)
        }
    }
}

/// All that decides how a verdict is put into an answer.
pub(crate) struct Wording<'a> {
    pub(crate) size: Size,
    pub(crate) ratio: Ratio,
    pub(crate) humanoid: Option<bool>,
    pub(crate) default_shape: FailureShape,
    pub(crate) origin: Origin,
    pub(crate) request_id: &'a str,
}

impl Wording<'_> {
    pub(crate) fn put(&self, verdict: &Verdict) -> Reply {
        match verdict {
            Verdict::Error(error) => {
                Reply::error(error, Endpoint::FaceDetect, self.origin, self.request_id)
            }
            Verdict::Fail { error, shape } => self.fail(error, shape.unwrap_or(self.default_shape)),
            Verdict::Pass { face, ext } => {
                let made_up = Boxes::made_up(self.size.width, self.size.height, self.ratio);
                let value = |scripted: &Option<ScriptedBox>, made_up: BoundingBox| match scripted {
                    Some(scripted) => scripted.value(),
                    None => Some(made_up.as_slice().into()),
                };
                let (face, ext) = (value(face, made_up.face), value(ext, made_up.ext));
                Reply::pass(face, ext, self.humanoid, self.origin, self.request_id)
            }
        }
    }

    fn fail(&self, error: &ApiError, shape: FailureShape) -> Reply {
        let (code, message) = match shape {
            FailureShape::Bad400 | FailureShape::Ok200 => {
                (error.code.as_str(), error.message.as_str())
            }
            FailureShape::Ok200Blank => ("", ""),
            FailureShape::Bad400Sentence | FailureShape::Ok200Sentence => ("", sentence(error)),
        };
        match shape {
            FailureShape::Bad400 | FailureShape::Bad400Sentence => {
                let sent = ApiError {
                    code: code.to_owned(),
                    message: message.to_owned(),
                    ..error.clone()
                };
                let reply = Reply::error(&sent, Endpoint::FaceDetect, self.origin, self.request_id);
                Reply {
                    code: Some(error.code.clone()),
                    ..reply
                }
            }
            FailureShape::Ok200 | FailureShape::Ok200Blank | FailureShape::Ok200Sentence => {
                let reason = error.code.as_str();
                Reply::fail(
                    reason,
                    code,
                    message,
                    self.humanoid,
                    self.origin,
                    self.request_id,
                )
            }
        }
    }
}

/// The reference's sentence for a reason; the message that a script gave instead, or that of a code
/// that the reference does not have.
fn sentence(error: &ApiError) -> &str {
    let is_own_message = error.message != ApiError::new(&error.code).message;
    match reasons::sentence(&error.code) {
        Some(sentence) if !is_own_message => sentence,
        _ => &error.message,
    }
}
