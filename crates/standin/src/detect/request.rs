//! The body of a request to the check.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::api_error::ApiError;
use crate::boxes::Ratio;
use crate::request::{self, MediaUrl};
use crate::service::Models;

/// A request to the check that can be worked on.
#[derive(Debug)]
pub(crate) struct DetectRequest {
    pub(crate) model: String,
    pub(crate) image: MediaUrl,
    pub(crate) ratio: Ratio,
}

impl DetectRequest {
    /// Reads headers and body of an authorized request.
    pub(crate) fn read(
        headers: &HeaderMap,
        body: &[u8],
        models: &Models,
    ) -> Result<Self, ApiError> {
        if headers.contains_key("x-dashscope-async") {
            return Err(ApiError::new("AccessDenied")
                .message("Current user api does not support asynchronous calls."));
        }
        let body = request::json_object(headers, body)?;
        let model = request::model(&body, &models.detect, &models.video)?;
        let input = request::required(&body, "input")?;
        if !input.get("image_url").is_some_and(Value::is_string) {
            return Err(request::misshapen());
        }
        let ratio = ratio(&body)?;
        let image = MediaUrl::read(input, "image_url", headers)?;
        Ok(Self {
            model,
            image,
            ratio,
        })
    }
}

/// "Required: Yes … The default value is "1:1"": the parameters must be there, the ratio may be
/// left to its default.
fn ratio(body: &Map<String, Value>) -> Result<Ratio, ApiError> {
    match request::required(body, "parameters")?.get("ratio") {
        None => Ok(Ratio::Square),
        Some(Value::String(text)) => {
            Ratio::parse(text).ok_or_else(|| ApiError::new("InvalidParameter.Ratio"))
        }
        Some(_) => Err(ApiError::new("InvalidParameter.Ratio")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};
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
        fn any_bytes_get_the_document_s_answer(body in any::<Vec<u8>>()) {
            let error = DetectRequest::read(&headers(), &body, &Models::default()).unwrap_err();
            prop_assert_eq!(error.code(), "InvalidParameter");
        }

        #[test]
        fn what_is_admitted_has_all_that_is_required(body in any_json()) {
            match DetectRequest::read(&headers(), body.to_string().as_bytes(), &Models::default()) {
                Ok(request) => {
                    prop_assert_eq!(body.pointer("/model"), Some(&Value::from(request.model)));
                    let sent = body.pointer("/input/image_url").and_then(Value::as_str);
                    prop_assert_eq!(sent, Some(request.image.sent.as_str()));
                    prop_assert!(body.pointer("/parameters").is_some_and(Value::is_object));
                }
                Err(error) => prop_assert!((400..500).contains(&error.http_status())),
            }
        }
    }
}
