//! What the service answered, in its parsed form.

use serde::{Deserialize, Serialize};

use crate::boxes::Boxes;
use crate::charge::Charge;
use crate::failure::Failure;
use crate::ratio::Ratio;

/// An answered check: the verdict, and what the answer says beside it.
///
/// A rejected image is a `Detection` too: the service did what it was asked to.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Detection {
    /// Whether the image is fit, with the boxes or the reason.
    pub verdict: Verdict,
    /// The service's id of the request: `request_id`, else the header `x-request-id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// The ratio that was asked for; the extended box has about this aspect.
    pub ratio: Ratio,
    /// Whether this check was paid for. A 200 is; a verdict sent as HTTP 400 is not.
    pub charge: Charge,
    /// The tries that it took, this answer's included; 1 to 3.
    pub attempts: u32,
    /// How many of the tries handed their request to a connection; at most `attempts`.
    pub sent: u32,
    /// `output.humanoid`, which newer copies of the reference show: whether the figure is
    /// human-like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub humanoid: Option<bool>,
    /// `usage`, which the service sends with what it charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The HTTP status that carried the verdict: 200, 400 for the other shape of a failed check, or
    /// what a gateway made of it.
    pub http_status: u16,
    /// Whether a stand-in made the answer up, as its header `x-standin` says: by itself, from a
    /// script, or as a fault. Such a
    /// verdict is worth nothing, and its boxes are of no use to the real video call.
    #[serde(default)]
    pub made_up: bool,
}

impl Detection {
    /// The boxes, if the image passed.
    #[must_use]
    pub const fn boxes(&self) -> Option<&Boxes> {
        match &self.verdict {
            Verdict::Pass(boxes) => Some(boxes),
            Verdict::Fail(_) => None,
        }
    }
}

/// `output.check_pass` and what comes with each of its values.
#[expect(clippy::exhaustive_enums, reason = "a check passes or fails")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The image is fit for the video model, which wants these boxes.
    Pass(Boxes),
    /// The image is not fit, for this reason.
    Fail(Failure),
}

/// `usage`: what the service counts for the bill.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// `usage.image_count`: images charged; the reference says that it is always 1.
    pub image_count: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_detection_goes_to_json_and_back() {
        let boxes = Boxes {
            face: [1, 2, 3, 4].into(),
            ext: [0, 0, 5, 5].into(),
        };
        let failure = Failure::new(None, Some("new words".to_owned()));
        for (verdict, written) in [
            (
                Verdict::Pass(boxes),
                json!({"pass": {"face": [1, 2, 3, 4], "ext": [0, 0, 5, 5]}}),
            ),
            (
                Verdict::Fail(failure),
                json!({"fail": {"reason": "other", "message": "new words"}}),
            ),
        ] {
            let detection = Detection {
                verdict,
                request_id: None,
                model: "emo-detect-v1".to_owned(),
                ratio: Ratio::ThreeFour,
                charge: Charge::Yes,
                attempts: 1,
                sent: 1,
                humanoid: None,
                usage: Some(Usage { image_count: 1 }),
                http_status: 200,
                made_up: false,
            };
            let json = serde_json::to_value(&detection).unwrap();
            assert_eq!(
                (&json["verdict"], &json["ratio"], &json["charge"]),
                (&written, &json!("3:4"), &json!("yes"))
            );
            assert_eq!(json.get("humanoid"), None);
            assert_eq!(
                serde_json::from_value::<Detection>(json).unwrap(),
                detection
            );
        }
    }
}
