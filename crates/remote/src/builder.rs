//! A client's settings.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Proxy;
use reqwest::header::HeaderValue;
use rustls::pki_types::CertificateDer;
use tokio::sync::Semaphore;

use crate::base_url::{BaseUrl, BaseUrlError, WorkspaceId, WorkspaceIdError};
use crate::box_error::BoxError;
use crate::client::Client;
use crate::key::{ApiKey, ApiKeyError};
use crate::model::{self, ModelError};
use crate::pacer::{Pace, Pacer};
use crate::shared::Shared;
use crate::transport::Transport;
use crate::transport::http::{Http, NetworkSettings};

/// Settings of a [`Client`]; what is not set is as the service documents it.
///
/// ```
/// use std::time::Duration;
///
/// use remote::{ApiKey, BaseUrl, Client};
///
/// let client = Client::builder(ApiKey::new("sk-0123456789abcdef")?)
///     .base_url(BaseUrl::parse("http://127.0.0.1:8080/api/v1")?)
///     .timeout(Duration::from_secs(20))
///     .build()?;
/// assert_eq!(client.model(), "emo-detect-v1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    key: ApiKey,
    base_url: BaseUrl,
    workspace: Option<WorkspaceId>,
    model: String,
    timeout: Duration,
    tries: NonZeroU32,
    pacing: Pacing,
    max_concurrent: NonZeroUsize,
    connect_timeout: Duration,
    user_agent: String,
    proxy: Option<Proxy>,
    roots: Vec<CertificateDer<'static>>,
}

#[derive(Clone, Debug)]
enum Pacing {
    PerSecond(NonZeroU32),
    Own(Arc<dyn Pace>),
    Unlimited,
}

impl Client {
    /// A client for this key; [`ClientBuilder::build`] makes it.
    pub fn builder(key: ApiKey) -> ClientBuilder {
        ClientBuilder::new(key)
    }

    /// A client with the settings of the vendor's SDKs: [`ClientBuilder::from_env`], built.
    ///
    /// # Errors
    ///
    /// If no key is found, or a setting cannot be right.
    pub fn from_env() -> Result<Self, ConfigError> {
        ClientBuilder::from_env()?.build()
    }
}

impl ClientBuilder {
    /// The model of the reference.
    pub const MODEL: &str = "emo-detect-v1";

    /// The service's limit for `emo-detect-v1`, requests a second for an account.
    pub const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(5).unwrap();

    /// How long a call may take, from its first try to its last answer.
    pub const TIMEOUT: Duration = Duration::from_secs(60);

    /// The tries of a call, the first included.
    pub const TRIES: NonZeroU32 = NonZeroU32::new(3).unwrap();

    /// The most tries that can be set: by then the pauses have grown to seconds, and the trouble
    /// will not pass within a call.
    pub const MAX_TRIES: u32 = 10;

    /// The time for name, route, proxy and TLS together.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// Names us, and imitates no SDK of the vendor.
    const USER_AGENT: &str = concat!(
        "preflight-remote/",
        env!("CARGO_PKG_VERSION"),
        " (+",
        env!("CARGO_PKG_REPOSITORY"),
        ")"
    );

    /// Calls under way at a time. Five a second that take six seconds each keep 30 of them busy.
    pub const MAX_CONCURRENT: NonZeroUsize = NonZeroUsize::new(32).unwrap();

    pub(crate) fn new(key: ApiKey) -> Self {
        Self {
            key,
            base_url: BaseUrl::default(),
            workspace: None,
            model: Self::MODEL.to_owned(),
            timeout: Self::TIMEOUT,
            tries: Self::TRIES,
            pacing: Pacing::PerSecond(Self::REQUESTS_PER_SECOND),
            max_concurrent: Self::MAX_CONCURRENT,
            connect_timeout: Self::CONNECT_TIMEOUT,
            user_agent: Self::USER_AGENT.to_owned(),
            proxy: None,
            roots: Vec::new(),
        }
    }

    /// The key that it asks with, for deriving other secrets from it.
    #[must_use]
    pub const fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Another base URL: a workspace's own host, a gateway, a stand-in.
    pub fn base_url(self, base_url: BaseUrl) -> Self {
        Self { base_url, ..self }
    }

    /// The workspace, sent as `X-DashScope-WorkSpace`. Only the shared host needs it.
    pub fn workspace(self, id: WorkspaceId) -> Self {
        Self {
            workspace: Some(id),
            ..self
        }
    }

