//! How a fetcher is set up.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use hyper::header::HeaderValue;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use thiserror::Error;

use super::Fetcher;
use crate::http::concurrency::Permits;
use crate::http::guard::{AddressPolicy, Guard};
use crate::http::limits::{self, Times};
use crate::http::shared::Shared;
use crate::http::wire::connection::Connector;
use crate::http::wire::dial::{Dial, TcpDialer};
use crate::http::wire::look_ups::LookUps;
use crate::http::wire::pool::Pool;
use crate::http::wire::resolve::{Resolve, SystemResolver};
use crate::http::wire::tls::Tls;

/// Who asks, and where to complain.
const USER_AGENT: &str = concat!(
    "preflight/",
    env!("CARGO_PKG_VERSION"),
    " (+",
    env!("CARGO_PKG_REPOSITORY"),
    ")"
);

/// Sets up a [`Fetcher`].
///
/// ```
/// use core::time::Duration;
/// use preflight::http::Fetcher;
///
/// let fetcher = Fetcher::builder()
///     .timeout(Duration::from_secs(20))
///     .retries(1)
///     .user_agent("thumbnailer/2.1 (+https://example.com/contact)")
///     .build()?;
/// let error = Fetcher::builder().timeout(Duration::ZERO).build().unwrap_err();
/// assert_eq!(error.to_string(), "expected a timeout of 1 ms to 600 s, but found 0ns");
/// # Ok::<(), preflight::http::SetupError>(())
/// ```
#[must_use]
pub struct FetcherBuilder {
    policy: AddressPolicy,
    timeout: Duration,
    concurrency: usize,
    per_host: usize,
    retries: u32,
    user_agent: String,
    roots: Option<Vec<CertificateDer<'static>>>,
    resolver: Option<Arc<dyn Resolve>>,
    dialer: Arc<dyn Dial>,
}

/// A setting of a fetcher that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// No fetch at all may run.
    #[error("expected room for at least one fetch {}, but found 0", if *.per_host { "from one host" } else { "at once" })]
    NoRoom {
        /// Whether it is the room for one host.
        per_host: bool,
    },
    /// There are to be no roots to trust, so that no https server could be.
    #[error("expected at least one root certificate, but found none")]
    NoRoots,
    /// More retries than a server can be asked for.
    #[error("expected at most {limit} retries, but found {found}")]
    Retries {
        /// The value.
        found: u32,
        /// The most.
        limit: u32,
    },
    /// A root certificate that cannot be read.
    #[error("expected root certificate {number} in DER, but found other bytes")]
    Root {
        /// Which one, from 1 on.
        number: usize,
        /// Its fault.
        source: rustls::Error,
    },
    /// A timeout that is too short or too long.
    #[error("expected a timeout of 1 ms to {} s, but found {found:?}", MAX_TIMEOUT.as_secs())]
    Timeout {
        /// The value.
        found: Duration,
    },
    /// A user agent that cannot be the value of a header field.
    #[error(
        "expected a user agent of 1 to {} printable ASCII characters, but found {found:?}",
        limits::MAX_USER_AGENT
    )]
    UserAgent {
        /// At most 64 characters of the value.
        found: String,
    },
}

const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// A probe that takes longer than this is not a probe any more.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

/// One request of the six is the first.
const MAX_RETRIES: u32 = limits::MAX_REQUESTS - 1;

impl Default for FetcherBuilder {
    fn default() -> Self {
        Self {
            policy: AddressPolicy::public(),
            timeout: Times::DEFAULT_TOTAL,
            concurrency: limits::CONCURRENCY,
            per_host: limits::PER_HOST,
            retries: limits::RETRIES,
            user_agent: USER_AGENT.to_owned(),
            roots: None,
            resolver: None,
            dialer: Arc::new(TcpDialer),
        }
    }
}

impl fmt::Debug for FetcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetcherBuilder")
            .field("policy", &self.policy)
            .field("timeout", &self.timeout)
            .field("concurrency", &self.concurrency)
            .field("per_host", &self.per_host)
            .field("retries", &self.retries)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

