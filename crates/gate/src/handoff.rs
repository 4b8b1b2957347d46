//! What the video call wants of an image that passed everything.

use serde::Serialize;

use crate::{Outcome, RemoteFacts, Report};

/// What EMO's video call (`emo-v1`) wants of an image that passed every stage, and which image that
/// was.
///
/// [`input`](Self::input) serialises to exactly the image's part of that call's `input`; the caller
/// adds `audio_url`. The boxes are about the very pixels that were judged: an image that is resized,
/// turned or encoded anew needs a new verdict.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Handoff {
    /// The image's part of the call.
    #[serde(flatten)]
    pub input: VideoInput,
    /// The ratio that was asked for: `1:1` or `3:4`. It is that of `ext_bbox`.
    pub ratio: &'static str,
    /// Width of the image in px as stored.
    pub width: u32,
    /// Height of the image in px as stored.
    pub height: u32,
    /// SHA-256 of the whole file in lower-case hex, where the whole file was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The model that judged.
    pub model: String,
    /// The service's name for the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When `image_url` expires, RFC 3339; for `oss://` addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The one model that may read `image_url`; for `oss://` addresses. Where it is the detector's,
    /// the image must be lent anew, to the video's model, before generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_to: Option<String>,
}

/// The image's part of the video call's `input`, field for field.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VideoInput {
    /// The URL that was judged.
    pub image_url: String,
    /// The face, as upper-left and lower-right corner in px.
    pub face_bbox: [u32; 4],
    /// The moving area, likewise.
    pub ext_bbox: [u32; 4],
}

impl Report {
    /// What the video call wants, if the image passed every stage, the paid one included.
    ///
    /// None for the stand-in's made-up boxes: nothing may be generated from those. None, too, for a
    /// local file whose verdict was known, since no address was looked for: the boxes are in
    /// [`remote`](Self::remote), and the caller knows where the file is public.
    #[must_use]
    pub fn handoff(&self) -> Option<Handoff> {
        let remote = self
            .remote()
            .filter(|remote| remote.service == RemoteFacts::EMO)?;
        let facts = self.facts();
        if self.outcome() != Outcome::Pass {
            return None;
        }
        Some(Handoff {
            input: VideoInput {
                image_url: remote.sent_url.clone()?,
                face_bbox: remote.face_bbox?,
                ext_bbox: remote.ext_bbox?,
            },
            ratio: remote.ratio,
            width: facts.width?,
            height: facts.height?,
            sha256: facts.sha256.clone(),
            model: remote.model.clone(),
            request_id: remote.request_id.clone(),
            expires: remote.oss_expires.clone(),
            bound_to: remote.oss_model.clone(),
        })
    }
}
