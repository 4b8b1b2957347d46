//! Faults: everything that can go wrong with a call, on demand.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::api_error::ApiError;

/// Something that goes wrong with one call.
///
/// Either it comes **instead of the work**: no image is fetched, and nothing is billed. These are
/// [`Answer`](Self::Answer), [`Error`](Self::Error), [`Cut`](Self::Cut) at the head or the request,
/// and [`Gateway`](Self::Gateway) where it has not `worked`. Or it comes **after the work**: the
/// verdict is reached, billed as usual, and harmed on its way back. These are all the others. A
/// client has to account for the difference.
///
/// In a script the names are in kebab case: `"doubled"`, `{ error = "Arrearage" }`,
/// `{ cut = "worked" }`, `{ set = { at = "/output/face_bbox", to = [0.5, 1, 2, 3] } }`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Any answer at all, as given: a redirect, an empty 200, another server's page.
    Answer(Answer),
    /// U+FEFF stands before the body, as a proxy written for Windows puts it there.
    ByteOrderMark,
    /// The connection is cut.
    Cut(Cut),
    /// All goes as usual, only this much later.
    #[serde(rename = "delay-ms", deserialize_with = "milliseconds")]
    Delay(Duration),
    /// The body stands twice in the answer.
    Doubled,
    /// The answer comes in small pieces with pauses between them.
    Drip(Drip),
    /// This error of the API.
    Error(ApiError),
    /// The body comes as gzip, and says so, whether or not the request accepts it.
    Gzip,
    /// An HTML page from a gateway that stands before the service.
    Gateway(Gateway),
    /// After the body come this many MiB of spaces, without an announced length.
    #[serde(rename = "huge-mib")]
    Huge(u64),
    /// The body lacks what this JSON pointer names, such as `/output/ext_bbox`.
    Remove(String),
    /// The body holds something else where a JSON pointer says.
    Set(Replacement),
    /// The body ends in the middle; the message itself is whole.
    Truncated,
}

/// When the connection is cut.
#[expect(
    clippy::exhaustive_enums,
    reason = "the moments of one HTTP exchange, in their order"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// As soon as the request's head is read, before its body. For one before that see
    /// [`refuse_connections`](crate::Standin::refuse_connections).
    Head,
    /// After the whole request, before any work.
    Request,
    /// After the work, before the first byte of the answer.
    Worked,
    /// In the middle of the answer's body.
    Response,
}

/// An answer as given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// HTTP status; one outside 200 to 599 is sent as 500.
    pub status: u16,
    /// `Content-Type`; none if absent.
    #[serde(default)]
    pub content_type: Option<String>,
    /// `Location`, for a redirect.
    #[serde(default)]
    pub location: Option<String>,
    /// Any other header lines. One that HTTP does not allow is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body. `{id}` in it stands for the request id.
    #[serde(default)]
    pub body: String,
}

/// How slowly an answer drips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drip {
    /// Bytes in a piece; 0 counts as 1.
    pub bytes: usize,
    /// Milliseconds between two pieces.
    pub every_ms: u64,
}

/// A gateway's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// HTTP status, such as 502 or 504.
    pub status: u16,
    /// Whether the service behind it had done the work, and billed it, when the gateway gave up.
    #[serde(default)]
    pub worked: bool,
}

/// A value put in place of the sound one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// Where: a JSON pointer (RFC 6901). What it names is made if its parent exists.
    pub at: String,
    /// What; `null` if absent, as TOML has no word for it.
    #[serde(default)]
    pub to: Value,
}

impl Fault {
    /// This error instead of the work: by its documented code, or an [`ApiError`] of one's own.
    #[must_use]
    pub fn error(error: impl Into<ApiError>) -> Self {
        Self::Error(error.into())
    }

    /// An HTML page with this status; `worked` says whether the work was done, and billed, all the
    /// same.
    #[must_use]
    pub fn gateway(status: u16, worked: bool) -> Self {
        Self::Gateway(Gateway { status, worked })
    }

    /// The answer in pieces of so many bytes.
    #[must_use]
    pub fn drip(bytes: usize, every: Duration) -> Self {
        let every_ms = u64::try_from(every.as_millis()).unwrap_or(u64::MAX);
        Self::Drip(Drip { bytes, every_ms })
    }

    /// Another value where the JSON pointer `at` says.
    #[must_use]
    pub fn set(at: &str, to: impl Into<Value>) -> Self {
        Self::Set(Replacement {
            at: at.to_owned(),
            to: to.into(),
        })
    }

    /// The body without what the JSON pointer `at` names.
    #[must_use]
    pub fn remove(at: &str) -> Self {
        Self::Remove(at.to_owned())
    }
}

impl From<&str> for ApiError {
    fn from(code: &str) -> Self {
        Self::new(code)
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

fn milliseconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}
