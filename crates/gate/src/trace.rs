//! What an operator sees of an image.

use tokio::time::Instant;
use tracing::Span;

use crate::Report;

/// Puts on a span what came of an image, as far as the span has fields for it.
pub(crate) fn record(span: &Span, report: &Report, begun: Instant) {
    span.record("outcome", report.outcome().name());
    if let Some(finding) = report.errors().next() {
        span.record("code", finding.code.id());
    }
    if let Some(http) = report.http() {
        span.record("requests", http.requests);
        span.record("status", http.status);
    }
    span.record("body_bytes", report.facts().bytes_read);
    #[cfg(feature = "remote")]
    if let Some(remote) = report.remote() {
        span.record("charge", remote.charge.as_str());
        span.record("cached", remote.cached);
        span.record("attempts", remote.attempts);
    }
    let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.record("elapsed_ms", elapsed);
}
