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

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers() -> HeaderMap {
        HeaderMap::from_iter([(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )])
    }

    /// Any JSON, with the API's own words more often than chance would have them.
    fn any_json() -> impl Strategy<Value = Value> {
        let word = prop_oneof![
            Just("emo-detect-v1".to_owned()),
            Just("http://a/a.jpg".to_owned()),
            Just("oss://a/b".to_owned()),
            Just("3:4".to_owned()),
            any::<String>(),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            word.prop_map(Value::from),
        ];
        let key = prop_oneof![
            Just("model".to_owned()),
            Just("input".to_owned()),
            Just("image_url".to_owned()),
            Just("parameters".to_owned()),
            Just("ratio".to_owned()),
            any::<String>(),
        ];
        leaf.prop_recursive(3, 24, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(key.clone(), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(body in any::<Vec<u8>>()) {
            let models = ["emo-detect-v1".to_owned()];
            let error = DetectRequest::read(&headers(), &body, &models).unwrap_err();
            prop_assert_eq!(error.code(), "BadRequest.IllegalInput");
        }

        #[test]
        fn what_is_admitted_has_all_that_is_required(body in any_json()) {
            let models = ["emo-detect-v1".to_owned()];
            match DetectRequest::read(&headers(), body.to_string().as_bytes(), &models) {
                Ok(request) => {
                    prop_assert_eq!(body.pointer("/model"), Some(&Value::from(request.model)));
                    let sent = body.pointer("/input/image_url").and_then(Value::as_str);
                    prop_assert_eq!(sent, Some(request.image_url.as_str()));
                    prop_assert!(body.pointer("/parameters").is_some_and(Value::is_object));
                }
                Err(error) => prop_assert!((400..500).contains(&error.http_status())),
            }
        }
    }
}
