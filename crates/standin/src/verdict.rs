//! What is said about a picture.

use serde::Deserialize;

use crate::api_error::ApiError;
use crate::boxes::{BoundingBox, Boxes, Ratio};
use crate::endpoint::Endpoint;
use crate::picture::Size;
use crate::reply::{Origin, Reply};

/// How a failed check is answered. The reference documents both; which one the service uses today is not known.
#[expect(
    clippy::exhaustive_enums,
    reason = "the two documented shapes, and the reference's blank sample of one"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureShape {
    /// HTTP 400 with the code at the top level and no `usage`: not charged ("Status codes").
    Bad400,
    /// HTTP 200 with `check_pass: false`, code and message in `output`, and `usage`: charged ("Sample response").
    #[default]
    Ok200,
    /// The same with empty code and message, as the reference's sample has them.
    #[serde(rename = "ok200-blank")]
    Ok200Blank,
}

/// The verdict about one picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// An error of the call rather than a word about the picture, such as `DataInspectionFailed`.
    Error(ApiError),
    /// The picture is unfit: any `InvalidFile.*`.
    Fail {
        error: ApiError,
        shape: Option<FailureShape>,
    },
    /// Boxes, where given; the others are made up.
    Pass {
        face: Option<BoundingBox>,
        ext: Option<BoundingBox>,
    },
}

impl Verdict {
    /// The verdict that a code stands for: about the picture if it is an `InvalidFile.*`, else about the call.
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
                let boxes = Boxes {
                    face: face.unwrap_or(made_up.face),
                    ext: ext.unwrap_or(made_up.ext),
                };
                Reply::pass(&boxes, self.humanoid, self.origin, self.request_id)
            }
        }
    }

    fn fail(&self, error: &ApiError, shape: FailureShape) -> Reply {
        let (code, message) = match shape {
            FailureShape::Bad400 => {
                return Reply::error(error, Endpoint::FaceDetect, self.origin, self.request_id);
            }
            FailureShape::Ok200 => (error.code.as_str(), error.message.as_str()),
            FailureShape::Ok200Blank => ("", ""),
        };
        Reply::fail(code, message, self.humanoid, self.origin, self.request_id)
    }
}
