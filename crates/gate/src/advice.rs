//! What to do about an image.

use std::time::Duration;

use crate::{Code, Outcome, Report};

/// What to do about an image.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "so that a caller's match says what becomes of each"
)]
pub enum Advice {
    /// Nothing: it passed, or nobody wanted to know.
    Nothing,
    /// The image is at fault, or its URL is: another one is needed.
    Replace,
    /// It may pass if it is asked about again.
    AskAgain {
        /// When, where somebody said; else as soon as the caller likes.
        after: Option<Duration>,
        /// The first call may have been charged, so that another may be paid for twice.
        may_cost: bool,
    },
    /// Something of the caller's set-up is at fault: how the image is published, a limit of memory,
    /// a budget, the request as such.
    FixSetup,
    /// Every other call will end alike until a person has done something: the key, the account, the
    /// base URL or the ledger.
    Stop,
}

impl Report {
    /// What to do about the image.
    ///
    /// It depends only on what the report holds, so that a report that was read back gives the
    /// same.
    ///
    /// ```
    /// use gate::{Advice, Code, Report};
    ///
    /// let report = Report::refused(Code::UrlInvalid, "expected a URL, but found a word");
    /// assert_eq!(report.advice(), Advice::Replace);
    /// ```
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self.outcome() {
            Outcome::Pass | Outcome::Skip => Advice::Nothing,
            Outcome::Reject => Advice::Replace,
            Outcome::Unknown => self
                .errors()
                .next()
                .map_or(Advice::Nothing, |finding| self.advice_on(finding.code)),
        }
    }

    fn advice_on(&self, code: Code) -> Advice {
        match code {
            Code::HttpStatus | Code::Unreachable | Code::FetchLimit | Code::Unreadable => {
                Advice::AskAgain {
                    after: seconds(self.http().and_then(|http| http.retry_after)),
                    may_cost: false,
                }
            }
            // Nobody but its owner may have it fetched.
            Code::AddressRefused => Advice::Replace,
            #[cfg(feature = "remote")]
            code => self.advice_on_call(code),
            #[cfg(not(feature = "remote"))]
            _ => Advice::FixSetup,
        }
    }

    #[cfg(feature = "remote")]
    fn advice_on_call(&self, code: Code) -> Advice {
        let after = seconds(self.remote().and_then(|remote| remote.retry_after));
        let may_cost = self
            .remote()
            .is_some_and(|remote| remote.charge != remote::Charge::No);
        match code {
            Code::KeyRefused | Code::Account | Code::NotRecorded => Advice::Stop,
            // A connection that failed may stand the next time; a wrong base URL will not.
            Code::ServiceUnreachable if after.is_none() => Advice::Stop,
            Code::Throttled
            | Code::ServiceError
            | Code::OutcomeLost
            | Code::ContractBroken
            | Code::UploadFailed
            | Code::ServiceUnreachable => Advice::AskAgain { after, may_cost },
            // Not fetched, no address, a budget, a limit, a request that is refused.
            _ => Advice::FixSetup,
        }
    }
}

fn seconds(seconds: Option<u64>) -> Option<Duration> {
    seconds.map(Duration::from_secs)
}
