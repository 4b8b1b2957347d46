//! One request and its answer, with the fault that was ordered for it.

use std::sync::Arc;
use std::time::Duration;

use axum::RequestExt;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::Response;
use futures_util::StreamExt;

use crate::api_error::ApiError;
use crate::delivery;
use crate::endpoint::Endpoint;
use crate::fault::{Cut, Fault};
use crate::past_verdicts::Identity;
use crate::reply::{Origin, Reply};
use crate::service::Service;
use crate::spoil;
use crate::stats::Subject;
use crate::wire::Wire;

/// Bytes of the body of a request to a model: URLs, boxes and words, with room for long signatures.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// For the whole of that body to arrive: nobody needs longer for a few hundred bytes.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of an unwanted request body that are read before it is answered all the same: the largest
/// upload and its form.
const MAX_DRAINED_BYTES: usize = 300 * 1024 * 1024;

/// The end of a request.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// None: the connection is cut and no work was done.
    pub(crate) reply: Option<Reply>,
    /// Harms the answer on its way.
    pub(crate) fault: Option<Fault>,
    /// The image that the check was about, for the counters.
    pub(crate) subject: Option<Subject>,
    /// The names that the image is remembered by, with the verdict.
    pub(crate) image: Vec<Identity>,
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self {
            reply: Some(reply),
            ..Self::default()
        }
    }
}

/// Why a request is not answered by the work for it.
pub(crate) enum Unanswered {
    /// It is answered with this error.
    Refused(ApiError),
    /// The caller left in the middle of it.
    CallerLeft,
}

impl From<ApiError> for Unanswered {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

/// A request that came in, with all that its answer takes.
pub(crate) struct Arrival {
    service: Arc<Service>,
    wire: Wire,
    request: Request,
}

impl FromRequest<Arc<Service>> for Arrival {
    type Rejection = <ConnectInfo<Wire> as FromRequestParts<Arc<Service>>>::Rejection;

    async fn from_request(
        mut request: Request,
        service: &Arc<Service>,
    ) -> Result<Self, Self::Rejection> {
        let ConnectInfo(wire) = request.extract_parts_with_state(service).await?;
        Ok(Self {
            service: Arc::clone(service),
            wire,
            request,
        })
    }
}

impl Arrival {
    /// Answers it: by the next fault of `endpoint` if that comes instead of the work, else by `work`,
    /// which gets the request and the id to answer under.
    ///
    /// It is seen through to its end even if the caller leaves: the service charges for such a call
    /// too, and a count that forgot it would prove a careless client right.
    pub(crate) async fn answer<W, F>(self, endpoint: Endpoint, work: W) -> Response<Body>
    where
        W: FnOnce(Arc<Service>, Request, String) -> F + Send + 'static,
        F: Future<Output = Result<Outcome, Unanswered>> + Send + 'static,
    {
        let wire = self.wire.clone();
        match tokio::spawn(self.see_through(endpoint, work)).await {
            Ok(response) => response,
            // It ended with the runtime, or by a mistake of ours: nothing is left to answer with.
            Err(_) => delivery::cut(&wire),
        }
    }

    async fn see_through<W, F>(self, endpoint: Endpoint, work: W) -> Response<Body>
    where
        W: FnOnce(Arc<Service>, Request, String) -> F,
        F: Future<Output = Result<Outcome, Unanswered>>,
    {
        let Self {
            service,
            wire,
            request,
        } = self;
        let _under_way = service.counters.arrive(endpoint);
        let request_id = service.request_ids.next();
        let ordered = service.faults.pop(endpoint);
        let mut outcome = match &ordered {
            Some(Fault::Cut(Cut::Head)) => Outcome::default(),
            Some(fault) if comes_instead(fault) => {
                drain(request.into_body()).await;
                forestalled(fault, endpoint, &request_id)
            }
            _ => {
                wait(ordered.as_ref()).await;
                match work(Arc::clone(&service), request, request_id.clone()).await {
                    Ok(outcome) => outcome,
                    Err(Unanswered::Refused(error)) => {
                        Reply::error(&error, endpoint, Origin::Judged, &request_id).into()
                    }
                    Err(Unanswered::CallerLeft) => Outcome::default(),
                }
            }
        };
        service.counters.answered(
            outcome.reply.as_ref(),
            outcome.subject.as_ref(),
            &request_id,
        );
        let Some(mut reply) = outcome.reply.take() else {
            return delivery::cut(&wire);
        };
        let fault = ordered.or(outcome.fault);
        spoil::apply(&mut reply, fault.as_ref());
        service.past_verdicts.note(&outcome.image, &reply);
        delivery::deliver(reply, fault.as_ref(), &request_id, &wire)
    }
}

/// Whether the fault stands in place of the work.
pub(crate) fn comes_instead(fault: &Fault) -> bool {
    match fault {
        Fault::Answer(_) | Fault::Cut(Cut::Head | Cut::Request) | Fault::Error(_) => true,
        Fault::Gateway(gateway) => !gateway.worked,
        Fault::ByteOrderMark
        | Fault::Cut(Cut::Response | Cut::Worked)
        | Fault::Delay(_)
        | Fault::Doubled
        | Fault::Drip(_)
        | Fault::Gzip
        | Fault::Huge(_)
        | Fault::Remove(_)
        | Fault::Set(_)
        | Fault::Truncated => false,
    }
}

/// The end of a request by a fault that [comes instead](comes_instead).
pub(crate) fn forestalled(fault: &Fault, endpoint: Endpoint, request_id: &str) -> Outcome {
    match fault {
        Fault::Answer(answer) => Reply::verbatim(answer, request_id).into(),
        Fault::Error(error) => Reply::error(error, endpoint, Origin::Fault, request_id).into(),
        Fault::Gateway(gateway) => Reply::gateway(gateway.status).into(),
        _ => Outcome::default(),
    }
}

/// Lets a [`Fault::Delay`] pass.
pub(crate) async fn wait(fault: Option<&Fault>) {
    if let Some(Fault::Delay(delay)) = fault {
        tokio::time::sleep(*delay).await;
    }
}

/// Reads the body of a request to a model.
///
/// # Errors
///
/// If it is too long or too slow, or the caller left in the middle of it.
pub(crate) async fn read(body: Body) -> Result<Vec<u8>, Unanswered> {
    tokio::time::timeout(BODY_TIMEOUT, read_all(body))
        .await
        .unwrap_or_else(|_| Err(ApiError::new("RequestTimeOut").into()))
}

async fn read_all(body: Body) -> Result<Vec<u8>, Unanswered> {
    let mut pieces = body.into_data_stream();
    let mut read = Vec::new();
    while let Some(piece) = pieces.next().await {
        read.extend_from_slice(&piece.map_err(|_| Unanswered::CallerLeft)?);
        if read.len() > MAX_BODY_BYTES {
            return Err(ApiError::new("BadRequest.TooLarge").into());
        }
    }
    Ok(read)
}

/// Reads what is left of a request, so that the answer is not lost to a client that is still
/// writing.
pub(crate) async fn drain(body: Body) {
    let mut pieces = body.into_data_stream();
    let mut read = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        read += piece.len();
        if read > MAX_DRAINED_BYTES {
            break;
        }
    }
}
