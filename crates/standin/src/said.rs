//! What the detector said about which image, to hold the boxes of a video call against.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::bounded::Bounded;
use crate::boxes::Ratio;
use crate::reply::{Payload, Reply};

/// Images that are remembered, twice each: by URL and by content.
const MAX_REMEMBERED: usize = 20_000;

/// By what an image is known again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// As sent, signature included. It stays in memory.
    Url(String),
    /// Lower-case hexadecimal, of all its bytes.
    Sha256(String),
}

/// The two boxes of a video call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SentBoxes {
    pub(crate) face: [i64; 4],
    pub(crate) ext: [i64; 4],
}

/// The last word about each image and ratio.
#[derive(Debug)]
pub(crate) struct Said {
    words: Mutex<Bounded<Identity, BTreeMap<Ratio, Word>>>,
}

#[derive(Clone, Debug)]
enum Word {
    Failed,
    Passed { face: Value, ext: Value },
}

impl Said {
    pub(crate) fn new() -> Self {
        Self {
            words: Mutex::new(Bounded::new(MAX_REMEMBERED)),
        }
    }

    /// Remembers the verdict in an answer, if there is one.
    pub(crate) fn note(&self, image: &[Identity], ratio: Ratio, reply: &Reply) {
        let Some(word) = word(reply) else { return };
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        for identity in image {
            let known = words.entry(identity.clone(), BTreeMap::new);
            known.insert(ratio, word.clone());
        }
    }

    /// Whether the detector has judged the image, and has never given these boxes for it.
    pub(crate) fn contradicts(&self, image: &Identity, sent: SentBoxes) -> bool {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        words.get(image).is_some_and(|known| {
            !known.values().any(|word| match word {
                Word::Failed => false,
                Word::Passed { face, ext } => equal(face, sent.face) && equal(ext, sent.ext),
            })
        })
    }
}

fn word(reply: &Reply) -> Option<Word> {
    let Payload::Json(body) = &reply.payload else {
        return None;
    };
    let is_rejection = |code: &Value| {
        code.as_str()
            .is_some_and(|code| code.starts_with("InvalidFile."))
    };
    match body.pointer("/output/check_pass") {
        Some(Value::Bool(true)) => Some(Word::Passed {
            face: body
                .pointer("/output/face_bbox")
                .cloned()
                .unwrap_or_default(),
            ext: body
                .pointer("/output/ext_bbox")
                .cloned()
                .unwrap_or_default(),
        }),
        Some(Value::Bool(false)) => Some(Word::Failed),
        _ if body.get("code").is_some_and(is_rejection) => Some(Word::Failed),
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
