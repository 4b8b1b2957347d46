//! The fetcher, and how it is set up.

mod builder;

use std::sync::Arc;

use super::download::download;
use super::error::FetchError;
use super::facts::{Downloaded, Fetched};
use super::fetch::Fetch;
use super::ranged::ranged_get;
use super::shared::Shared;
use super::url::TargetUrl;

pub use builder::{FetcherBuilder, SetupError};

/// Looks at images behind URLs; see the [module](super) for what it guarantees.
///
/// Clones share their limits, their connections and their look-ups. One fetcher serves thousands of
/// concurrent probes.
///
/// ```no_run
/// use preflight::Content;
/// use preflight::http::Fetcher;
///
/// # async fn example() -> Result<(), preflight::http::FetchError> {
/// let fetcher = Fetcher::new();
/// let url = fetcher.parse("https://example.com/portrait.jpg")?;
/// let fetched = fetcher.probe(&url).await;
/// match fetched.outcome {
///     Ok(probed) => match probed.content {
///         Content::Image(header) => println!("{} x {} px", header.width, header.height),
///         content => println!("no image that we read: {content:?}"),
///     },
///     Err(error) if error.is_final() => println!("rejected: {error}"),
///     Err(error) => println!("could not tell: {error}"),
/// }
/// println!("{} bytes in {} requests", fetched.facts.body_bytes, fetched.facts.requests);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Fetcher {
    shared: Arc<Shared>,
}

impl Fetcher {
    /// A fetcher for the public internet.
    #[must_use]
    pub fn new() -> Self {
        FetcherBuilder::default().assemble(None)
    }

    /// A fetcher to be set up.
    pub fn builder() -> FetcherBuilder {
        FetcherBuilder::default()
    }

    /// Parses a URL as this fetcher's address policy wants it.
    ///
    /// It differs from [`TargetUrl::parse`] in one point: an address in an odd spelling, such as
    /// `http://0x7f000001/`, is refused as an address where the policy refuses the address, and is a
    /// fault of spelling else.
    ///
    /// # Errors
    ///
    /// The [kind](FetchError::kind) is `Url`, `Opaque` or `Refused`.
    pub fn parse(&self, url: &str) -> Result<TargetUrl, FetchError> {
        self.shared.guard.parse(url)
    }

    /// How many fetches run at once at the most: what was set, or fewer where this process may not
    /// open as many files.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.shared.permits.all()
    }

    /// How many fetches run at once to one host at the most.
    #[must_use]
    pub fn per_host(&self) -> usize {
        self.shared.permits.per_host()
    }

    /// Looks at the image behind a URL: as few bytes as it takes to read the header.
    ///
    /// What is wrong with the URL, the server or the file is in the answer. Must run on a Tokio
    /// runtime with I/O and time; does not block. Cancel safe: a dropped future closes its socket
    /// and gives its permits back. A fetcher may serve several runtimes; they share no connections.
    pub async fn probe(&self, url: &TargetUrl) -> Fetched {
        let mut fetch = Fetch::probe(&self.shared);
        let mut outcome = fetch.follow(url, ranged_get).await;
        let facts = fetch.into_facts();
        if let Ok(seen) = &mut outcome {
            // With what was read after the answer, so that the connection could be kept.
            (seen.bytes_read, seen.reads) = (facts.body_bytes, facts.requests);
        }
        Fetched { outcome, facts }
    }

    /// Downloads the whole object behind a URL, if it has at most `max_bytes` bytes, under the same
    /// guard and within twelve times the [timeout](FetcherBuilder::timeout) of a probe: 60 s by
    /// default. It is held in memory.
    ///
    /// A server that says neither length nor end (HTTP/1.0) may have sent less than it wanted.
    /// Cancel safe, as [`probe`](Self::probe).
    pub async fn download(&self, url: &TargetUrl, max_bytes: u64) -> Downloaded {
        let mut fetch = Fetch::download(&self.shared, max_bytes);
        let outcome = fetch.follow(url, download).await;
        let facts = fetch.into_facts();
        Downloaded { outcome, facts }
    }
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}
