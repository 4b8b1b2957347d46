//! The client: one call, from the first try to the last.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::sleep;
use tracing::debug;

use crate::answer::{self, Asked};
use crate::attempts::Attempts;
use crate::base_url::BaseUrl;
use crate::budget::{RequestBudget, RequestEnd, Unlimited, Veto};
use crate::detection::Detection;
use crate::error::{Error, ErrorDraft, ErrorKind};
use crate::image_url::{ImageUrl, OssUrl};
use crate::ratio::Ratio;
use crate::retry::Tries;
use crate::shared::Shared;
use crate::store::TemporaryStore;
use crate::trace;
use crate::transport::departure::{Departure, Progress};
use crate::transport::{NoReply, Reply, Sending};

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

impl Client {
    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Asks whether an image is fit: one call, paid for if the service judges the image.
    ///
    /// A call takes at most three tries (unless set otherwise), repeats only what was certainly not
    /// charged, and ends within its timeout (60 s unless set otherwise). Waiting for its turn is
    /// not counted.
    ///
    /// # Errors
    ///
    /// If the call ends without a verdict. [`Error::charge`] says whether that may have cost
    /// something.
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
        let departure = Departure::new(self.shared.timeout, self.shared.pace.clone());
        let mut attempts = Attempts::new(self.shared.tries);
        let mut last = None;
        loop {
            let asked = self.ask(image, ratio, budget, &departure, &mut attempts.tries);
            let draft = match asked.await {
                Ok(detection) => return Ok(detection),
                Err(Unanswered::Vetoed(veto)) => {
                    return Err(last.unwrap_or_else(|| Error::vetoed(veto.into_reason())));
                }
                Err(Unanswered::Failed(draft)) => draft,
            };
            let (error, pause) = attempts.failed(*draft, &departure);
            let Some(pause) = pause else {
                return Err(error);
            };
            sleep(pause).await;
            last = Some(error);
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
    ) -> Result<Detection, Unanswered> {
        let shared = &*self.shared;
        // The caller may take long over its answer; that is not the service's time.
        departure
            .paused(budget.withdraw())
            .await
            .map_err(Unanswered::Vetoed)?;
        tries.attempts += 1;
        debug!(attempt = tries.attempts, "asking");
        let request = shared.detect_request(image, ratio);
        departure.begin();
        let sending = shared.transport.send(request, departure);
        let reply = match under_way(sending, budget, departure).await {
            Err(veto) => {
                budget.deposit().await;
                return Err(Unanswered::Vetoed(veto));
            }
            Ok(Err(no_reply)) if !no_reply.sent => {
                budget.deposit().await;
                return Err(Unanswered::Failed(Box::new(no_reply.into())));
            }
            Ok(reply) => reply.map_err(|no_reply| Box::new(no_reply.into())),
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
        answer.map_err(Unanswered::Failed)
    }
}

/// Why a try gave no verdict.
enum Unanswered {
    Vetoed(Veto),
    Failed(Box<ErrorDraft>),
}

/// A request on its way. The budget has the last word before it leaves, hears when it does, and may
/// take it back until then.
async fn under_way(
    mut sending: Sending<'_>,
    budget: &dyn RequestBudget,
    departure: &Departure,
) -> Result<Result<Reply, NoReply>, Veto> {
    let mut is_released = false;
    if !departure.is_paced() {
        // Its connection is a kept one, which says nothing before it takes the request.
        departure.paused(budget.intend()).await?;
        departure.release();
        is_released = true;
    }
    let mut has_left = false;
    let reply = loop {
        tokio::select! {
            biased;
            () = departure.reached(Progress::Left), if !has_left => {
                has_left = true;
                budget.depart();
            }
            reply = &mut sending => break reply,
            // The request waits for this, and so the time of the call stands still already.
            () = departure.reached(Progress::Connected), if !is_released => {
                budget.intend().await?;
                departure.release();
                is_released = true;
            }
            () = budget.closed() => {
                departure.give_up();
                break sending.await;
            }
        }
    };
    if !has_left && departure.has_left() {
        budget.depart();
    }
    Ok(reply)
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

#[cfg(test)]
mod tests;