impl FetcherBuilder {
    /// Which addresses may be dialled. By default those of the public internet only.
    pub fn policy(mut self, policy: AddressPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Time for one probe, retries and their pauses included, waiting for permits, look-up slots and
    /// file descriptors of our own excluded: 1 ms to 600 s, by default 5 s.
    ///
    /// The limits of its phases grow with it: with 20 s instead of 5 s a response head may take 12 s
    /// instead of 3 s.
    pub fn timeout(mut self, total: Duration) -> Self {
        self.timeout = total;
        self
    }

    /// How often a fetch may be tried again, 0 to 5; by default 2.
    ///
    /// Tried again is what may pass: the statuses 429, 502, 503 and 504, and a connection that is
    /// refused, reset or closed early. The pause is what `Retry-After` asks for, else 250 ms, twice as
    /// long each time. A pause that is longer than 10 s, or than what is left of the time, ends the
    /// fetch instead.
    pub fn retries(mut self, times: u32) -> Self {
        self.retries = times;
        self
    }

    /// The `User-Agent` field: 1 to 256 printable ASCII characters. By default the name and the
    /// version of this library, with the address of its repository.
    pub fn user_agent(mut self, text: impl Into<String>) -> Self {
        self.user_agent = text.into();
        self
    }

    /// Fetches at once, at least one; by default 64. No more run than half of the files that this
    /// process may open, less 32, for each may need two for a moment; [`Fetcher::concurrency`] tells.
    pub fn concurrency(mut self, fetches: usize) -> Self {
        self.concurrency = fetches;
        self
    }

    /// Fetches at once from one host, at least one. By default 4.
    pub fn per_host(mut self, fetches: usize) -> Self {
        self.per_host = fetches;
        self
    }

    /// Trusts these roots, each a certificate in DER, instead of the platform's.
    pub fn trust_only(mut self, roots: impl IntoIterator<Item = Vec<u8>>) -> Self {
        self.roots = Some(roots.into_iter().map(CertificateDer::from).collect());
        self
    }

    /// Looks names up otherwise than by the operating system. Its answers are judged all the same.
    pub fn resolver(mut self, resolver: impl Resolve + 'static) -> Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// Connects otherwise than by TCP. It is handed judged addresses only.
    pub fn dialer(mut self, dialer: impl Dial + 'static) -> Self {
        self.dialer = Arc::new(dialer);
        self
    }

    /// The fetcher. Nothing is read or opened yet.
    ///
    /// # Errors
    ///
    /// A setting outside of what its method allows.
    pub fn build(self) -> Result<Fetcher, SetupError> {
        if !(MIN_TIMEOUT..=MAX_TIMEOUT).contains(&self.timeout) {
            let found = self.timeout;
            return Err(SetupError::Timeout { found });
        }
        if self.concurrency == 0 || self.per_host == 0 {
            let per_host = self.concurrency != 0;
            return Err(SetupError::NoRoom { per_host });
        }
        if self.retries > MAX_RETRIES {
            let (found, limit) = (self.retries, MAX_RETRIES);
            return Err(SetupError::Retries { found, limit });
        }
        let is_printable = self
            .user_agent
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~'));
        let is_bounded = (1..=limits::MAX_USER_AGENT).contains(&self.user_agent.trim().len());
        if !is_printable || !is_bounded {
            let found = self.user_agent.chars().take(64).collect();
            return Err(SetupError::UserAgent { found });
        }
        let roots = self.roots.as_deref().map(root_store).transpose()?;
        Ok(self.assemble(roots))
    }

    /// The fetcher, from settings that were checked.
    pub(super) fn assemble(self, roots: Option<RootCertStore>) -> Fetcher {
        let room = file_room();
        let concurrency = self.concurrency.min(room / 2).max(1);
        let look_ups = limits::LOOK_UPS.min(room / 4).max(1);
        let resolver = self.resolver.unwrap_or_else(|| {
            // Networks that the caller opened may have names that only this machine knows.
            if self.policy.is_widened() {
                Arc::new(SystemResolver::with_local_names())
            } else {
                Arc::new(SystemResolver::new())
            }
        });
        let shared = Shared {
            guard: Guard {
                policy: self.policy,
                look_ups: LookUps::new(resolver, look_ups),
            },
            connector: Connector {
                dialer: self.dialer,
                tls: roots.map(Tls::trusting).unwrap_or_default(),
            },
            pool: Pool::new(limits::MAX_KEPT.min(room / 4)),
            permits: Permits::new(concurrency, self.per_host),
            times: Times::of(self.timeout),
            retries: self.retries,
            user_agent: HeaderValue::from_str(self.user_agent.trim())
                .unwrap_or(HeaderValue::from_static(USER_AGENT)),
        };
        Fetcher {
            shared: Arc::new(shared),
        }
    }
}

fn root_store(roots: &[CertificateDer<'static>]) -> Result<RootCertStore, SetupError> {
    if roots.is_empty() {
        return Err(SetupError::NoRoots);
    }
    let mut store = RootCertStore::empty();
    for (number, root) in (1..).zip(roots) {
        store
            .add(root.clone())
            .map_err(|source| SetupError::Root { number, source })?;
    }
    Ok(store)
}

/// How many files this process may open for fetches.
#[cfg(unix)]
fn file_room() -> usize {
    use rustix::process::{Resource, getrlimit};
    let room = getrlimit(Resource::Nofile)
        .current
        .map_or(u64::MAX, |limit| limit.saturating_sub(limits::SPARE_FILES));
    usize::try_from(room).unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn file_room() -> usize {
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(set: impl Fn(FetcherBuilder) -> FetcherBuilder) -> String {
        set(Fetcher::builder()).build().unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_is_said_and_not_clamped() {
        let seconds = Duration::from_secs;
        for (fault, words) in [
            (
                fault(|b| b.timeout(seconds(0))),
                "expected a timeout of 1 ms to 600 s, but found 0ns",
            ),
            (
                fault(|b| b.timeout(seconds(601))),
                "expected a timeout of 1 ms to 600 s, but found 601s",
            ),
            (
                fault(|b| b.concurrency(0)),
                "expected room for at least one fetch at once, but found 0",
            ),
            (
                fault(|b| b.per_host(0)),
                "expected room for at least one fetch from one host, but found 0",
            ),
            (
                fault(|b| b.retries(6)),
                "expected at most 5 retries, but found 6",
            ),
            (
                fault(|b| b.trust_only([])),
                "expected at least one root certificate, but found none",
            ),
            (
                fault(|b| b.trust_only([vec![1, 2]])),
                "expected root certificate 1 in DER, but found other bytes",
            ),
            (
                fault(|b| b.user_agent(" ")),
                "expected a user agent of 1 to 256 printable ASCII characters, but found \" \"",
            ),
            (
                fault(|b| b.user_agent("a\r\nb")),
                "expected a user agent of 1 to 256 printable ASCII characters, but found \"a\\r\\nb\"",
            ),
        ] {
            assert_eq!(fault, words);
        }
        assert!(
            Fetcher::builder()
                .user_agent("x".repeat(257))
                .build()
                .is_err()
        );
        let few = Fetcher::builder().concurrency(3).per_host(2).build();
        let few = few.unwrap();
        assert_eq!((few.concurrency(), few.per_host()), (3, 2));
        let most = Fetcher::builder()
            .timeout(seconds(600))
            .retries(5)
            .concurrency(usize::MAX)
            .per_host(usize::MAX);
        let most = most.user_agent("x".repeat(256)).build().unwrap();
        // Half of the files that this process may open are left to whatever else it does.
        let files = file_room().saturating_add(limits::SPARE_FILES as usize);
        assert!(most.concurrency() <= files / 2, "{}", most.concurrency());
    }
}
