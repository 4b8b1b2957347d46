//! What the video call wants of an image that passed everything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use remote::{BoundingBox, ImageUrl, OssUrl, Ratio};
use serde::{Deserialize, Serialize};

use crate::{Facts, RemoteFacts, Service, Sha256};

/// The model of the video call.
pub const VIDEO_MODEL: &str = "emo-v1";

/// The header that lets the service read an `oss://` address, and its value.
const OSS_RESOLVE: (&str, &str) = ("X-DashScope-OssResourceResolve", "enable");

/// The part of EMO's video call (`emo-v1`) that is about an image that passed every stage, and
/// whether it can take it now.
///
/// The boxes are about the very pixels that were judged: an image that is resized, turned or
/// encoded anew needs a new verdict.
///
/// Serialises as `{"kind", "input": {"image_url"?, "face_bbox", "ext_bbox"}, "headers", …}`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a caller must say what becomes of each: it can be sent, it cannot, it must not"
)]
pub enum HandOff {
    /// The video call can take it as it is.
    Ready(VideoCall),
    /// The image has no address that the video model can read: it must be uploaded for that model
    /// first, as [`Gate::upload_for_video`](crate::Gate::upload_for_video) does.
    UploadAgain(VideoCall),
    /// The stand-in made the boxes up: its own video call takes them, and no other must.
    MadeUp(VideoCall),
}

/// The image's part of a video call, and which image that is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VideoCall {
    /// The image's part of the call's `input`; the caller adds `audio_url`.
    pub input: VideoInput,
    /// Headers that the call needs beside the key's and `X-DashScope-Async`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// When `image_url` ends, for an uploaded image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub expires: Option<Timestamp>,
    /// The one model that may read `image_url`, for an uploaded image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_to: Option<String>,
    /// The ratio that was asked for; that of `ext_bbox`.
    pub ratio: Ratio,
    /// Width of the image in px as stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height of the image in px as stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The EXIF orientation, 1 to 8, where it was seen. The documents do not say whether boxes are
    /// in px as stored or as turned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orientation: Option<u8>,
    /// SHA-256 of the whole file, where the whole file was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// The model that judged.
    pub model: String,
    /// The service's name for the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// The image's part of the video call's `input`, field for field.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VideoInput {
    /// The URL that was judged, exactly as it was sent. Absent where there is none: the verdict of
    /// a local image was known, and it was published nowhere this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The face, as upper-left and lower-right corner in px, as the service sent it.
    pub face_bbox: BoundingBox,
    /// The moving area, likewise.
    pub ext_bbox: BoundingBox,
}

impl HandOff {
    /// The hand-off of a pass, whose image the service found at `url`.
    pub(crate) fn of(facts: &Facts, remote: &RemoteFacts, url: Option<&ImageUrl>) -> Option<Self> {
        let call = VideoCall {
            input: VideoInput {
                image_url: None,
                face_bbox: remote.face_bbox.clone()?,
                ext_bbox: remote.ext_bbox.clone()?,
            },
            headers: BTreeMap::new(),
            expires: None,
            bound_to: None,
            ratio: remote.ratio,
            width: facts.width,
            height: facts.height,
            orientation: facts.orientation,
            sha256: facts.sha256,
            model: remote.model.clone(),
            request_id: remote.request_id.clone(),
        };
        Some(match remote.service {
            Service::Emo => Self::UploadAgain(call),
            Service::Standin => Self::MadeUp(call),
        })
        .map(|handoff| match url {
            Some(url) => handoff.at(url),
            None => handoff,
        })
    }

    /// The same, with the image at this URL.
    pub(crate) fn at(self, url: &ImageUrl) -> Self {
        let made_up = matches!(self, Self::MadeUp(_));
        let mut call = self.into_call();
        let oss = url.as_oss();
        call.input.image_url = Some(url.as_str().to_owned());
        call.headers = oss
            .map(|_| (OSS_RESOLVE.0.to_owned(), OSS_RESOLVE.1.to_owned()))
            .into_iter()
            .collect();
        call.expires = oss
            .and_then(OssUrl::expires_at)
            .and_then(|at| Timestamp::try_from(at).ok());
        call.bound_to = oss.and_then(OssUrl::model).map(str::to_owned);
        // An upload whose model is not known may be anybody's.
        let is_readable = oss.is_none() || call.bound_to.as_deref() == Some(VIDEO_MODEL);
        match (made_up, is_readable) {
            (true, _) => Self::MadeUp(call),
            (false, true) => Self::Ready(call),
            (false, false) => Self::UploadAgain(call),
        }
    }

    /// The call, whatever can be done with it.
    #[must_use]
    pub const fn call(&self) -> &VideoCall {
        match self {
            Self::Ready(call) | Self::UploadAgain(call) | Self::MadeUp(call) => call,
        }
    }

    /// The call, if the video call can take it now.
    #[must_use]
    pub const fn ready(&self) -> Option<&VideoCall> {
        match self {
            Self::Ready(call) => Some(call),
            Self::UploadAgain(_) | Self::MadeUp(_) => None,
        }
    }

    fn into_call(self) -> VideoCall {
        match self {
            Self::Ready(call) | Self::UploadAgain(call) | Self::MadeUp(call) => call,
        }
    }
}
