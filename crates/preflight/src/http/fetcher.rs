//! The fetcher, and how it is set up.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use super::address::AddressPolicy;
use super::budget;
use super::connection::Connector;
use super::dial::{Dial, TcpDialer};
use super::error::FetchError;
use super::fetched::{Fetched, Whole};
use super::guard::Guard;
use super::limits::Limits;
use super::resolve::{Resolve, SystemResolver};
use super::run::{Landing, Run};
use super::sniff::sniff;
use super::tls::Tls;
use super::url::{TargetUrl, UrlError};
use super::whole::whole;

/// Looks at images behind URLs; see the [module](super) for what it guarantees.
///
/// Clones share their limits. One fetcher serves thousands of concurrent probes.
///
/// ```no_run
/// use preflight::Content;
/// use preflight::http::Fetcher;
///
/// # async fn example() {
/// let fetcher = Fetcher::new();
/// let fetched = fetcher.probe("https://example.com/portrait.jpg").await;
/// match fetched.outcome {
///     Ok(probed) => match probed.content {
///         Content::Image(header) => println!("{} x {} px", header.width, header.height),
///         content => println!("no image that we read: {content:?}"),
///     },
///     Err(error) if error.is_final() => println!("rejected: {error}"),
///     Err(error) => println!("could not tell: {error}"),
/// }
/// println!("{} bytes in {} requests", fetched.facts.body_bytes, fetched.facts.requests);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Fetcher {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) guard: Guard,
    pub(super) connector: Connector,
    pub(super) limits: Limits,
    pub(super) total: Duration,
}

impl Fetcher {
    /// A fetcher for the public internet.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A fetcher to be set up.
    pub fn builder() -> FetcherBuilder {
        FetcherBuilder::default()
    }

    /// Looks at the image behind a URL: as few bytes as it takes to read the header.
    ///
    /// What is wrong with the URL, the server or the file is in the answer. Needs a Tokio runtime
    /// with I/O and time. Cancel safe: a dropped future closes its socket and gives its permits back.
    pub async fn probe(&self, url: &str) -> Fetched {
        match self.parse(url) {
            Ok(url) => self.probe_target(&url).await,
            Err(error) => Fetched {
                outcome: Err(error),
                facts: super::Facts::default(),
            },
        }
    }

    /// As [`probe`](Self::probe), for a URL that was parsed before.
    pub async fn probe_target(&self, url: &TargetUrl) -> Fetched {
        let mut run = Run::frugal(&self.shared);
        let outcome = async {
            run.look_at(url, Timestamp::now())?;
            let mut url = url.clone();
            loop {
                let mut hop = run.arrive(url).await?;
                match sniff(&mut run, &mut hop).await? {
                    Landing::Done(probed) => return Ok(probed),
                    Landing::Redirect(to) => url = run.follow(hop, to)?,
                }
            }
        }
        .await;
        let facts = run.into_facts();
        Fetched { outcome, facts }
    }

    /// Fetches the whole object behind a URL, if it has at most `max_bytes` bytes, under the same
    /// guard and within 60 s. It is held in memory.
    ///
    /// A server that says neither length nor end (HTTP/1.0) may have sent less than it wanted.
    /// Cancel safe, as [`probe`](Self::probe).
    pub async fn fetch_whole(&self, url: &TargetUrl, max_bytes: u64) -> Whole {
        let mut run = Run::whole(&self.shared, max_bytes);
        let outcome = async {
            run.look_at(url, Timestamp::now())?;
            let mut url = url.clone();
            loop {
                let mut hop = run.arrive(url).await?;
                match whole(&mut run, &mut hop, max_bytes).await? {
                    Landing::Done(bytes) => return Ok(bytes),
                    Landing::Redirect(to) => url = run.follow(hop, to)?,
                }
            }
        }
        .await;
        let facts = run.into_facts();
        Whole { outcome, facts }
    }

    /// A forbidden address in an odd spelling is forbidden first, and odd second.
    fn parse(&self, url: &str) -> Result<TargetUrl, FetchError> {
        TargetUrl::parse(url).map_err(|error| match error {
            UrlError::HostSpelling { address } => self
                .shared
                .guard
                .refuse(address)
                .err()
                .unwrap_or_else(|| error.into()),
            error => error.into(),
        })
    }
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets up a [`Fetcher`].
#[must_use]
pub struct FetcherBuilder {
    policy: AddressPolicy,
    total: Duration,
    concurrency: usize,
    per_host: usize,
    tls: Tls,
    resolver: Arc<dyn Resolve>,
    dialer: Arc<dyn Dial>,
}

impl Default for FetcherBuilder {
    fn default() -> Self {
        Self {
            policy: AddressPolicy::public(),
            total: budget::TOTAL,
            concurrency: budget::CONCURRENCY,
            per_host: budget::PER_HOST,
            tls: Tls::default(),
            resolver: Arc::new(SystemResolver::new()),
            dialer: Arc::new(TcpDialer),
        }
    }
}

impl fmt::Debug for FetcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetcherBuilder")
            .field("policy", &self.policy)
            .field("total", &self.total)
            .field("concurrency", &self.concurrency)
            .field("per_host", &self.per_host)
            .finish_non_exhaustive()
    }
}

impl FetcherBuilder {
    /// Which addresses may be dialled. By default those of the public internet only.
    pub fn policy(mut self, policy: AddressPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Time for one probe, from 1 to 15 s, waiting for a permit excluded. By default 5 s.
    pub fn total(mut self, total: Duration) -> Self {
        self.total = total.clamp(Duration::from_secs(1), Duration::from_secs(15));
        self
    }

    /// Fetches at once, at least one. By default 64.
    pub fn concurrency(mut self, fetches: usize) -> Self {
        self.concurrency = fetches;
        self
    }

    /// Fetches at once from one host, at least one. By default 4.
    pub fn per_host(mut self, fetches: usize) -> Self {
        self.per_host = fetches;
        self
    }

    /// Trusts these roots, each a certificate in DER, instead of the platform's. One that is none
    /// fails every https fetch.
    pub fn trust_only(mut self, roots: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let roots = roots.into_iter().map(CertificateDer::from).collect();
        self.tls = Tls::trusting(roots);
        self
    }

    /// Looks names up otherwise than by the operating system. Its answers are judged all the same.
    pub fn resolver(mut self, resolver: impl Resolve + 'static) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Connects otherwise than by TCP. It is handed judged addresses only.
    pub fn dialer(mut self, dialer: impl Dial + 'static) -> Self {
        self.dialer = Arc::new(dialer);
        self
    }

    /// The fetcher. Nothing is read or opened yet.
    #[must_use]
    pub fn build(self) -> Fetcher {
        let shared = Shared {
            guard: Guard {
                policy: self.policy,
                resolver: self.resolver,
            },
            connector: Connector {
                dialer: self.dialer,
                tls: self.tls,
            },
            limits: Limits::new(self.concurrency, self.per_host),
            total: self.total,
        };
        Fetcher {
            shared: Arc::new(shared),
        }
    }
}
