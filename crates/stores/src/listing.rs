//! A listing, page by page.

use preflight::http::{FetchError, FetchErrorKind, Fetcher, StoreCause, StoreError};

use crate::page::{Page, PageError};
use crate::variables::Variables;
use crate::{Account, Object, Prefix, SignError, Store};

/// Keys that are asked for at a time: the most that stores give.
const PAGE: u16 = 1000;

/// Bytes of one page: 1,000 keys of 1,024 bytes, each byte written as three, take 3 MB, and what
/// stands beside each of them some 500 bytes.
const MAX_PAGE: u64 = 8 << 20;

/// Pages without a key in a row. Stores may give some, where much was deleted; one that gives nothing
/// else has no end.
const MAX_EMPTY: u32 = 1000;

/// The objects of a prefix, page by page, in the order of the store: Amazon S3 and OSS sort keys by
/// their bytes.
///
/// Holds one page at a time, however many there are.
#[derive(Debug)]
pub struct Listing {
    account: Account,
    prefix: Prefix,
    fetcher: Fetcher,
    page: u16,
    next: Next,
    lap: Lap,
    empty: u32,
}

/// What to ask for next.
#[derive(Debug)]
enum Next {
    Start,
    From(String),
    End,
}

/// Finds out whether the tokens go round in a circle, of any length, with one token kept (Brent's
/// algorithm).
#[derive(Debug, Default)]
struct Lap {
    kept: Option<String>,
    steps: u64,
    length: u64,
}

/// Why a listing cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// The store could not be asked, or refused.
    #[error("the store gave no list of objects")]
    Fetch(#[source] FetchError),
    /// The store answers for ever.
    #[error("expected an end of the list, but found the same page again")]
    Endless,
    /// The store answers with pages that hold nothing, and says that there are more.
    #[error(
        "expected objects in the list, but found {} pages without one",
        MAX_EMPTY
    )]
    EmptyPages,
    /// The answer lists other objects than those that were asked for.
    #[error("expected keys that begin with what was asked for, but found another")]
    OtherKeys,
    /// The answer is no list.
    #[error("the store gave no list of objects")]
    Page(#[source] PageError),
    /// The bucket cannot be asked for.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Account {
    /// Lists the objects of a prefix. Nothing is sent yet.
    ///
    /// The fetcher's address policy must admit the endpoint, by
    /// [`AddressPolicy::allow_host`](preflight::http::AddressPolicy::allow_host) where it is not
    /// public. It asks again as often as it is set to, and waits as long as `Retry-After` says; stores
    /// that are busy ask for that.
    #[must_use]
    pub fn list(&self, prefix: Prefix, fetcher: Fetcher) -> Listing {
        Listing {
            account: self.clone(),
            prefix,
            fetcher,
            page: PAGE,
            next: Next::Start,
            lap: Lap::default(),
            empty: 0,
        }
    }
}

impl Listing {
    /// Asks for so many keys at a time, 1 to 1,000; by default 1,000.
    #[must_use]
    pub fn page_size(mut self, keys: u16) -> Self {
        self.page = keys.clamp(1, PAGE);
        self
    }

    /// The prefix that is listed.
    #[must_use]
    pub const fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// The objects of the next page; none after the last. A page may be empty.
    ///
    /// Keys that end in a slash are left out: they stand for folders, and hold nothing. Must run on
    /// a Tokio runtime with I/O and time; does not block. Cancel safe: the page is asked for again.
    ///
    /// # Errors
    ///
    /// The listing cannot go on, and gives nothing more. What it gave before stands.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Object>>, ListError> {
        let token = match &self.next {
            Next::Start => None,
            Next::From(token) => Some(token.as_str()),
            Next::End => return Ok(None),
        };
        let asked = self.ask(token).await;
        self.next = Next::End;
        let page = asked?;
        self.empty = if page.keys.is_empty() {
            self.empty + 1
        } else {
            0
        };
        if let Some(token) = page.next {
            if self.lap.is_closed_by(&token) {
                return Err(ListError::Endless);
            }
            if self.empty >= MAX_EMPTY {
                return Err(ListError::EmptyPages);
            }
            self.next = Next::From(token);
        }
        let prefix = &self.prefix;
        if !page.keys.iter().all(|key| key.starts_with(prefix.prefix())) {
            self.next = Next::End;
            return Err(ListError::OtherKeys);
        }
        let keys = page.keys.into_iter();
        let objects = keys.filter(|key| !key.is_empty() && !key.ends_with('/'));
        Ok(Some(objects.map(|key| prefix.object(key)).collect()))
    }

    async fn ask(&self, token: Option<&str>) -> Result<Page, ListError> {
        let url = self.account.sign_page(&self.prefix, token, self.page)?;
        let url = self.fetcher.parse(url.as_str()).map_err(ListError::Fetch)?;
        let answer = self.fetcher.download(&url, MAX_PAGE).await;
        let body = answer.outcome.map_err(ListError::Fetch)?;
        Page::read(&body).map_err(ListError::Page)
    }
}

impl Lap {
    fn is_closed_by(&mut self, token: &str) -> bool {
        if self.kept.as_deref() == Some(token) {
            return true;
        }
        if self.steps == self.length {
            self.kept = Some(token.to_owned());
            self.length = 2 * self.length.max(1);
            self.steps = 0;
        }
        self.steps += 1;
        false
    }
}

impl ListError {
    /// What the store said, if it said something that is known.
    #[must_use]
    pub fn cause(&self) -> Option<StoreCause> {
        self.store_error().and_then(StoreError::cause)
    }

    /// What to do about it, by the names of the variables that set the store up.
    #[must_use]
    pub fn help(&self, store: Store) -> Option<String> {
        let names = Variables::of(store);
        let (key_id, secret, token) = (names.key_id, names.secret, names.token);
        let region = names.region.first().copied().unwrap_or_default();
        let endpoint = names.endpoint.last().copied().unwrap_or_default();
        let Some(cause) = self.cause() else {
            let is_unreached = matches!(self, Self::Fetch(_) | Self::Page(_));
            return is_unreached
                .then(|| format!("check {region} and {endpoint}, and the store there"));
        };
        Some(match cause {
            StoreCause::AccessDenied => {
                "give the key the right to list the bucket (s3:ListBucket, oss:ListObjects), or name \
                 the objects one by one"
                    .to_owned()
            }
            StoreCause::BadSignature => {
                format!("check {secret}: it does not belong to {key_id}")
            }
            StoreCause::ClockSkew => "set the clock of this machine, and run again".to_owned(),
            StoreCause::ExpiredToken => {
                format!("get new temporary credentials: {key_id}, {secret} and {token}")
            }
            StoreCause::NoSuchBucket => {
                format!("check the bucket's name, and {region} and {endpoint}")
            }
            StoreCause::Throttled => "run again later".to_owned(),
            StoreCause::UnknownKey => {
                format!("check {key_id}; temporary credentials need {token}, too")
            }
            StoreCause::WrongRegion => match self.store_error().and_then(StoreError::home) {
                Some(home) if home.contains('.') => format!("set {endpoint} to https://{home}"),
                Some(home) => format!("set {region} to {home}"),
                None => format!("set {region} to the bucket's region"),
            },
            _ => return None,
        })
    }

    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Fetch(error) => match error.kind() {
                FetchErrorKind::Status { store, .. } => store.as_ref(),
                _ => None,
            },
            _ => None,
        }
    }
}
