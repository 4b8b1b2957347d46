//! The client: one call, from the first try to the last.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::debug;

use crate::allowance::{Allowance, Unlimited};
use crate::answer::{self, Fault, Tries};
use crate::base_url::{BaseUrl, WorkspaceId};
use crate::builder::{ClientBuilder, ConfigError};
use crate::detection::Detection;
use crate::error::{Error, ErrorKind, Inner};
use crate::image_url::{ImageUrl, OssUrl};
use crate::key::ApiKey;
use crate::pacer::Pacer;
use crate::ratio::Ratio;
use crate::retry;
use crate::store::TemporaryStore;
use crate::transport::{Payload, Request, Transport};
use crate::wire::{self, DetectRequest, Input, Parameters};

/// Both vendor SDKs write it with a capital S; header names have no case, but logs are read.
const WORKSPACE: HeaderName = HeaderName::from_static("x-dashscope-workspace");

/// Asks the service to read `oss://`. Only ever sent with such an address.
const OSS_RESOLVE: HeaderName = HeaderName::from_static("x-dashscope-ossresourceresolve");

/// A client of `emo-detect-v1`.
///
/// Clones are cheap and share everything: connections, the pace of five requests a second, and the
/// limit of concurrent calls.
///
/// ```no_run
/// # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
/// use remote::{Client, ImageUrl, Ratio, Verdict};
///
/// let client = Client::from_env()?; // DASHSCOPE_API_KEY and its kin
/// let image = ImageUrl::parse("https://example.com/anna.jpg")?;
/// match client.detect(&image, Ratio::Square).await?.verdict {
///     Verdict::Pass(boxes) => println!("face {}, moving area {}", boxes.face, boxes.ext),
///     Verdict::Fail(failure) => println!("{}", failure.reason().suggestion(Ratio::Square)),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) key: ApiKey,
    pub(crate) base_url: BaseUrl,
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) model: String,
    pub(crate) timeout: Duration,
    pub(crate) pacer: Pacer,
    pub(crate) lanes: Semaphore,
    pub(crate) transport: Box<dyn Transport>,
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
    /// If there is no key, or a setting makes no sense.
    pub fn from_env() -> Result<Self, ConfigError> {
        ClientBuilder::from_env()?.build()
    }

    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Asks whether a portrait is fit: one call, paid for if the service judges the picture.
    ///
    /// A call takes at most three tries, repeats only what was certainly not charged, and ends
    /// within its timeout (60 s unless set otherwise), counted from its first try; waiting for its
    /// turn before that is not counted.
    ///
    /// # Errors
    ///
    /// If there is no verdict. [`Error::charge`] says whether that may have cost something.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits for its turn, it has cost nobody anything, and the next in line moves
    /// up. Dropped after it was sent, it may be charged, like [`ErrorKind::Lost`].
    pub async fn detect(&self, image: &ImageUrl, ratio: Ratio) -> Result<Detection, Error> {
        self.detect_with(image, ratio, &Unlimited).await
    }

    /// [`detect`](Self::detect) with somebody to ask before each request: a [`Budget`], say.
    ///
    /// ```no_run
    /// # async fn demo(client: remote::Client, images: Vec<remote::ImageUrl>) {
    /// use remote::{Budget, ErrorKind, Ratio};
    ///
    /// let budget = Budget::new(100);
    /// for image in &images {
    ///     match client.detect_with(image, Ratio::Square, &budget).await {
    ///         Err(error) if error.kind() == ErrorKind::Vetoed => break,
    ///         answer => println!("{answer:?}"),
    ///     }
    /// }
    /// println!("{} requests sent", budget.spent());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`detect`](Self::detect); [`ErrorKind::Vetoed`] if not even the first request is allowed.
    ///
    /// [`Budget`]: crate::Budget
    pub async fn detect_with(
        &self,
        image: &ImageUrl,
        ratio: Ratio,
        allowance: &dyn Allowance,
    ) -> Result<Detection, Error> {
        if let Some(oss) = image.as_oss() {
            self.check_lease(oss)?;
        }
        // Taken before the turn: whoever waits for a turn is about to be sent, so that a retry
        // stands behind a handful of calls and not behind every call of the program.
        let _lane = self.shared.lane().await;
        let mut turn = self.shared.pacer.turn().await;
        if !allowance.take() {
            return Err(Error::unsent(ErrorKind::Vetoed, "its allowance is used up"));
        }
        let deadline = Instant::now() + self.shared.timeout;
        let mut tries = Tries::default();
        loop {
            turn.depart();
            let (fault, reply) = match self
                .ask(image, ratio, allowance, deadline, &mut tries)
                .await
            {
                Ok(detection) => return Ok(detection),
                Err(refused) => refused,
            };
            let due = retry::is_due(fault.again, tries.attempts);
            let error = fault.into_error(&self.shared.key, reply, tries);
            debug!(attempt = tries.attempts, %error, retry = due, "no verdict");
            let crate::Retry::After(pause) = error.retry() else {
                return Err(error);
            };
            // A try that could only begin past the deadline is not worth waiting for.
            if !due || Instant::now() + pause >= deadline {
                return Err(error);
            }
            sleep(pause).await;
            turn = match timeout_at(deadline, self.shared.pacer.turn()).await {
                Ok(turn) => turn,
                Err(_) => return Err(error),
            };
            if !allowance.take() {
                return Err(error);
            }
        }
    }

    /// The service's temporary store, for pictures that have no public address.
    #[must_use]
    pub fn temporary_store(&self) -> TemporaryStore {
        TemporaryStore::new(Arc::clone(&self.shared))
    }

    /// The model that is asked.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.shared.model
    }

    /// Where the service is.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.shared.base_url
    }

    /// One try.
    async fn ask(
        &self,
        image: &ImageUrl,
        ratio: Ratio,
        allowance: &dyn Allowance,
        deadline: Instant,
        tries: &mut Tries,
    ) -> Result<Detection, (Fault, Option<(u16, Option<Duration>)>)> {
        let shared = &*self.shared;
        tries.attempts += 1;
        debug!(attempt = tries.attempts, %image, %ratio, model = shared.model, "asking");
        let reply = match shared
            .transport
            .send(shared.detect_request(image, ratio), deadline)
            .await
        {
            Ok(reply) => reply,
            Err(lost) => {
                if lost.sent {
                    tries.sent += 1;
                } else {
                    allowance.give_back();
                }
                return Err((lost.into(), None));
            }
        };
        tries.sent += 1;
        let head = (reply.status, reply.retry_after);
        let judged = answer::read(reply)
            .map_err(|fault| (fault, Some(head)))?
            .cleaned(&shared.key);
        Ok(Detection {
            verdict: judged.verdict,
            request_id: judged.request_id,
            model: shared.model.clone(),
            ratio,
            charge: judged.charge,
            attempts: tries.attempts,
            sent: tries.sent,
            humanoid: judged.humanoid,
            usage: judged.usage,
            http_status: head.0,
        })
    }

    /// An upload that the model cannot read, or that is gone, would only cost a request.
    fn check_lease(&self, oss: &OssUrl) -> Result<(), Error> {
        match (oss.model(), oss.expires_at()) {
            (Some(model), _) if model != self.shared.model => Err(Error::new(Inner::unsent(
                ErrorKind::Caller,
                format!(
                    "expected an upload for {}, but found one for {model}",
                    self.shared.model
                ),
            ))),
            (_, Some(end)) if end <= SystemTime::now() => Err(Error::unsent(
                ErrorKind::Caller,
                "the upload is older than 48 hours: upload the picture anew",
            )),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared {
            key,
            base_url,
            workspace,
            model,
            timeout,
            ..
        } = &*self.shared;
        f.debug_struct("Client")
            .field("key", key)
            .field("base_url", base_url)
            .field("workspace", workspace)
            .field("model", model)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// The right to be one of the concurrent calls.
    async fn lane(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        // Fails only if the semaphore is closed, which nobody does.
        self.lanes.acquire().await.ok()
    }

    fn detect_request(&self, image: &ImageUrl, ratio: Ratio) -> Request {
        let body = DetectRequest {
            model: &self.model,
            input: Input {
                image_url: image.as_str(),
            },
            parameters: Parameters {
                ratio: ratio.as_str(),
            },
        };
        let mut headers = self.headers();
        if image.as_oss().is_some() {
            headers.insert(OSS_RESOLVE, HeaderValue::from_static("enable"));
        }
        #[expect(
            clippy::expect_used,
            reason = "three strings in three objects: nothing in it can fail to serialise"
        )]
        let body = serde_json::to_vec(&body).expect("plain strings");
        Request {
            url: self.base_url.join(wire::FACE_DETECT),
            headers,
            payload: Payload::Json(Bytes::from(body)),
        }
    }

    /// The headers of every call to the service: the key's, and the workspace's.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.key.bearer());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(id) = &self.workspace {
            #[expect(
                clippy::expect_used,
                reason = "WorkspaceId admits letters, digits, `_` and `-` only"
            )]
            headers.insert(
                WORKSPACE,
                HeaderValue::from_str(id.as_str()).expect("visible ASCII"),
            );
        }
        headers
    }
}

#[cfg(test)]
mod tests;
