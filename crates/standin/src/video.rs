//! `POST /api/v1/services/aigc/image2video/video-synthesis` and `GET /api/v1/tasks/{task_id}`

mod request;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use serde_json::json;

use self::request::VideoRequest;
use crate::api_error::ApiError;
use crate::call::{self, Arrival};
use crate::endpoint::Endpoint;
use crate::inspector::Location;
use crate::past_verdicts::Identity;
use crate::reply::{Origin, Payload, Reply};
use crate::request as shared;
use crate::request::{MediaUrl, Place};
use crate::service::Service;

pub(crate) async fn video_synthesis(arrival: Arrival) -> Response<Body> {
    arrival
        .answer(
            Endpoint::VideoSynthesis,
            async |service, request, request_id| {
                let (head, body) = request.into_parts();
                let body = call::read(body).await?;
                let (request, image) = accept(&service, &head.headers, &body)?;
                Ok(submit(&service, request, image, &request_id).into())
            },
        )
        .await
}

pub(crate) async fn task(arrival: Arrival) -> Response<Body> {
    arrival
        .answer(Endpoint::Task, async |service, request, request_id| {
            shared::authorize(request.headers(), &service.key)?;
            let path = request.uri().path().trim_end_matches('/');
            let task_id = path.rsplit('/').next().unwrap_or_default();
            let state = service.tasks.poll(task_id).await;
            let body = state.to_json(task_id, &request_id);
            Ok(Reply::ok(Payload::Json(body), Origin::MadeUp).into())
        })
        .await
}

/// Checks a video call: key, body, whether its uploads are the video model's, and whether the boxes
/// are the detector's.
fn accept(
    service: &Service,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(VideoRequest, Location), ApiError> {
    shared::authorize(headers, &service.key)?;
    let request = VideoRequest::read(headers, body, &service.models)?;
    let found = |url: &MediaUrl| {
        service
            .locate_for_video(url, &request.model)
            .ok_or_else(|| ApiError::new("InvalidURL"))
    };
    let image = found(&request.image)?;
    if matches!(request.audio.place, Place::Stored(_)) {
        found(&request.audio)?;
    }
    hold_boxes(service, &request, image.sha256())?;
    Ok((request, image))
}

/// Holds the boxes of a video call against what the detector said about that address, else about
/// that content.
fn hold_boxes(
    service: &Service,
    request: &VideoRequest,
    sha256: Option<&str>,
) -> Result<(), ApiError> {
    let by_url = Identity::of_url(&request.image.sent);
    let by_content = sha256.map(Identity::of_content);
    let image: Vec<Identity> = [by_url].into_iter().chain(by_content).collect();
    if service.past_verdicts.contradicts(&image, request.boxes) {
        Err(request::other_boxes())
    } else {
        Ok(())
    }
}

/// Starts the task of a video call that was found right.
fn submit(
    service: &Arc<Service>,
    request: VideoRequest,
    image: Location,
    request_id: &str,
) -> Reply {
    service.counters.video_accepted();
    let ratio = request.ratio();
    let work = work(Arc::clone(service), request, image);
    let task_id = format!("{request_id}-task");
    service.tasks.start(&task_id, ratio, work);
    let body = json!({
        "output": {"task_id": task_id, "task_status": "PENDING"},
        "request_id": request_id,
    });
    Reply::ok(Payload::Json(body), Origin::MadeUp)
}

/// The task itself: the image is fetched, and judged by its own bytes, only now.
async fn work(
    service: Arc<Service>,
    request: VideoRequest,
    found: Location,
) -> Result<(), ApiError> {
    let image = service.inspector.inspect(found).await;
    let sha256 = image.as_ref().map(|image| image.sha256.as_str());
    let part = service.script.part(&request.image.name(), sha256);
    if let Some(error) = part.and_then(|part| part.video.clone()) {
        return Err(error);
    }
    let size = image.as_ref().and_then(|image| image.size);
    let size = size.ok_or_else(|| ApiError::new("InvalidURL"))?;
    if !size.is_accepted() {
        return Err(ApiError::new("InvalidFile.Resolution"));
    }
    hold_boxes(&service, &request, sha256)
}
