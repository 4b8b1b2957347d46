//! Verdicts that were paid for before.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Where verdicts are kept between runs, so that nothing is paid for twice.
///
/// Only passes and rejections are kept; what could not be found out never is.
pub trait Verdicts: fmt::Debug + Send + Sync {
    /// The verdict for a key, if it is known and not too old.
    fn find(&self, key: &VerdictKey) -> Option<KnownVerdict>;

    /// Keeps a verdict.
    ///
    /// # Errors
    ///
    /// Those of writing it down. The verdict stands all the same; it is only not remembered.
    fn keep(&self, key: &VerdictKey, verdict: &KnownVerdict) -> io::Result<()>;
}

/// What a verdict is about: the content (or, without a local file, the URL and its validators),
/// the model, the ratio and the service.
///
/// Holds no URL in the clear: a signed one is a secret.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct VerdictKey(String);

impl VerdictKey {
    /// The key of a file whose whole content was hashed (`sha256` in lower-case hex).
    #[must_use]
    pub fn of_content(sha256: &str, question: &Question<'_>) -> Self {
        Self(format!("sha256:{sha256}|{question}"))
    }

    /// The key of a URL whose content we have not: its validators stand for the content. `None`
    /// where it has none of them, since then nothing tells one content from the next.
    #[must_use]
    pub fn of_url(url: &str, validators: &Validators<'_>, question: &Question<'_>) -> Option<Self> {
        let Validators {
            etag,
            last_modified,
            len,
        } = *validators;
        if etag.is_none() && last_modified.is_none() && len.is_none() {
            return None;
        }
        let len = len.map(|len| len.to_string());
        let mut hash = Sha256::new();
        for part in [Some(url), etag, last_modified, len.as_deref()] {
            // Each part with its length, so that no two lists of parts read alike.
            let part = part.unwrap_or_default();
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Some(Self(format!(
            "url-sha256:{}|{question}",
            hex(&hash.finalize())
        )))
    }

    /// The key as it is written down.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the service is asked, of whichever image.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "what makes a verdict another verdict"
)]
pub struct Question<'a> {
    /// The model.
    pub model: &'a str,
    /// The ratio, `1:1` or `3:4`.
    pub ratio: &'a str,
    /// The base URL of the service.
    pub base_url: &'a str,
}

impl fmt::Display for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", self.model, self.ratio, self.base_url)
    }
}

/// What a server says that tells one content of a URL from the next.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 9110 section 8.8 has these, and the length"
)]
pub struct Validators<'a> {
    /// The entity tag.
    pub etag: Option<&'a str>,
    /// The date of the last change.
    pub last_modified: Option<&'a str>,
    /// Bytes in the whole object.
    pub len: Option<u64>,
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
            // A `String` takes everything.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// A verdict of the service, as it is kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KnownVerdict {
    /// What the service said.
    #[serde(flatten)]
    pub verdict: Ruling,
    /// The service's name for the request that was paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When it was said, RFC 3339.
    pub at: jiff::Timestamp,
}

/// Pass or reject, with what belongs to it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a verdict is one of these two for good"
)]
pub enum Ruling {
    /// The portrait is fit.
    Pass {
        /// The face, as upper-left and lower-right corner in px.
        face_bbox: [u32; 4],
        /// The moving area, likewise.
        ext_bbox: [u32; 4],
    },
    /// It is not.
    Reject {
        /// The service's code, verbatim; perhaps empty.
        api_code: String,
        /// The service's message, verbatim; perhaps empty.
        api_message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: Question<'_> = Question {
        model: "emo-detect-v1",
        ratio: "1:1",
        base_url: "https://example.com/api/v1",
    };

    #[test]
    fn a_key_changes_with_whatever_makes_it_another_question() {
        let key = VerdictKey::of_content("9f86", &QUESTION);
        assert_eq!(
            key.as_str(),
            "sha256:9f86|emo-detect-v1|1:1|https://example.com/api/v1"
        );
        assert_ne!(
            key,
            VerdictKey::of_content(
                "9f86",
                &Question {
                    ratio: "3:4",
                    ..QUESTION
                }
            )
        );
        assert_ne!(
            key,
            VerdictKey::of_content(
                "9f86",
                &Question {
                    model: "m",
                    ..QUESTION
                }
            )
        );
    }

    #[test]
    fn a_url_is_known_by_its_validators_and_never_written_down() {
        let url = "https://cdn.example.com/a.jpg?Signature=SECRET";
        let none = Validators::default();
        assert_eq!(VerdictKey::of_url(url, &none, &QUESTION), None);
        let etag = Validators {
            etag: Some("\"1\""),
            ..none
        };
        let date = Validators {
            last_modified: Some("\"1\""),
            ..none
        };
        let key = VerdictKey::of_url(url, &etag, &QUESTION).unwrap();
        assert!(!key.as_str().contains("SECRET") && !key.as_str().contains("cdn"));
        assert_ne!(Some(key), VerdictKey::of_url(url, &date, &QUESTION));
    }
}
