//! What the clones of a client share, and the requests that they make.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::base_url::{BaseUrl, WorkspaceId};
use crate::image_url::ImageUrl;
use crate::key::ApiKey;
use crate::pacer::Pace;
use crate::ratio::Ratio;
use crate::transport::{Payload, Request, Transport};
use crate::wire::{self, DetectRequest, Input, Parameters};

/// Both vendor SDKs write it with a capital S; header names have no case, but logs are read.
const WORKSPACE: HeaderName = HeaderName::from_static("x-dashscope-workspace");

/// Asks the service to read `oss://`. Only ever sent with such an address.
const OSS_RESOLVE: HeaderName = HeaderName::from_static("x-dashscope-ossresourceresolve");

pub(crate) struct Shared {
    pub(crate) key: ApiKey,
    pub(crate) base_url: BaseUrl,
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) model: String,
    pub(crate) timeout: Duration,
    pub(crate) tries: u32,
    pub(crate) pace: Option<Arc<dyn Pace>>,
    pub(crate) permits: Semaphore,
    pub(crate) transport: Box<dyn Transport>,
}

impl Shared {
    /// The right to be one of the concurrent calls.
    pub(crate) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // An error means that the semaphore was closed, which nobody does.
        self.permits.acquire().await.ok()
    }

    pub(crate) fn detect_request(&self, image: &ImageUrl, ratio: Ratio) -> Request {
        let body = DetectRequest {
            model: &self.model,
            input: Input {
                image_url: image.as_str(),
            },
            parameters: Parameters {
                ratio: ratio.as_str(),
            },
        };
        let mut headers = self.headers();
        if image.as_oss().is_some() {
            headers.insert(OSS_RESOLVE, HeaderValue::from_static("enable"));
        }
        #[expect(
            clippy::expect_used,
            reason = "three strings in three objects: nothing in it can fail to serialise"
        )]
        let body = serde_json::to_vec(&body).expect("plain strings");
        Request {
            url: self.base_url.join(wire::FACE_DETECT),
            headers,
            payload: Payload::Json(Bytes::from(body)),
        }
    }

    /// The headers of every call to the service: the key's, and the workspace's.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.key.bearer());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(id) = &self.workspace {
            #[expect(
                clippy::expect_used,
                reason = "WorkspaceId admits letters, digits, `_` and `-` only"
            )]
            headers.insert(
                WORKSPACE,
                HeaderValue::from_str(id.as_str()).expect("visible ASCII"),
            );
        }
        headers
    }
}
