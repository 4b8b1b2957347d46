//! The client: one call, from the first try to the last.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tracing::debug;

use crate::answer::{self, Asked};
use crate::base_url::{BaseUrl, WorkspaceId};
use crate::budget::{RequestBudget, RequestEnd, Unlimited};
use crate::builder::{ClientBuilder, ConfigError};
use crate::detection::Detection;
use crate::error::{Error, ErrorDraft, ErrorKind};
use crate::image_url::{ImageUrl, OssUrl};
use crate::key::ApiKey;
use crate::pacer::Pace;
use crate::ratio::Ratio;
use crate::retry::{Attempts, Tries};
use crate::store::TemporaryStore;
use crate::trace;
use crate::transport::departure::Departure;
use crate::transport::{NoReply, Payload, Reply, Request, Sending, Transport};
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
    pub(crate) tries: u32,
    pub(crate) pace: Option<Arc<dyn Pace>>,
    pub(crate) permits: Semaphore,
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

    /// Asks whether an image is fit: one call, paid for if the service judges the image.
    ///
    /// A call takes at most three tries (unless set otherwise), repeats only what was certainly not
    /// charged, and ends within its timeout (60 s unless set otherwise). Waiting for its turn is not
    /// counted.
    ///
    /// # Errors
    ///
    /// If there is no verdict. [`Error::charge`] says whether that may have cost something.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits for its turn, it has cost nobody anything, and the next in line moves
    /// up. Dropped after it was sent, it may be charged, like [`ErrorKind::OutcomeUnknown`].
    pub async fn detect(&self, image: &ImageUrl, ratio: Ratio) -> Result<Detection, Error> {
        self.detect_with(image, ratio, &Unlimited).await
    }

    /// [`detect`](Self::detect) with somebody to ask before each request, and to tell what came of
    /// it: a [`Budget`], a ledger.
    ///
    /// ```no_run
    /// # async fn demo(client: remote::Client, images: Vec<remote::ImageUrl>) {
    /// use remote::{Budget, ErrorKind, Ratio};
    ///
    /// let budget = Budget::new(100);
    /// for image in &images {
    ///     match client.detect_with(image, Ratio::Square, &budget).await {
    ///         Err(error) if error.kind() == ErrorKind::Vetoed || error.kind().stops_the_run() => break,
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
        budget: &dyn RequestBudget,
    ) -> Result<Detection, Error> {
        trace::call(
            image,
            ratio,
            self.model(),
            self.attempt(image, ratio, budget),
        )
        .await
    }

    async fn attempt(
        &self,
        image: &ImageUrl,
        ratio: Ratio,
        budget: &dyn RequestBudget,
    ) -> Result<Detection, Error> {
        if let Some(oss) = image.as_oss() {
            check_age(oss)?;
        }
        // Taken before the turn: the queue for turns then holds at most as many calls as there are
        // permits, so that a retry waits for those only.
        let _permit = self.shared.permit().await;
        budget.withdraw().await.map_err(Error::vetoed)?;
        let departure = Departure::new(self.shared.timeout, self.shared.pace.clone());
        let mut attempts = Attempts::new(self.shared.tries);
        loop {
            let asked = self.ask(image, ratio, budget, &departure, &mut attempts.tries);
            let draft = match asked.await {
                Ok(detection) => return Ok(detection),
                Err(draft) => draft,
            };
            let (error, pause) = attempts.failed(*draft, &departure);
            let Some(pause) = pause else {
                return Err(error);
            };
            sleep(pause).await;
            // How long leave is waited for is no fault of the service.
            if departure.paused(budget.withdraw()).await.is_err() {
                return Err(error);
            }
        }
    }

    /// The service's temporary store, for images that have no public address.
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
        budget: &dyn RequestBudget,
        departure: &Arc<Departure>,
        tries: &mut Tries,
    ) -> Result<Detection, Box<ErrorDraft>> {
        let shared = &*self.shared;
        tries.attempts += 1;
        debug!(attempt = tries.attempts, "asking");
        let request = shared.detect_request(image, ratio);
        let sending = shared.transport.send(request, departure);
        let reply = under_way(sending, budget, departure).await;
        let reply = match reply {
            Err(no_reply) if !no_reply.sent => {
                budget.deposit().await;
                return Err(Box::new(no_reply.into()));
            }
            sent => sent.map_err(|no_reply| Box::new(no_reply.into())),
        };
        tries.sent += 1;
        let asked = Asked {
            key: &shared.key,
            model: &shared.model,
            ratio,
            tries: *tries,
        };
        let answer = reply
            .and_then(|reply| answer::read(reply, asked))
            .map_err(|draft| Box::new(draft.cleaned(&shared.key)));
        budget.settle(RequestEnd::of(&answer)).await;
        answer
    }
}

/// A request on its way: the budget hears when it leaves, and takes it back until then.
async fn under_way(
    mut sending: Sending<'_>,
    budget: &dyn RequestBudget,
    departure: &Departure,
) -> Result<Reply, NoReply> {
    let mut turns = departure.turns();
    let mut has_left = false;
    loop {
        tokio::select! {
            biased;
            Ok(()) = turns.changed(), if !has_left => {
                has_left = true;
                budget.depart();
            }
            reply = &mut sending => return reply,
            () = budget.closed() => {
                departure.give_up();
                return sending.await;
            }
        }
    }
}

/// An upload that is gone would only cost a request.
fn check_age(oss: &OssUrl) -> Result<(), Error> {
    match oss.expires_at() {
        Some(end) if end <= SystemTime::now() => Err(Error::unsent(
            ErrorKind::RequestRefused,
            "the upload is older than 48 hours: upload the image anew",
        )),
        _ => Ok(()),
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
    async fn permit(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        // An error means that the semaphore was closed, which nobody does.
        self.permits.acquire().await.ok()
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
