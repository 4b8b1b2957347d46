//! The boxes that the detector answered about each image: a video call has to bring the same.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::bounded::Bounded;
use crate::reply::{Payload, Reply};
use crate::request::hex;

/// Images that are remembered, twice each: by URL and by content.
const MAX_REMEMBERED: usize = 20_000;

/// Pairs of boxes that are remembered of one image: two ratios, and some that a fault changed.
const MAX_BOXES: usize = 16;

/// By what an image is known again: a hash, of its URL as sent or of its content. It has one size,
/// however long the URL is, and keeps no signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity(String);

impl Identity {
    pub(crate) fn of_url(url: &str) -> Self {
        // No content has a hash that begins so.
        Self(format!("url {}", hex(&Sha256::digest(url))))
    }

    /// By the lower-case hexadecimal sha256 of all its bytes.
    pub(crate) fn of_content(sha256: &str) -> Self {
        Self(sha256.to_owned())
    }
}

/// The two boxes of a video call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SentBoxes {
    pub(crate) face: [i64; 4],
    pub(crate) ext: [i64; 4],
}

/// The boxes that the detector has answered about each image.
#[derive(Debug)]
pub(crate) struct PastVerdicts {
    /// None for an image that was judged and rejected.
    boxes: Mutex<Bounded<Identity, VecDeque<SaidBoxes>>>,
}

/// Both boxes of a pass, as they were sent.
#[derive(Clone, Debug, PartialEq)]
struct SaidBoxes {
    face: Value,
    ext: Value,
}

impl PastVerdicts {
    pub(crate) fn new() -> Self {
        Self {
            boxes: Mutex::new(Bounded::new(MAX_REMEMBERED)),
        }
    }

    /// Remembers the verdict in an answer about an image, if there is one.
    pub(crate) fn note(&self, image: &[Identity], reply: &Reply) {
        let Payload::Json(body) = &reply.payload else {
            return;
        };
        let Some(is_pass) = is_pass(body) else {
            return;
        };
        let mut known = self.boxes.lock().unwrap_or_else(PoisonError::into_inner);
        for identity in image {
            let known = known.entry(identity.clone(), VecDeque::new);
            if is_pass {
                if known.len() >= MAX_BOXES {
                    known.pop_front();
                }
                known.push_back(SaidBoxes::read(body));
            }
        }
    }

    /// Whether the detector has judged the image, and has never answered these boxes about it. The
    /// first identity that it knows decides.
    pub(crate) fn contradicts(&self, image: &[Identity], sent: SentBoxes) -> bool {
        let known = self.boxes.lock().unwrap_or_else(PoisonError::into_inner);
        image
            .iter()
            .find_map(|identity| known.get(identity))
            .is_some_and(|known| !known.iter().any(|said| said.equal(sent)))
    }
}

impl SaidBoxes {
    fn read(body: &Value) -> Self {
        let field = |at| body.pointer(at).cloned().unwrap_or_default();
        Self {
            face: field("/output/face_bbox"),
            ext: field("/output/ext_bbox"),
        }
    }

    fn equal(&self, sent: SentBoxes) -> bool {
        equal(&self.face, sent.face) && equal(&self.ext, sent.ext)
    }
}

/// Whether an answer is a pass or a rejection; None if it is neither.
fn is_pass(body: &Value) -> Option<bool> {
    let is_rejection = |code: &Value| {
        code.as_str()
            .is_some_and(|code| code.starts_with("InvalidFile."))
    };
    match body.pointer("/output/check_pass") {
        Some(Value::Bool(is_pass)) => Some(*is_pass),
        _ if body.get("code").is_some_and(is_rejection) => Some(false),
        _ => None,
    }
}

fn equal(said: &Value, sent: [i64; 4]) -> bool {
    said.as_array().is_some_and(|said| {
        said.len() == sent.len()
            && said
                .iter()
                .zip(sent)
                // Pixels are far below 2^53: the conversion is exact.
                .all(|(said, sent)| said.as_f64() == Some(sent as f64))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::reply::Origin;

    fn boxes(n: i64) -> SentBoxes {
        SentBoxes {
            face: [n, 1, 2, 3],
            ext: [0; 4],
        }
    }

    #[test]
    fn the_oldest_boxes_of_an_image_are_forgotten() {
        let verdicts = PastVerdicts::new();
        let image = [Identity::of_url("http://a/a.png")];
        assert!(!verdicts.contradicts(&image, boxes(0)), "nothing was said");
        let most = i64::try_from(MAX_BOXES).unwrap();
        for n in 0..=most {
            let SentBoxes { face, ext } = boxes(n);
            let (face, ext) = (Some(json!(face)), Some(json!(ext)));
            verdicts.note(&image, &Reply::pass(face, ext, None, Origin::MadeUp, "id"));
        }
        assert!(verdicts.contradicts(&image, boxes(0)));
        for n in 1..=most {
            assert!(!verdicts.contradicts(&image, boxes(n)), "{n}");
        }
    }

    #[test]
    fn an_error_of_the_call_is_no_verdict() {
        let verdicts = PastVerdicts::new();
        let image = [Identity::of_content("00")];
        for (code, is_verdict) in [("Throttling", false), ("InvalidFile.NoHuman", true)] {
            let reply = Reply::ok(Payload::Json(json!({"code": code})), Origin::Judged);
            verdicts.note(&image, &reply);
            assert_eq!(verdicts.contradicts(&image, boxes(0)), is_verdict, "{code}");
        }
    }
}
