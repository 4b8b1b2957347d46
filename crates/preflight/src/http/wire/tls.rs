//! TLS with verification, HTTP/1.1 only, and nothing remembered between connections.

use std::sync::{Arc, OnceLock};

use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::dial::Transport;
use crate::http::error::{FetchError, FetchErrorKind, Shortage, TlsFault};

/// Makes TLS streams. The trusted roots are read on the first use: a run without https pays nothing.
#[derive(Debug, Default)]
pub(crate) struct Tls {
    roots: Option<RootCertStore>,
    config: OnceLock<Result<Arc<ClientConfig>, rustls::Error>>,
}

impl Tls {
    /// Trusts these roots instead of the platform's.
    pub(crate) const fn trusting(roots: RootCertStore) -> Self {
        Self {
            roots: Some(roots),
            config: OnceLock::new(),
        }
    }

    /// Shakes hands over a connection. The name is the one that the certificate must be for.
    pub(crate) async fn connect<S: Transport>(
        &self,
        host: &str,
        stream: S,
    ) -> Result<TlsStream<S>, FetchError> {
        let config = self
            .config
            .get_or_init(|| configure(self.roots.as_ref()).map(Arc::new))
            .clone()
            .map_err(|error| {
                // Nothing was said to the server yet: it is this machine that has no roots to trust.
                FetchError::new(FetchErrorKind::OwnShortage(Shortage::TrustedRoots))
                    .with_source(error)
            })?;
        let bare = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .trim_end_matches('.');
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| {
            FetchError::new(FetchErrorKind::Tls(TlsFault::WrongName)).with_source(error)
        })?;
        TlsConnector::from(config)
            .connect(name, stream)
            .await
            .map_err(|error| {
                let inner = error
                    .get_ref()
                    .and_then(|inner| inner.downcast_ref::<rustls::Error>());
                match inner {
                    Some(inner) => fault(inner).with_source(inner.clone()),
                    None => FetchError::new(FetchErrorKind::Closed).with_source(error),
                }
            })
    }
}

fn configure(roots: Option<&RootCertStore>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = match roots {
        None => builder.with_platform_verifier()?.with_no_client_auth(),
        Some(roots) => builder
            .with_root_certificates(roots.clone())
            .with_no_client_auth(),
    };
    // With h2 a peer may push 2 MB before a dropped stream is seen to be dropped.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A ticket is bytes of the peer's choice that would be sent to whatever the name resolves to next.
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn fault(error: &rustls::Error) -> FetchError {
    let fault = match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsFault::Expired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::WrongName
            }
            CertificateError::UnknownIssuer => TlsFault::Untrusted,
            _ => TlsFault::Other,
        },
        _ => TlsFault::Other,
    };
    FetchErrorKind::Tls(fault).into()
}
