//! `POST /api/v1/services/aigc/image2video/face-detect`

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Response};

use crate::api_error::ApiError;
use crate::endpoint::Endpoint;
use crate::exchange::{self, Outcome, Unread, exchange};
use crate::fault::Fault;
use crate::picture::{Picture, Size};
use crate::reply::{Origin, Reply};
use crate::request::{self, DetectRequest};
use crate::script::Part;
use crate::service::Service;
use crate::stats::Subject;
use crate::verdict::{Verdict, Wording};
use crate::wire::Wire;

/// Bytes of a request's body: a model, an URL and a ratio, with room for a long signature.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// For the whole body to arrive: nobody needs longer for a few hundred bytes.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) async fn face_detect(
    State(service): State<Arc<Service>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response<Body> {
    exchange(
        Arc::clone(&service),
        Endpoint::FaceDetect,
        wire,
        request,
        async move |request, request_id| {
            let call = Call {
                service: &service,
                request_id: &request_id,
            };
            call.answer(request).await
        },
    )
    .await
}

/// One call of the check.
struct Call<'a> {
    service: &'a Service,
    request_id: &'a str,
}

impl Call<'_> {
    async fn answer(&self, request: Request) -> Outcome {
        let (head, body) = request.into_parts();
        let body = tokio::time::timeout(BODY_TIMEOUT, exchange::read(body, MAX_BODY_BYTES)).await;
        let body = match body {
            Ok(Ok(body)) => body,
            Ok(Err(Unread::BrokenOff)) => return Outcome::default(),
            Ok(Err(Unread::TooLong)) => {
                return self.judged(&ApiError::new("BadRequest.TooLarge")).into();
            }
            Err(_) => return self.judged(&ApiError::new("RequestTimeOut")).into(),
        };
        match self.admit(&head.headers, &body) {
            Ok(request) => self.check(&request).await,
            Err(error) => self.judged(&error).into(),
        }
    }

    /// All that is checked before anything is done about the picture.
    fn admit(&self, headers: &HeaderMap, body: &[u8]) -> Result<DetectRequest, ApiError> {
        request::authorize(headers, &self.service.key)?;
        if self
            .service
            .throttle
            .as_ref()
            .is_some_and(|throttle| !throttle.admits(Instant::now()))
        {
            self.service.ledger.throttled();
            return Err(ApiError::new("Throttling.RateQuota"));
        }
        DetectRequest::read(headers, body, &self.service.models)
    }

    async fn check(&self, request: &DetectRequest) -> Outcome {
        let mut subject = Subject {
            url: request.public_url(),
            sha256: None,
        };
        let named = self.service.script.by_name(&request.name());
        let mut fault = named.and_then(Part::next_fault);
        if let Some(outcome) = self.forestalled(fault.as_ref(), &subject) {
            return outcome;
        }

        tokio::time::sleep(self.service.service_time).await;
        let picture = self.service.picture(request).await;
        subject.sha256 = picture.as_ref().map(|picture| picture.sha256.clone());
        let known = subject
            .sha256
            .as_deref()
            .and_then(|sha256| self.service.script.by_sha256(sha256));
        if fault.is_none() {
            fault = known.and_then(Part::next_fault);
            if let Some(outcome) = self.forestalled(fault.as_ref(), &subject) {
                return outcome;
            }
        }
        exchange::wait(fault.as_ref()).await;

        let reply = self.verdict(request, picture.as_ref(), known.or(named));
        Outcome {
            reply: Some(reply),
            fault,
            subject: Some(subject),
        }
    }

    /// The outcome if the script has a fault for this picture that comes instead of the work.
    fn forestalled(&self, fault: Option<&Fault>, subject: &Subject) -> Option<Outcome> {
        let fault = fault.filter(|fault| exchange::comes_instead(fault))?;
        let outcome = exchange::forestalled(fault, Endpoint::FaceDetect, self.request_id);
        Some(Outcome {
            subject: Some(subject.clone()),
            ..outcome
        })
    }

    /// What the picture's own bytes say comes first, then the script, then a pass with made-up boxes.
    fn verdict(
        &self,
        request: &DetectRequest,
        picture: Option<&Picture>,
        part: Option<&Part>,
    ) -> Reply {
        let Some(size) = picture.and_then(|picture| picture.size) else {
            return self.judged(&ApiError::new("InvalidURL"));
        };
        if !size.is_accepted() {
            let verdict = Verdict::of(ApiError::new("InvalidFile.Resolution"), None);
            return self
                .wording(request, size, Origin::Judged, None)
                .put(&verdict);
        }
        match part {
            Some(part) => self
                .wording(request, size, Origin::Scripted, part.humanoid)
                .put(&part.verdict),
            None => {
                let pass = Verdict::Pass {
                    face: None,
                    ext: None,
                };
                self.wording(request, size, Origin::MadeUp, None).put(&pass)
            }
        }
    }

    fn wording(
        &self,
        request: &DetectRequest,
        size: Size,
        origin: Origin,
        humanoid: Option<bool>,
    ) -> Wording<'_> {
        let default_shape = self.service.script.shape().unwrap_or(self.service.shape);
        Wording {
            size,
            ratio: request.ratio,
            humanoid,
            default_shape,
            origin,
            request_id: self.request_id,
        }
    }

    fn judged(&self, error: &ApiError) -> Reply {
        Reply::error(error, Endpoint::FaceDetect, Origin::Judged, self.request_id)
    }
}
