//! What the requests of both models have in common, each checked as the service checks it: the
//! first thing that is wrong is the answer.

use axum::http::{HeaderMap, header};
use reqwest::Url;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::api_error::ApiError;

/// Hexadecimal digits of a [`key_id`]: enough to tell a test's keys apart.
const KEY_ID_DIGITS: usize = 12;

/// Whose keys are accepted.
#[derive(Clone, Debug, Default)]
pub(crate) enum AcceptedKey {
    #[default]
    Any,
    Only(String),
}

/// How a key stands in [`Stats`](crate::Stats): the first 12 hexadecimal digits of its sha256, so
/// that a real key that was sent by mistake is not shown.
#[must_use]
pub fn key_id(key: &str) -> String {
    hex(&Sha256::digest(key))
        .chars()
        .take(KEY_ID_DIGITS)
        .collect()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks the `Authorization` header, and gives the [`key_id`] of what it holds.
pub(crate) fn authorize(headers: &HeaderMap, accepted: &AcceptedKey) -> Result<String, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(ApiError::new("InvalidApiKey").message("No API-key provided."));
    };
    let key = value
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim);
    match (key, accepted) {
        (Some(key), AcceptedKey::Any) if !key.is_empty() => Ok(key_id(key)),
        (Some(key), AcceptedKey::Only(accepted)) if key == accepted => Ok(key_id(key)),
        _ => Err(ApiError::new("InvalidApiKey")),
    }
}

/// "The request is missing required parameters or in a wrong format".
pub(crate) fn misshapen() -> ApiError {
    ApiError::new("InvalidParameter")
}

/// Whether the request carries this header with the value `enable`.
pub(crate) fn enables(headers: &HeaderMap, name: &str) -> bool {
    headers
        .get(name)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"enable"))
}

/// The body, a JSON object that says in its header that it is one.
pub(crate) fn json_object(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Map<String, Value>, ApiError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(misshapen());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(misshapen()),
    }
}

/// The model that is asked for: one of `served`. One of `elsewhere` has another path.
pub(crate) fn model(
    body: &Map<String, Value>,
    served: &[String],
    elsewhere: &[String],
) -> Result<String, ApiError> {
    let model = match body.get("model") {
        Some(Value::String(model)) if !model.is_empty() => model,
        _ => return Err(misshapen()),
    };
    if served.contains(model) {
        Ok(model.clone())
    } else if elsewhere.contains(model) {
        Err(misshapen().message("url error, please check url!"))
    } else {
        Err(ApiError::new("ModelNotFound"))
    }
}

/// The object `input`, or another that is required.
pub(crate) fn required<'a>(
    body: &'a Map<String, Value>,
    name: &str,
) -> Result<&'a Map<String, Value>, ApiError> {
    body.get(name)
        .and_then(Value::as_object)
        .ok_or_else(misshapen)
}

/// An address in a request, of an image or a voice.
#[derive(Clone, Debug)]
pub(crate) struct MediaUrl {
    /// As sent.
    pub(crate) sent: String,
    pub(crate) place: Place,
}

/// Where an address leads.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// `oss://<key>`: in the temporary store.
    Stored(String),
    Web(Url),
}

impl MediaUrl {
    /// Reads an address of `input`.
    ///
    /// # Errors
    ///
    /// If it is not a text, not an http, https or `oss://` URL, or an `oss://` one that the request's
    /// header does not ask to resolve.
    pub(crate) fn read(
        input: &Map<String, Value>,
        name: &str,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let sent = match input.get(name) {
            Some(Value::String(url)) if !url.is_empty() => url.clone(),
            _ => return Err(misshapen()),
        };
        let place = if let Some(key) = sent.strip_prefix("oss://") {
            // Without the header the service takes the address at its word, and it is none.
            if !enables(headers, "x-dashscope-ossresourceresolve") {
                return Err(ApiError::new("invalid_parameter_error"));
            }
            Place::Stored(key.to_owned())
        } else {
            match Url::parse(&sent) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                    Place::Web(url)
                }
                _ => return Err(ApiError::new("InvalidURL")),
            }
        };
        Ok(Self { sent, place })
    }

    /// Last part of the URL's path, decoded: the name of an image in a script.
    pub(crate) fn name(&self) -> String {
        let path = match &self.place {
            Place::Stored(key) => key.as_str(),
            Place::Web(url) => url.path(),
        };
        let last = path.rsplit('/').next().unwrap_or_default();
        percent_encoding::percent_decode_str(last)
            .decode_utf8_lossy()
            .into_owned()
    }

    /// The URL without its query, which may hold a signature.
    pub(crate) fn without_query(&self) -> String {
        let (url, _) = self.sent.split_once(['?', '#']).unwrap_or((&self.sent, ""));
        url.to_owned()
    }
}
