//! The body of a video call.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::api_error::ApiError;
use crate::boxes::Ratio;
use crate::past_verdicts::SentBoxes;
use crate::request::{self, MediaUrl};
use crate::service::Models;

/// Values of `parameters.style_level`.
const STYLE_LEVELS: [&str; 3] = ["normal", "calm", "active"];

/// A video call whose body is as documented.
#[derive(Debug)]
pub(crate) struct VideoRequest {
    pub(crate) model: String,
    pub(crate) image: MediaUrl,
    pub(crate) audio: MediaUrl,
    pub(crate) boxes: SentBoxes,
}

impl VideoRequest {
    /// Reads headers and body of an authorized request.
    pub(crate) fn read(
        headers: &HeaderMap,
        body: &[u8],
        models: &Models,
    ) -> Result<Self, ApiError> {
        if !request::enables(headers, "x-dashscope-async") {
            return Err(ApiError::new("AccessDenied")
                .message("current user api does not support synchronous calls."));
        }
        let body = request::json_object(headers, body)?;
        let model = request::model(&body, &models.video, &models.detect)?;
        let input = request::required(&body, "input")?;
        style_level(&body)?;
        let boxes = SentBoxes {
            face: corners(input, "face_bbox")?,
            ext: corners(input, "ext_bbox")?,
        };
        Ok(Self {
            model,
            image: MediaUrl::read(input, "image_url", headers)?,
            audio: MediaUrl::read(input, "audio_url", headers)?,
            boxes,
        })
    }

    /// The aspect that the video is made and charged in: the nearer to that of the dynamic area.
    pub(crate) fn ratio(&self) -> Ratio {
        let [left, top, right, bottom] = self.boxes.ext.map(i128::from);
        // 7/8 lies between 3/4 and 1/1.
        if (right - left) * 8 < (bottom - top) * 7 {
            Ratio::ThreeToFour
        } else {
            Ratio::Square
        }
    }
}

/// Boxes that the detector did not answer about this image.
pub(crate) fn other_boxes() -> ApiError {
    request::misshapen().message(
        "Invalid bbox input: expected the boxes that the detector answered about this image.",
    )
}

/// `parameters.style_level`, which may be left to its default, and `parameters` with it.
fn style_level(body: &Map<String, Value>) -> Result<(), ApiError> {
    if !body.contains_key("parameters") {
        return Ok(());
    }
    match request::required(body, "parameters")?.get("style_level") {
        None => Ok(()),
        Some(Value::String(level)) if STYLE_LEVELS.contains(&level.as_str()) => Ok(()),
        Some(_) => Err(request::misshapen().message("The style_level is invalid.")),
    }
}

/// "Array of integer", exactly four: the upper-left corner and the lower-right one.
fn corners(input: &Map<String, Value>, name: &str) -> Result<[i64; 4], ApiError> {
    let invalid = || {
        request::misshapen().message(format!(
            "Invalid bbox input: expected four whole numbers as {name}, the upper-left corner first."
        ))
    };
    let values = input
        .get(name)
        .and_then(Value::as_array)
        .ok_or_else(invalid)?;
    let whole: Option<Vec<i64>> = values.iter().map(whole).collect();
    let corners: [i64; 4] = whole
        .and_then(|whole| whole.try_into().ok())
        .ok_or_else(invalid)?;
    let [left, top, right, bottom] = corners;
    if left < right && top < bottom {
        Ok(corners)
    } else {
        Err(invalid())
    }
}

/// A whole number, `302` or `302.0`: JSON does not tell them apart.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        // Pixels are far below 2^53, so that the conversion is exact.
        let is_whole = number.fract() == 0.0 && number.abs() < 9e15;
        is_whole.then_some(number as i64)
    })
}
