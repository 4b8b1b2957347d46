//! The running stand-in.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::api_error::ApiError;
use crate::endpoint::Endpoint;
use crate::fault::Fault;
use crate::loans::LocalUrl;
use crate::request::AcceptedKey;
use crate::service::Service;
use crate::stats::Stats;
use crate::unmet::UnmetFaults;
use crate::wire::{CuttableListener, Wire};
use crate::{KEY, detect, uploads, video};

/// On every answer, so that none is taken for the service's.
const MARK: HeaderName = HeaderName::from_static("x-standin");

/// The path of the models' calls.
const MODELS: &str = "/api/v1/services/aigc/image2video";

/// A running stand-in. It listens on loopback until it is dropped.
///
/// Dropping it closes the listener and idle connections; calls under way end by themselves, and its
/// temporary files are deleted. See [`shut_down`](Self::shut_down) for waiting until they have.
pub struct Standin {
    service: Arc<Service>,
    /// Dropping the sender ends the server.
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<io::Result<()>>>,
    /// Panic over unmet faults when dropped.
    is_strict: bool,
}

impl Standin {
    pub(crate) fn serve(service: Service, listener: TcpListener, is_strict: bool) -> Self {
        let service = Arc::new(service);
        let listener = CuttableListener::new(listener, Arc::clone(&service.listener_gate));
        let app = router(Arc::clone(&service)).into_make_service_with_connect_info::<Wire>();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, app).with_graceful_shutdown(async {
            // Sent or dropped: either way it is over.
            let _ = stopped.await;
        });
        let server = tokio::spawn(server.into_future());
        Self {
            service,
            stop: Some(stop),
            server: Some(server),
            is_strict,
        }
    }

    /// The base URL to give to a client, `/api/v1` included: the value for
    /// `DASHSCOPE_HTTP_BASE_URL`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.service.base_url()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.service.address
    }

    /// A key that it accepts. It opens nothing else.
    #[must_use]
    pub fn key(&self) -> &str {
        match &self.service.key {
            AcceptedKey::Any => KEY,
            AcceptedKey::Only(key) => key,
        }
    }

    /// Counters since the start.
    #[must_use]
    pub fn stats(&self) -> Stats {
        snapshot(&self.service)
    }

    /// Waits until the counters are as `reached` wants them, such as `|stats| stats.face_detect ==
    /// 3`. It may be for ever: put a timeout around it. Refused connections are not waited for.
    ///
    /// Cancel safe.
    pub async fn reached(&self, mut reached: impl FnMut(&Stats) -> bool) {
        let counters = &self.service.counters;
        counters.until(|| reached(&self.stats())).await;
    }

    /// Waits until no face-detect request is under way. A call whose caller has left is still seen
    /// through, and counted, as the service would: after timeouts and cancellations the
    /// [counters](Self::stats) are final only then.
    ///
    /// Cancel safe.
    pub async fn settled(&self) {
        self.service.counters.settled().await;
    }

    /// Orders a fault for the next face-detect request. Several queue up, one a request; they come
    /// before those of the script.
    pub fn next(&self, fault: impl Into<Fault>) {
        self.next_at(Endpoint::FaceDetect, fault);
    }

    /// Orders a fault for the next request to `endpoint`. A [`Fault::Set`] or [`Fault::Remove`]
    /// does nothing to the store's XML.
    pub fn next_at(&self, endpoint: Endpoint, fault: impl Into<Fault>) {
        self.service.faults.push(endpoint, fault.into());
    }

    /// Ordered faults that no request has met yet: zero once a test has used up what it ordered.
    #[must_use]
    pub fn waiting_faults(&self) -> usize {
        self.service.faults.waiting().len()
    }

    /// Whether every fault that was ordered has met a request, every fault of the script its image,
    /// and every connection to be refused was made. [`Builder::strict`] asks this when the stand-in
    /// is dropped.
    ///
    /// # Errors
    ///
    /// The faults that did not happen.
    pub fn verify(&self) -> Result<(), UnmetFaults> {
        UnmetFaults::of(&self.service).map_or(Ok(()), Err)
    }

    /// Closes the next `count` connections as soon as they are made. Requests on connections that
    /// are open already are served.
    pub fn refuse_connections(&self, count: usize) {
        self.service.listener_gate.refuse_next(count);
    }

    /// Lends a local file: gives an URL that this stand-in, and nobody else, can make something of.
    /// The file is read anew with each call, a chunk at a time, and nothing of it is kept.
    ///
    /// # Errors
    ///
    /// If no regular file has this path.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("portrait.png");
    /// # std::fs::write(&path, b"")?;
    /// let standin = standin::Standin::builder().start().await?;
    /// let lent = standin.lend(&path)?;
    /// assert!(lent.url().ends_with("/portrait.png"));
    /// drop(lent); // the URL means nothing any more
    /// # Ok(())
    /// # }
    /// ```
    pub fn lend(&self, path: impl AsRef<Path>) -> io::Result<LocalUrl> {
        self.service.loans.lend_file(path.as_ref())
    }

    /// Lends bytes under a name, as [`lend`](Self::lend) does a file; for what came by standard
    /// input.
    ///
    /// # Errors
    ///
    /// None in practice: only if the stand-in's own address made no URL.
    pub fn lend_bytes(&self, name: &str, bytes: impl Into<Bytes>) -> io::Result<LocalUrl> {
        self.service.loans.lend_bytes(name, bytes.into())
    }

    /// Stops listening and waits until the calls under way are answered.
    ///
    /// # Errors
    ///
    /// If the server had failed before.
    pub async fn shut_down(mut self) -> io::Result<()> {
        self.stop.take();
        match self.server.take() {
            Some(server) => server.await.map_err(io::Error::other)?,
            None => Ok(()),
        }
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        // At once, and not when the last handler is done: the runtime may never get to that.
        self.service.scratch.close();
        if self.is_strict && !std::thread::panicking() {
            assert_met(self.verify());
        }
    }
}

