//! The transport over reqwest and rustls.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{BrokenBody, Lost, LostCause, MAX_BODY, Payload, Reply, Request, Sending, Transport};
use crate::base_url::is_loopback;
use crate::error::BoxError;
use crate::retry;

/// The time for name, route and TLS together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept. A server that closes one while we write to it leaves us
/// with a request that may have been charged; servers keep theirs for a minute or longer.
const POOL_IDLE: Duration = Duration::from_secs(10);

/// Names us, and imitates no SDK of the vendor.
const USER_AGENT: &str = concat!(
    "preflight-remote/",
    env!("CARGO_PKG_VERSION"),
    " (+",
    env!("CARGO_PKG_REPOSITORY"),
    ")"
);

/// Header of the request id, where the body holds none.
const REQUEST_ID: &str = "x-request-id";

/// The network.
pub(crate) struct Http {
    /// Honours `HTTPS_PROXY` and its kin.
    outward: reqwest::Client,
    /// For loopback, where a proxy would be another machine's loopback, and would see the key.
    loopback: reqwest::Client,
}

impl Http {
    /// `tls_needed` is false where only plain http on loopback will be spoken, which must work on
    /// a machine without certificates.
    pub(crate) fn new(tls_needed: bool) -> Result<Self, BoxError> {
        let tls = match platform_tls() {
            Err(_) if !tls_needed => rootless_tls()?,
            other => other?,
        };
        let client = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(USER_AGENT)
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_idle_timeout(POOL_IDLE)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .retry(reqwest::retry::never())
                .http1_only()
        };
        Ok(Self {
            outward: client().build()?,
            loopback: client().no_proxy().build()?,
        })
    }

    fn client(&self, url: &Url) -> &reqwest::Client {
        if is_loopback(url) {
            &self.loopback
        } else {
            &self.outward
        }
    }

    async fn exchange(&self, request: Request, deadline: Instant) -> Result<Reply, Lost> {
        let Request {
            url,
            headers,
            payload,
        } = request;
        let client = self.client(&url);
        let sent = Arc::new(AtomicBool::new(false));
        let builder = match payload {
            Payload::Nothing => client.get(url),
            Payload::Json(bytes) => client
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .body(reqwest::Body::wrap(Watched {
                    bytes: Some(bytes),
                    sent: Arc::clone(&sent),
                })),
            Payload::Form(form) => client.post(url).multipart(form),
        };
        let lost = |cause| Lost {
            sent: sent.load(Ordering::Acquire),
            cause,
        };
        let response = match timeout_at(deadline, builder.headers(headers).send()).await {
            Ok(Ok(response)) => response,
            // The URL is left out: it is the caller's, who knows it.
            Ok(Err(error)) if error.is_builder() => {
                return Err(lost(LostCause::Malformed(error.without_url().into())));
            }
            Ok(Err(error)) => return Err(lost(LostCause::Network(error.without_url().into()))),
            Err(_) => return Err(lost(LostCause::TimedOut)),
        };
        let text =
            |headers: &HeaderMap, name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        Ok(Reply {
            status: response.status().as_u16(),
            request_id: text(response.headers(), REQUEST_ID),
            retry_after: text(response.headers(), RETRY_AFTER.as_str())
                .and_then(|value| retry::retry_after(&value)),
            body: timeout_at(deadline, read(response))
                .await
                .unwrap_or(Err(BrokenBody::TimedOut)),
        })
    }
}

impl Transport for Http {
    fn send(&self, request: Request, deadline: Instant) -> Sending<'_> {
        Box::pin(self.exchange(request, deadline))
    }
}

async fn read(mut response: reqwest::Response) -> Result<Bytes, BrokenBody> {
    if response
        .content_length()
        .is_some_and(|length| length > MAX_BODY as u64)
    {
        return Err(BrokenBody::TooLong);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| BrokenBody::Cut(error.without_url().into()))?
    {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(BrokenBody::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn platform_tls() -> Result<rustls::ClientConfig, rustls::Error> {
    Ok(tls()?.with_platform_verifier()?.with_no_client_auth())
}

fn rootless_tls() -> Result<rustls::ClientConfig, rustls::Error> {
    Ok(tls()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

/// Names the provider, so that no process-wide default is needed or changed.
fn tls() -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, rustls::Error>
{
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
}

/// A body that knows whether it was asked for.
///
/// The connection asks for it once it stands and takes the request; until then not a byte of the
/// body is anywhere but here. That is how we know that a failed request cannot have been charged,
/// whatever the layers below call the failure.
struct Watched {
    bytes: Option<Bytes>,
    sent: Arc<AtomicBool>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.store(true, Ordering::Release);
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
