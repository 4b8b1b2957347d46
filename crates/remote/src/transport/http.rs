//! The transport over reqwest and rustls.

mod body;
mod coding;
mod pacing;
mod watched;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue};
use reqwest::{ClientBuilder, Proxy};
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;

use super::departure::Departure;
use super::{MAX_BODY, NoReply, NoReplyCause, Payload, Reply, Request, Sending, Transport};
use crate::base_url::is_loopback;
use crate::box_error::BoxError;
use pacing::PacedConnections;
use watched::Watched;

/// How long an idle connection is kept. A server that closes one while we write to it leaves us
/// with a request that may have been charged; servers keep theirs for a minute or longer.
const POOL_IDLE: Duration = Duration::from_secs(10);

/// The settings of the network.
#[derive(Clone, Debug)]
pub(crate) struct NetworkSettings {
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) connect_timeout: Duration,
    pub(crate) user_agent: HeaderValue,
}

/// The network.
pub(crate) struct Http {
    /// Goes through a proxy, if there is one.
    outward: reqwest::Client,
    /// For loopback, where a proxy would be another machine's loopback, and would see the key.
    loopback: reqwest::Client,
    /// The same two for requests with a pace, each of which opens a connection of its own: so its
    /// turn comes right before its head is written. From a pool, a request would take whichever
    /// connection is free first, and a batch of slow handshakes or answers would end as a burst. A
    /// kept connection may also be closing just then, which leaves a call that may be charged.
    paced_outward: reqwest::Client,
    paced_loopback: reqwest::Client,
}

impl Http {
    /// `tls_needed` is false where only plain http on loopback will be spoken, which must work on
    /// a machine without certificates.
    pub(crate) fn new(settings: &NetworkSettings, tls_needed: bool) -> Result<Self, BoxError> {
        let tls = match tls(settings.roots.clone()) {
            Err(_) if !tls_needed && settings.roots.is_empty() => rootless_tls()?,
            other => other?,
        };
        let client = || {
            ClientBuilder::new()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(settings.user_agent.clone())
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .retry(reqwest::retry::never())
                .http1_only()
        };
        let pooled = || {
            client()
                .connect_timeout(settings.connect_timeout)
                .pool_idle_timeout(POOL_IDLE)
        };
        let paced = || {
            client()
                .connector_layer(PacedConnections::new(settings.connect_timeout))
                .pool_max_idle_per_host(0)
        };
        let outward = |builder: ClientBuilder| match settings.proxy.clone() {
            Some(proxy) => builder.proxy(proxy).build(),
            None => builder.build(),
        };
        Ok(Self {
            outward: outward(pooled())?,
            loopback: pooled().no_proxy().build()?,
            paced_outward: outward(paced())?,
            paced_loopback: paced().no_proxy().build()?,
        })
    }

    const fn client(&self, is_loopback: bool, is_paced: bool) -> &reqwest::Client {
        match (is_loopback, is_paced) {
            (false, false) => &self.outward,
            (true, false) => &self.loopback,
            (false, true) => &self.paced_outward,
            (true, true) => &self.paced_loopback,
        }
    }

    async fn exchange(
        &self,
        request: Request,
        departure: &Arc<Departure>,
    ) -> Result<Reply, NoReply> {
        let Request {
            url,
            headers,
            payload,
        } = request;
        let client = self.client(is_loopback(&url), departure.is_paced());
        let sent = Arc::new(AtomicBool::new(false));
        let builder = match payload {
            Payload::Nothing => client.get(url),
            Payload::Json(bytes) => client
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .body(reqwest::Body::wrap(Watched::new(
                    bytes,
                    Arc::clone(&sent),
                    Arc::clone(departure),
                ))),
            Payload::Form(form) => client.post(url).multipart(form),
        };
        // RFC 9110, section 12.5.3: where no coding is named, any will do.
        let builder = builder.headers(headers).header(ACCEPT_ENCODING, "identity");
        let no_reply = |cause| NoReply {
            sent: sent.load(Ordering::Acquire),
            cause,
        };
        let sending = pacing::under(departure, builder.send());
        let response = match departure.within(sending).await {
            Some(Ok(response)) => response,
            // The URL is left out: it is the caller's, who knows it.
            Some(Err(error)) if error.is_builder() => {
                return Err(no_reply(NoReplyCause::Malformed(
                    error.without_url().into(),
                )));
            }
            Some(Err(error)) => {
                return Err(no_reply(NoReplyCause::Network(error.without_url().into())));
            }
            None => return Err(no_reply(NoReplyCause::TimedOut)),
        };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Ok(Reply {
            status,
            body: body::read(response, departure, MAX_BODY).await,
            headers,
        })
    }
}

impl Transport for Http {
    fn send<'a>(&'a self, request: Request, departure: &'a Arc<Departure>) -> Sending<'a> {
        Box::pin(self.exchange(request, departure))
    }
}

/// Trusts what the machine trusts, and these roots.
fn tls(roots: Vec<CertificateDer<'static>>) -> Result<rustls::ClientConfig, BoxError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
    Ok(versions(provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn rootless_tls() -> Result<rustls::ClientConfig, BoxError> {
    Ok(
        versions(Arc::new(rustls::crypto::ring::default_provider()))?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth(),
    )
}

/// Names the provider, so that no process-wide default is needed or changed.
fn versions(
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}
