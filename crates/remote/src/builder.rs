//! A client's settings.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::base_url::{BaseUrl, BaseUrlError, WorkspaceId, WorkspaceIdError};
use crate::client::{Client, Shared};
use crate::error::BoxError;
use crate::key::{ApiKey, ApiKeyError};
use crate::pacer::Pacer;
use crate::transport::Transport;
use crate::transport::http::Http;

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
    rate: Option<NonZeroU32>,
    max_concurrent: NonZeroUsize,
}

impl ClientBuilder {
    /// The model of the reference.
    pub const MODEL: &str = "emo-detect-v1";

    /// The service's limit for `emo-detect-v1`, requests a second for an account.
    pub const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(5).unwrap();

    /// How long a call may take, from its first try to its last answer.
    pub const TIMEOUT: Duration = Duration::from_secs(60);

    /// Calls under way at a time. Five a second that take six seconds each keep 30 lanes busy.
    pub const MAX_CONCURRENT: NonZeroUsize = NonZeroUsize::new(32).unwrap();

    pub(crate) fn new(key: ApiKey) -> Self {
        Self {
            key,
            base_url: BaseUrl::default(),
            workspace: None,
            model: Self::MODEL.to_owned(),
            timeout: Self::TIMEOUT,
            rate: Some(Self::REQUESTS_PER_SECOND),
            max_concurrent: Self::MAX_CONCURRENT,
        }
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

    /// Another rate. Requests leave one by one, never in bursts.
    pub fn requests_per_second(self, rate: NonZeroU32) -> Self {
        Self {
            rate: Some(rate),
            ..self
        }
    }

    /// No limit to the rate: for a deployment of one's own, or a stand-in.
    pub fn unpaced(self) -> Self {
        Self { rate: None, ..self }
    }

    /// Another limit to the calls under way at a time; further ones wait in line.
    pub fn max_concurrent(self, calls: NonZeroUsize) -> Self {
        Self {
            max_concurrent: calls,
            ..self
        }
    }

    /// Makes the client. It connects to nothing yet.
    ///
    /// # Errors
    ///
    /// If the model's name is blank, or the machine's certificates cannot be read.
    pub fn build(self) -> Result<Client, ConfigError> {
        let transport = Http::new(!self.base_url.is_plain()).map_err(ConfigError::Tls)?;
        self.build_over(Box::new(transport))
    }

    pub(crate) fn build_over(self, transport: Box<dyn Transport>) -> Result<Client, ConfigError> {
        if self.model.trim().is_empty() {
            return Err(ConfigError::BlankModel);
        }
        Ok(Client::new(Shared {
            key: self.key,
            base_url: self.base_url,
            workspace: self.workspace,
            model: self.model.trim().to_owned(),
            timeout: self.timeout,
            pacer: self.rate.map_or_else(Pacer::unlimited, |rate| {
                Pacer::per_second(rate.get().into())
            }),
            lanes: Semaphore::new(self.max_concurrent.get().min(Semaphore::MAX_PERMITS)),
            transport,
        }))
    }
}

/// Why there is no client. No message repeats the key.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The base URL in the environment.
    #[error("the environment variable {name} is no base URL")]
    BaseUrl {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        source: BaseUrlError,
    },
    /// [`ClientBuilder::model`] was given nothing but blanks.
    #[error("expected a model's name, but found only blanks")]
    BlankModel,
    /// A key was found that is none.
    #[error("the API key from {origin} cannot be used")]
    Key {
        /// The variable or file that it comes from.
        origin: String,
        /// What is wrong with it.
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
    /// A variable that is no text.
    #[error("expected text in the environment variable {name}, but found bytes that are no UTF-8")]
    NotText {
        /// The variable.
        name: &'static str,
    },
    /// No certificates to know the service by, or no HTTP client.
    #[error("TLS cannot be set up")]
    Tls(#[source] BoxError),
    /// The workspace id in the environment.
    #[error("the environment variable {name} is no workspace id")]
    Workspace {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        source: WorkspaceIdError,
    },
}
