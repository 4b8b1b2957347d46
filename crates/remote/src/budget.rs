//! Leave to send: how a caller counts, stops and writes down requests that may cost money.

use std::fmt;
use std::future;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::box_error::BoxError;
use crate::charge::Charge;
use crate::detection::Detection;
use crate::error::{ErrorDraft, ErrorKind};
use crate::pending::Pending;

/// Is asked before each request of a paid call, retries included, and told what came of it.
///
/// [`Budget`] is the usual one; a ledger writes down each request before it leaves. The order for
/// each request is
///
/// 1. [`withdraw`](Self::withdraw), before a connection is made;
/// 2. [`intend`](Self::intend), when the connection stands;
/// 3. [`depart`](Self::depart), when the turn of the request has come;
/// 4. [`settle`](Self::settle), when it was answered or will not be.
///
/// After each `Ok` of `withdraw` either `settle` is awaited or, if the request certainly did not
/// leave, [`deposit`](Self::deposit). Neither is where the call is dropped before.
///
/// ```
/// use remote::{Pending, RequestBudget, Veto};
///
/// #[derive(Debug)]
/// struct OfficeHours(fn() -> bool);
///
/// impl RequestBudget for OfficeHours {
///     fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
///         Box::pin(async { if (self.0)() { Ok(()) } else { Err(Veto::new("nobody is there to pay")) } })
///     }
/// }
/// ```
pub trait RequestBudget: Send + Sync {
    /// Leave to send one request. It is awaited before a connection is made for it.
    ///
    /// A call whose first request is vetoed fails as [`ErrorKind::Vetoed`], with the veto's reason
    /// as its source; one whose retry is vetoed fails with what its last try met.
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>>;

    /// The last word before the request leaves: its connection stands, and next it waits for its
    /// turn. What is written down here is soon followed by a departure, however long connections
    /// take. Agrees by default.
    ///
    /// A veto here ends the call as one of [`withdraw`](Self::withdraw) does, and is followed by
    /// [`deposit`](Self::deposit). Without a pace, connections are kept, and this comes right after
    /// `withdraw`.
    fn intend(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(future::ready(Ok(())))
    }

    /// The request that leave was given for certainly did not leave. Does nothing by default.
    fn deposit(&self) -> Pending<'_, ()> {
        Box::pin(future::ready(()))
    }

    /// The turn of the request has come: it leaves now. Does nothing by default.
    ///
    /// It is called once for each request that leaves, before [`settle`](Self::settle); for one
    /// that is dropped or taken back in the same moment, it may be missing.
    fn depart(&self) {}

    /// Ends when no request may leave any more. One whose turn has not come by then is taken back:
    /// [`deposit`](Self::deposit) is awaited. Never ends by default.
    fn closed(&self) -> Pending<'_, ()> {
        Box::pin(future::pending())
    }

    /// The request left, and this is what came of it. Does nothing by default.
    ///
    /// It is awaited for each request that left, those that are retried included, before the call
    /// goes on or ends.
    fn settle<'a>(&'a self, _: RequestEnd<'a>) -> Pending<'a, ()> {
        Box::pin(future::ready(()))
    }
}

/// The end of a request that left.
#[derive(Clone, Copy, Debug)]
pub struct RequestEnd<'a> {
    /// Whether it was paid for.
    pub charge: Charge,
    /// The HTTP status, if an answer began.
    pub http_status: Option<u16>,
    /// The service's id of the request.
    pub request_id: Option<&'a str>,
    /// The verdict and what came with it, or why there is none.
    pub outcome: Result<&'a Detection, ErrorKind>,
}

impl<'a> RequestEnd<'a> {
    pub(crate) fn of(answer: &'a Result<Detection, Box<ErrorDraft>>) -> Self {
        match answer {
            Ok(detection) => Self {
                charge: detection.charge,
                http_status: Some(detection.http_status),
                request_id: detection.request_id.as_deref(),
                outcome: Ok(detection),
            },
            Err(draft) => Self {
                charge: draft.classified.charge,
                http_status: draft.http_status,
                request_id: draft.request_id.as_deref(),
                outcome: Err(draft.classified.kind),
            },
        }
    }
}

/// Why a request may not be sent: the caller's own reason, which becomes the source of the error.
#[derive(Debug)]
pub struct Veto(BoxError);

impl Veto {
    /// A veto for this reason, an error or a text.
    pub fn new(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }

    pub(crate) fn into_reason(self) -> BoxError {
        self.0
    }
}

impl fmt::Display for Veto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// No limit: what [`Client::detect`](crate::Client::detect) uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlimited;

impl RequestBudget for Unlimited {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(future::ready(Ok(())))
    }
}

/// At most so many requests sent, over all calls that share it.
///
/// A call that is dropped after it withdrew has spent its request.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use remote::{Budget, RequestBudget};
///
/// let budget = Budget::new(2);
/// assert!(budget.withdraw().await.is_ok() && budget.withdraw().await.is_ok());
/// assert!(budget.withdraw().await.is_err());
/// budget.deposit().await; // the second could not connect
/// assert_eq!((budget.spent(), budget.left()), (1, 1));
/// # });
/// ```
pub struct Budget {
    limit: u64,
    left: AtomicU64,
}

impl Budget {
    /// A budget of so many requests.
    #[must_use]
    pub const fn new(requests: u64) -> Self {
        Self {
            limit: requests,
            left: AtomicU64::new(requests),
        }
    }

    /// Requests that may still be sent.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// Requests that were sent, or are being sent.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.limit - self.left().min(self.limit)
    }

    fn change(&self, next: impl FnMut(u64) -> Option<u64>) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .is_ok()
    }
}

impl RequestBudget for Budget {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async {
            if self.change(|left| left.checked_sub(1)) {
                Ok(())
            } else {
                let limit = self.limit;
                Err(Veto::new(format!(
                    "the budget of {limit} requests is used up"
                )))
            }
        })
    }

    fn deposit(&self) -> Pending<'_, ()> {
        Box::pin(async {
            // Never above the limit, whoever calls it.
            self.change(|left| (left < self.limit).then(|| left + 1));
        })
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("limit", &self.limit)
            .field("left", &self.left())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn tasks_together_take_no_more_than_the_limit() {
        let budget = Arc::new(Budget::new(1000));
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let budget = Arc::clone(&budget);
                tokio::spawn(async move {
                    let mut taken = 0;
                    for _ in 0..400 {
                        taken += usize::from(budget.withdraw().await.is_ok());
                    }
                    taken
                })
            })
            .collect();
        let mut taken = 0;
        for task in tasks {
            taken += task.await.unwrap();
        }
        assert_eq!((taken, budget.left(), budget.spent()), (1000, 0, 1000));
    }

    #[tokio::test]
    async fn a_deposit_never_makes_more_than_the_limit() {
        let budget = Budget::new(1);
        budget.deposit().await;
        assert_eq!((budget.left(), budget.spent()), (1, 0));
        budget.withdraw().await.unwrap();
        let veto = budget.withdraw().await.unwrap_err();
        assert_eq!(veto.to_string(), "the budget of 1 requests is used up");
    }
}