impl fmt::Debug for Standin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Standin")
            .field("address", &self.service.address)
            .finish_non_exhaustive()
    }
}

#[expect(clippy::panic, reason = "what a strict stand-in is asked to do")]
fn assert_met(verified: Result<(), UnmetFaults>) {
    if let Err(unmet) = verified {
        panic!("{unmet}");
    }
}

fn router(service: Arc<Service>) -> Router {
    let mut router = Router::new();
    for slash in ["", "/"] {
        // Public clients write the paths with a slash at the end, and without one.
        router = router
            .route(
                &format!("{MODELS}/face-detect{slash}"),
                post(detect::face_detect),
            )
            .route(
                &format!("{MODELS}/video-synthesis{slash}"),
                post(video::video_synthesis),
            )
            .route(
                &format!("/api/v1/tasks/{{task_id}}{slash}"),
                get(video::task),
            );
    }
    router
        .route("/api/v1/uploads", get(uploads::policy))
        // Bounded where it is read, to answer as the store does.
        .route(
            "/standin/store",
            post(uploads::upload).layer(DefaultBodyLimit::disable()),
        )
        .route("/standin/stats", get(stats))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .with_state(service)
        .layer(map_response(marked))
}

/// Says of any answer that it is not the service's.
async fn marked(mut response: Response) -> Response {
    let mark = HeaderValue::from_static("made-up");
    response.headers_mut().insert(MARK, mark);
    response
}

async fn stats(State(service): State<Arc<Service>>) -> Json<Stats> {
    Json(snapshot(&service))
}

async fn nothing_here(uri: Uri) -> impl IntoResponse {
    let error =
        ApiError::new("NotFound").message(format!("the stand-in has nothing at {}", uri.path()));
    (
        axum::http::StatusCode::NOT_FOUND,
        Json(error.to_json("standin")),
    )
}

async fn wrong_method(method: Method) -> impl IntoResponse {
    let error = ApiError::new("InvalidParameter")
        .message(format!("Request method '{method}' is not supported."));
    (
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        Json(error.to_json("standin")),
    )
}

fn snapshot(service: &Service) -> Stats {
    Stats {
        refused_connections: service.listener_gate.refused(),
        ..service.counters.stats()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_and_its_loans_can_be_shared() {
        fn shared<T: Send + Sync + 'static>() {}
        shared::<Standin>();
        shared::<LocalUrl>();
        shared::<crate::Builder>();
    }
}