    /// Another model: a deployment of one's own is called `emo-detect-` and something.
    pub fn model(self, model: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            ..self
        }
    }

    /// Another limit for a call's time, from its first try to its last answer.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Another number of tries, the first included: 1 to [`MAX_TRIES`](Self::MAX_TRIES).
    pub fn tries(self, tries: NonZeroU32) -> Self {
        Self { tries, ..self }
    }

    /// Another rate. Requests leave one by one, never in bursts.
    pub fn requests_per_second(self, rate: NonZeroU32) -> Self {
        Self {
            pacing: Pacing::PerSecond(rate),
            ..self
        }
    }

    /// A pace of one's own in the place of a rate: one that several clients or processes share.
    pub fn pace(self, pace: Arc<dyn Pace>) -> Self {
        Self {
            pacing: Pacing::Own(pace),
            ..self
        }
    }

    /// No limit to the rate: for a deployment of one's own, or a stand-in. Connections are then
    /// kept and used again, where a paced request opens one of its own.
    pub fn unpaced(self) -> Self {
        Self {
            pacing: Pacing::Unlimited,
            ..self
        }
    }

    /// Another limit to the calls under way at a time; further ones wait in line.
    pub fn max_concurrent(self, calls: NonZeroUsize) -> Self {
        Self {
            max_concurrent: calls,
            ..self
        }
    }

    /// Another limit for name, route, proxy and TLS together, as reqwest's `connect_timeout`.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self {
            connect_timeout: timeout,
            ..self
        }
    }

    /// Another `User-Agent`, as reqwest's `user_agent`.
    pub fn user_agent(self, text: impl Into<String>) -> Self {
        Self {
            user_agent: text.into(),
            ..self
        }
    }

    /// A proxy in the place of those that `HTTPS_PROXY` and its kin name, as reqwest's `proxy`. It
    /// is used for the service and the temporary store, but not for loopback.
    pub fn proxy(self, proxy: Proxy) -> Self {
        let proxy = Some(proxy);
        Self { proxy, ..self }
    }

    /// Certificates to trust beside those that the machine trusts, as reqwest's `tls_certs_merge`:
    /// that of a company's proxy which looks into TLS, say. In DER.
    pub fn tls_certs_merge(
        mut self,
        roots: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Self {
        self.roots.extend(roots);
        self
    }

    /// Makes the client. It connects to nothing yet, but reads the machine's certificates, which
    /// blocks for some milliseconds.
    ///
    /// # Errors
    ///
    /// If a setting cannot be right, or the certificates cannot be read. Nothing is clamped.
    pub fn build(self) -> Result<Client, ConfigError> {
        let network = NetworkSettings {
            roots: self.roots.clone(),
            proxy: self.proxy.clone(),
            connect_timeout: self.connect_timeout,
            user_agent: HeaderValue::from_str(&self.user_agent).map_err(|_| {
                let found = format!("{:?}", self.user_agent);
                wrong("user agent", "visible characters", found)
            })?,
        };
        let tls_needed = !self.base_url.is_plain();
        let transport = Http::new(&network, tls_needed).map_err(ConfigError::Tls)?;
        self.build_over(Box::new(transport))
    }

    pub(crate) fn build_over(self, transport: Box<dyn Transport>) -> Result<Client, ConfigError> {
        for (name, time) in [
            ("timeout", self.timeout),
            ("connect timeout", self.connect_timeout),
        ] {
            if !(Self::SHORTEST..=Self::LONGEST).contains(&time) {
                return Err(wrong(name, "1 ms to 1 day", format!("{time:?}")));
            }
        }
        if self.tries.get() > Self::MAX_TRIES {
            return Err(wrong("number of tries", "1 to 10", self.tries.to_string()));
        }
        if self.max_concurrent.get() > Semaphore::MAX_PERMITS {
            let found = self.max_concurrent.to_string();
            return Err(wrong(
                "limit of concurrent calls",
                "a number that fits in 61 bits",
                found,
            ));
        }
        Ok(Client::new(Shared {
            key: self.key,
            base_url: self.base_url,
            workspace: self.workspace,
            model: model::parse(&self.model)?,
            timeout: self.timeout,
            tries: self.tries.get(),
            pace: match self.pacing {
                Pacing::PerSecond(rate) => Some(Arc::new(Pacer::per_second(rate.get().into()))),
                Pacing::Own(pace) => Some(pace),
                Pacing::Unlimited => None,
            },
            permits: Semaphore::new(self.max_concurrent.get()),
            transport,
        }))
    }

    /// Below this nothing is ever answered.
    const SHORTEST: Duration = Duration::from_millis(1);

    /// Beyond this a time is a mistake, and may not fit the clock.
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
}

const fn wrong(name: &'static str, expected: &'static str, found: String) -> ConfigError {
    ConfigError::Setting {
        name,
        expected,
        found,
    }
}

/// Why a client could not be made. No message repeats the key.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The base URL in the environment.
    #[error("the environment variable {name} holds no base URL that can be right")]
    BaseUrl {
        /// The variable.
        name: &'static str,
        /// The mistake in it.
        source: BaseUrlError,
    },
    /// The key that was found cannot be one.
    #[error("the API key from {origin} cannot be used")]
    Key {
        /// The variable or file that it comes from.
        origin: String,
        /// The mistake in it.
        source: ApiKeyError,
    },
    /// A key file that cannot be read.
    #[error("the API key file {} cannot be read", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No key anywhere.
    #[error(
        "expected an API key in DASHSCOPE_API_KEY, in the file that DASHSCOPE_API_KEY_FILE_PATH names, or in \
         ~/.dashscope/api_key, but found none"
    )]
    MissingKey,
    /// [`ClientBuilder::model`] was given a name that cannot be right.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A variable whose bytes are not text.
    #[error("expected text in the environment variable {name}, but found bytes that are no UTF-8")]
    NotText {
        /// The variable.
        name: &'static str,
    },
    /// A setting out of its bounds.
    #[error("expected a {name} of {expected}, but found {found}")]
    Setting {
        /// Which one.
        name: &'static str,
        /// Its bounds.
        expected: &'static str,
        /// Its value.
        found: String,
    },
    /// No certificates to know the service by, or no HTTP client.
    #[error("TLS cannot be set up")]
    Tls(#[source] BoxError),
    /// The workspace id in the environment.
    #[error("the environment variable {name} holds no workspace id")]
    Workspace {
        /// The variable.
        name: &'static str,
        /// The mistake in it.
        source: WorkspaceIdError,
    },
}
