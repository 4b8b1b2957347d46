//! What is tried again, and when.

use core::time::Duration;

use hyper::StatusCode;

use super::hop::Reply;
use crate::http::error::{FetchError, FetchErrorKind};
use crate::http::limits;

/// The pause before the next try after so many retries. `None` if a try would be useless.
pub(super) fn pause(error: &FetchError, retries: u32) -> Option<Duration> {
    let backoff = limits::BACKOFF.saturating_mul(1 << retries.min(16));
    let pause = match error.kind() {
        // An object that a store says is gone is gone under any status.
        _ if error.is_final() => return None,
        FetchErrorKind::Connect | FetchErrorKind::Closed => backoff,
        FetchErrorKind::Status {
            status: 429 | 502 | 503 | 504,
            retry_after,
            ..
        } => retry_after.unwrap_or(backoff),
        _ => return None,
    };
    (pause <= limits::MAX_RETRY_AFTER).then_some(pause)
}

/// Whether the reason may be that the connection was kept: the server closed it just then, said that
/// it waited too long (408), or had sent bytes that nobody asked for.
pub(super) fn lost_by_keeping(reply: &Result<Reply, FetchError>) -> bool {
    match reply {
        Ok(reply) => reply.head.status == StatusCode::REQUEST_TIMEOUT,
        Err(error) => matches!(
            error.kind(),
            FetchErrorKind::Closed | FetchErrorKind::BadHttp
        ),
    }
}
