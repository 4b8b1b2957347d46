//! Objects in S3-compatible stores and in Alibaba Cloud's OSS: their names, lists of them, and signed
//! URLs that open them.
//!
//! A signed URL is all that it takes to look at an object with preflight's guarded fetcher, and to
//! have a service fetch it that knows nothing of the bucket: a private object needs no upload.
//!
//! ```no_run
//! use preflight::http::{AddressPolicy, Fetcher};
//! use stores::{Location, Stores};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let stores = Stores::from_env(); // AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION
//! let Location::Prefix(prefix) = "s3://portraits/2026/".parse()? else { return Ok(()) };
//! let account = stores.account(prefix.store())?.ok_or("no key")?;
//! // The endpoint is the operator's word, and may be in a private network. Nothing else may.
//! let endpoint = account.endpoint();
//! let policy = AddressPolicy::public().allow_host(endpoint.host(), endpoint.port());
//! let fetcher = Fetcher::builder().policy(policy).build()?;
//!
//! let mut listing = account.list(prefix, fetcher.clone());
//! while let Some(objects) = listing.next_page().await? {
//!     for object in objects {
//!         let url = fetcher.parse(account.sign(&object)?.as_str())?;
//!         println!("{object}: {:?}", fetcher.probe(&url).await.outcome?.content);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Requests are signed by AWS Signature Version 4 in the query. OSS takes them at its S3-compatible
//! endpoint, with the bucket as part of the host.

mod account;
mod endpoint;
mod listing;
mod location;
mod page;
mod sign;
mod variables;

pub use account::{Account, SetupError, Stores};
pub use endpoint::Endpoint;
pub use listing::{ListError, Listing};
pub use location::{Location, LocationError, Object, Prefix, Store};
pub use page::PageError;
pub use sign::{EXPIRY, SignError, SignedUrl};
pub use variables::Variables;
