//! The request, checked as the service checks it: the first thing that is wrong is the answer.

use axum::http::{HeaderMap, header};
use reqwest::Url;
use serde_json::Value;

use crate::api_error::ApiError;
use crate::boxes::Ratio;

/// Names of the family that exist and are not served by this path.
const MODELS_OF_OTHER_PATHS: [&str; 1] = ["emo-v1"];

/// A request to the check that can be worked on.
#[derive(Debug)]
pub(crate) struct DetectRequest {
    pub(crate) model: String,
    /// As sent.
    pub(crate) image_url: String,
    pub(crate) image: ImageUrl,
    pub(crate) ratio: Ratio,
}

/// Where the picture is.
#[derive(Debug)]
pub(crate) enum ImageUrl {
    /// `oss://<key>`: in the temporary store.
    Stored(String),
    Web(Url),
}

/// Whose keys are accepted.
#[derive(Clone, Debug, Default)]
pub(crate) enum AcceptedKey {
    #[default]
    Any,
    Only(String),
}

/// Checks the `Authorization` header.
pub(crate) fn authorize(headers: &HeaderMap, accepted: &AcceptedKey) -> Result<(), ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(ApiError::new("InvalidApiKey").message("No API-key provided."));
    };
    let key = value
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim);
    match (key, accepted) {
        (Some(key), AcceptedKey::Any) if !key.is_empty() => Ok(()),
        (Some(key), AcceptedKey::Only(accepted)) if key == accepted => Ok(()),
        _ => Err(ApiError::new("InvalidApiKey")),
    }
}

impl DetectRequest {
    /// Reads headers and body of an authorized request.
    pub(crate) fn read(
        headers: &HeaderMap,
        body: &[u8],
        models: &[String],
    ) -> Result<Self, ApiError> {
        if headers.contains_key("x-dashscope-async") {
            return Err(ApiError::new("AccessDenied")
                .message("Current user api does not support asynchronous calls."));
        }
        let body = json_body(headers, body)?;
        let model = model(&body, models)?;
        let input = body.get("input").filter(|input| !is_blank(input));
        let input = input.ok_or_else(|| ApiError::new("BadRequest.EmptyInput"))?;
        let image_url = match input.get("image_url") {
            Some(Value::String(url)) if !url.is_empty() => url.clone(),
            _ => return Err(ApiError::new("InvalidParameter")),
        };
        let ratio = ratio(&body)?;
        let image = ImageUrl::read(&image_url, headers)?;
        Ok(Self {
            model,
            image_url,
            image,
            ratio,
        })
    }

    /// Last part of the URL's path, decoded: what a script calls the picture.
    pub(crate) fn name(&self) -> String {
        let path = match &self.image {
            ImageUrl::Stored(key) => key.as_str(),
            ImageUrl::Web(url) => url.path(),
        };
        let last = path.rsplit('/').next().unwrap_or_default();
        percent_encoding::percent_decode_str(last)
            .decode_utf8_lossy()
            .into_owned()
    }

    /// The URL without its query, which may hold a signature.
    pub(crate) fn public_url(&self) -> String {
        self.image_url
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

impl ImageUrl {
    fn read(text: &str, headers: &HeaderMap) -> Result<Self, ApiError> {
        if let Some(key) = text.strip_prefix("oss://") {
            // Without the header the service takes the address at its word, and it is none.
            let resolves = headers
                .get("x-dashscope-ossresourceresolve")
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"enable"));
            return if resolves {
                Ok(Self::Stored(key.to_owned()))
            } else {
                Err(ApiError::new("invalid_parameter_error"))
            };
        }
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                Ok(Self::Web(url))
            }
            _ => Err(ApiError::new("InvalidURL")),
        }
    }
}

fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::new("BadRequest.IllegalInput"));
    }
    match serde_json::from_slice(body) {
        Ok(body @ Value::Object(_)) => Ok(body),
        _ => Err(ApiError::new("BadRequest.IllegalInput")),
    }
}

fn model(body: &Value, models: &[String]) -> Result<String, ApiError> {
    let Some(Value::String(model)) = body.get("model") else {
        return Err(ApiError::new("BadRequest.EmptyModel"));
    };
    if models.contains(model) {
        Ok(model.clone())
    } else if model.is_empty() {
        Err(ApiError::new("BadRequest.EmptyModel"))
    } else if MODELS_OF_OTHER_PATHS.contains(&model.as_str()) {
        Err(ApiError::new("InvalidParameter").message("url error, please check url!"))
    } else {
        Err(ApiError::new("ModelNotFound"))
    }
}

/// "Required: Yes … The default value is "1:1"": the parameters must be there, the ratio may be left to its default.
fn ratio(body: &Value) -> Result<Ratio, ApiError> {
    let parameters = match body.get("parameters") {
        None | Some(Value::Null) => return Err(ApiError::new("BadRequest.EmptyParameters")),
        Some(Value::Object(parameters)) => parameters,
        Some(_) => return Err(ApiError::new("InvalidParameter")),
    };
    match parameters.get("ratio") {
        None => Ok(Ratio::Square),
        Some(Value::String(text)) => {
            Ratio::parse(text).ok_or_else(|| ApiError::new("InvalidParameter.Ratio"))
        }
        Some(_) => Err(ApiError::new("InvalidParameter.Ratio")),
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}
