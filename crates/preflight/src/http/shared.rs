//! What the fetches of one fetcher share.

use hyper::header::HeaderValue;

use super::concurrency::Permits;
use super::guard::Guard;
use super::limits::Times;
use super::wire::connection::Connector;
use super::wire::pool::Pool;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) guard: Guard,
    pub(super) connector: Connector,
    pub(super) pool: Pool,
    pub(super) permits: Permits,
    pub(super) times: Times,
    pub(super) retries: u32,
    pub(super) user_agent: HeaderValue,
}
