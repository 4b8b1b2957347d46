//! Fetching an image by its URL, as the service does.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use rustls_platform_verifier::BuilderVerifierExt;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

use crate::inspection::MAX_BYTES;
use crate::scratch::Scratch;

/// The whole fetch. The service's own limit is not documented.
const TIMEOUT: Duration = Duration::from_secs(30);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Redirects followed: a moved file and its CDN, not a loop.
const MAX_REDIRECTS: usize = 3;

/// Which addresses images are fetched from.
pub(crate) type Admits = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// A host and a port that images are fetched from wherever they are.
pub(crate) type Trusted = (String, u16);

/// Fetches images into files.
pub(crate) struct Fetcher {
    client: reqwest::Client,
    admits: Admits,
    /// For the trusted hosts, whose word does not go beyond themselves.
    direct: reqwest::Client,
    trusted: Vec<Trusted>,
    scratch: Arc<Scratch>,
}

impl Fetcher {
    /// A fetcher that leaves what it fetches in `scratch`.
    ///
    /// # Errors
    ///
    /// If the HTTP client cannot be set up.
    pub(crate) fn new(
        scratch: Arc<Scratch>,
        admits: Admits,
        trusted: Vec<Trusted>,
    ) -> io::Result<Self> {
        let on_redirect = Arc::clone(&admits);
        let direct = client()?.redirect(Policy::none()).build();
        let client = client()?
            .dns_resolver(Arc::new(Resolver {
                admits: Arc::clone(&admits),
            }))
            .redirect(Policy::custom(move |attempt| {
                if attempt.previous().len() > MAX_REDIRECTS
                    || !literal_is_admitted(attempt.url(), &on_redirect)
                {
                    attempt.stop()
                } else {
                    attempt.follow()
                }
            }))
            .build()
            .map_err(io::Error::other)?;
        Ok(Self {
            client,
            admits,
            direct: direct.map_err(io::Error::other)?,
            trusted,
            scratch,
        })
    }

    /// The body behind `url`, in a file that is deleted when the path is dropped.
    ///
    /// # Errors
    ///
    /// If it cannot be had: the API has one code for all of these.
    pub(crate) async fn fetch(&self, url: Url) -> io::Result<TempPath> {
        let is_trusted = self.trusts(&url);
        if !is_trusted && !literal_is_admitted(&url, &self.admits) {
            return Err(refused());
        }
        let client = if is_trusted {
            &self.direct
        } else {
            &self.client
        };
        let mut response = client.get(url).send().await.map_err(io::Error::other)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(io::Error::other(format!(
                "expected status 200, but found {}",
                response.status()
            )));
        }
        let (mut file, path) = self.scratch.file()?;
        let mut total = 0;
        while let Some(piece) = response.chunk().await.map_err(io::Error::other)? {
            total += piece.len() as u64;
            if total > MAX_BYTES {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        Ok(path)
    }

    fn trusts(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.trusted.iter().any(|(named, port)| {
            let above = host.strip_suffix(named.as_str());
            let is_it = above.is_some_and(|above| above.is_empty() || above.ends_with('.'));
            is_it && url.port_or_known_default() == Some(*port)
        })
    }
}

fn client() -> io::Result<reqwest::ClientBuilder> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls().map_err(io::Error::other)?)
        .no_proxy()
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("emo-standin/", env!("CARGO_PKG_VERSION"))))
}

/// The system's own trust; on a machine without certificates none, so that only `https` fails
/// there.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS12, &rustls::version::TLS13])
    };
    let trusting = match builder()?.with_platform_verifier() {
        Ok(trusting) => trusting,
        Err(_) => builder()?.with_root_certificates(rustls::RootCertStore::empty()),
    };
    Ok(trusting.with_no_client_auth())
}

/// Literal addresses never reach the resolver, so they are judged here.
fn literal_is_admitted(url: &Url, admits: &Admits) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host.parse::<IpAddr>()
        .map_or(true, |address| admits(address))
}

fn refused() -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        "expected an address that images may come from",
    )
}

/// The system's resolver, less the addresses that are not admitted.
struct Resolver {
    admits: Admits,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let admits = Arc::clone(&self.admits);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.filter(|address| admits(address.ip())).collect();
            if addresses.is_empty() {
                return Err(refused().into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
