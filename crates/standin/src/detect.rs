//! `POST /api/v1/services/aigc/image2video/face-detect`

mod request;

use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response};

use self::request::DetectRequest;
use crate::api_error::ApiError;
use crate::call::{self, Arrival, Outcome, Unanswered};
use crate::endpoint::Endpoint;
use crate::fault::Fault;
use crate::inspection::{Inspection, Size};
use crate::past_verdicts::Identity;
use crate::reply::{Origin, Reply};
use crate::request as shared;
use crate::script::ImageScript;
use crate::service::Service;
use crate::stats::Subject;
use crate::verdict::{Verdict, Wording};

pub(crate) async fn face_detect(arrival: Arrival) -> Response<Body> {
    arrival
        .answer(
            Endpoint::FaceDetect,
            async |service, request, request_id| {
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
    async fn answer(&self, request: Request) -> Result<Outcome, Unanswered> {
        let (head, body) = request.into_parts();
        let body = call::read(body).await?;
        let (key_id, request) = self.admit(&head.headers, &body)?;
        Ok(self.check(key_id, &request).await)
    }

    /// All that is checked before anything is done about the image.
    fn admit(&self, headers: &HeaderMap, body: &[u8]) -> Result<(String, DetectRequest), ApiError> {
        let key_id = shared::authorize(headers, &self.service.key)?;
        if self
            .service
            .throttle
            .as_ref()
            .is_some_and(|throttle| !throttle.admits(Instant::now()))
        {
            self.service.counters.throttled();
            return Err(ApiError::new("Throttling.RateQuota"));
        }
        let request = DetectRequest::read(headers, body, &self.service.models)?;
        Ok((key_id, request))
    }

    async fn check(&self, key_id: String, request: &DetectRequest) -> Outcome {
        let mut subject = Subject {
            key_id,
            url: request.image.without_query(),
            sha256: None,
        };
        let named = self.service.script.by_name(&request.image.name());
        let mut fault = named.and_then(ImageScript::next_fault);
        if let Some(outcome) = self.forestalled(fault.as_ref(), &subject) {
            return outcome;
        }

        tokio::time::sleep(self.service.service_time).await;
        let image = match self
            .service
            .locate_for_detection(&request.image, &request.model)
        {
            Some(found) => self.service.inspector.inspect(found).await,
            None => None,
        };
        subject.sha256 = image.as_ref().map(|image| image.sha256.clone());
        let known = subject
            .sha256
            .as_deref()
            .and_then(|sha256| self.service.script.by_sha256(sha256));
        if fault.is_none() {
            fault = known.and_then(ImageScript::next_fault);
            if let Some(outcome) = self.forestalled(fault.as_ref(), &subject) {
                return outcome;
            }
        }
        call::wait(fault.as_ref()).await;

        let reply = self.verdict(request, image.as_ref(), known.or(named));
        let by_content = subject.sha256.as_deref().map(Identity::of_content);
        let by_url = Identity::of_url(&request.image.sent);
        Outcome {
            reply: Some(reply),
            fault,
            image: by_content.into_iter().chain([by_url]).collect(),
            subject: Some(subject),
        }
    }

    /// The outcome if the script has a fault for this image that comes instead of the work.
    fn forestalled(&self, fault: Option<&Fault>, subject: &Subject) -> Option<Outcome> {
        let fault = fault.filter(|fault| call::comes_instead(fault))?;
        let outcome = call::forestalled(fault, Endpoint::FaceDetect, self.request_id);
        Some(Outcome {
            subject: Some(subject.clone()),
            ..outcome
        })
    }

    /// What the image's own bytes say comes first, then the script, then a pass with made-up boxes.
    fn verdict(
        &self,
        request: &DetectRequest,
        image: Option<&Inspection>,
        part: Option<&ImageScript>,
    ) -> Reply {
        let Some(size) = image.and_then(|image| image.size) else {
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
