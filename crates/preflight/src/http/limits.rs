//! What one fetch may cost, at most, and why.

use std::time::Duration;

use super::error::Phase;

/// Bytes of the first range. A server's first flight is ten segments of some 1,450 bytes (RFC 6928);
/// 11 KiB, a head and the TLS records fit into it, 16 KiB do not and would cost a round trip more. A
/// first range of 12 KiB costs 0.9 KiB more and saves one request in fifty (12.8 KiB in 1.45 requests
/// against 13.7 KiB in 1.43, example `fetch_cost` without a folder).
///
/// Asking for 64 KiB and dropping them half-way would save one request in three, but what is under
/// way when a connection is dropped has been sent all the same, and a dropped connection is useless
/// for the next range or the next URL.
pub(super) const FIRST: u64 = 11 * 1024;

/// Bytes of the first range where the path's extension is of a format that has its size in the first
/// 33 bytes: enough to put a name to what else may stand there, an error page say.
pub(super) const FIRST_SHORT: u64 = 4 * 1024;

/// Bytes of each later range. A jump lands on the start of a JPEG segment; what is wanted there is
/// nearly always the frame header behind a few short tables.
pub(super) const JUMP: u64 = 4 * 1024;

/// Requests sent to one server in one fetch, whatever they are for: ranges, retries, and those that
/// a kept connection lost.
pub(super) const MAX_REQUESTS: u32 = 6;

/// Redirects followed.
pub(super) const MAX_REDIRECTS: usize = 3;

/// Bytes of all bodies together: a server that ignores ranges may show this much of a header.
pub(super) const MAX_BODY: u64 = 128 * 1024;

/// Bytes of one response head, which is also the size of the read buffer.
pub(super) const MAX_HEAD: usize = 16 * 1024;

/// Header fields of one response.
pub(super) const MAX_FIELDS: usize = 64;

/// Bytes received on all sockets of a fetch: heads, bodies, TLS, and what is thrown away.
pub(super) const MAX_SOCKET: u64 = 256 * 1024;

/// Bytes of an error's body that are read for the store's code.
pub(super) const MAX_ERROR_BODY: usize = 2 * 1024;

/// The receive buffer asked of the kernel. What a dropped connection has wasted is bounded by it;
/// with the kernel's own choice it was up to 1.5 MB on loopback.
pub(super) const RECEIVE_BUFFER: u32 = 32 * 1024;

/// Bytes received beyond those of a whole object: heads, TLS handshakes, redirects. TLS records add
/// less than 1 in 64 to a body.
pub(super) const DOWNLOAD_OVERHEAD: u64 = MAX_SOCKET;

/// Bytes of a body that are read after the answer is certain, so that its connection can be kept.
/// The rest of a first range fits; it is under way already.
pub(super) const MAX_REST: u64 = FIRST;

/// Time for that rest. It is longer than most round trips; a new connection would cost one as well.
pub(super) const REST_TIME: Duration = Duration::from_millis(250);

/// How long a connection is kept without a use. Many servers close theirs after 5 s, and a request
/// on a connection that is being closed is lost.
pub(super) const KEEP: Duration = Duration::from_secs(4);

/// Connections kept without a use, in all.
pub(super) const MAX_KEPT: usize = 64;

/// How long the answers to a look-up are used again: long enough for the URLs of one host in a list,
/// short against any time to live that a moving host would have.
pub(super) const PIN: Duration = Duration::from_secs(10);

/// How long a name that was not found counts as such: short, for a look-up may fail by chance.
pub(super) const PIN_FAILURE: Duration = Duration::from_secs(2);

/// Names whose answers are held.
pub(super) const MAX_NAMES: usize = 1_024;

/// Look-ups at once. One that never answers keeps its slot until the system gives up, some 5 to 30 s
/// later, so that there are many more than healthy names need.
pub(super) const LOOK_UPS: usize = 512;

/// Time for one look-up to end by itself, after which its slot is given to another.
pub(super) const ABANDONED: Duration = Duration::from_secs(60);

/// Time to wait for something of our own: a slot, a thread, a file descriptor.
pub(super) const OWN: Duration = Duration::from_secs(60);

/// Pause before asking for a file descriptor again.
pub(super) const OWN_PAUSE: Duration = Duration::from_millis(50);

/// File descriptors that fetches leave to the rest of the program.
pub(super) const SPARE_FILES: u64 = 32;

/// Times that a fetch is tried again.
pub(super) const RETRIES: u32 = 2;

/// The pause before the first retry, where the server names none; each later one is twice as long.
/// At most [`PER_HOST`] fetches come back to one host together, so nothing scatters them.
pub(super) const BACKOFF: Duration = Duration::from_millis(250);

/// The longest `Retry-After` that is waited for.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);

/// Fetches at once.
pub(super) const CONCURRENCY: usize = 64;

/// Fetches at once from one host. Browsers open six connections to one; this takes fewer.
pub(super) const PER_HOST: usize = 4;

/// Bytes of the `User-Agent` field.
pub(super) const MAX_USER_AGENT: usize = 256;

/// How long a fetch and each phase of it may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Times {
    /// Of a probe, waiting for what is our own excluded.
    total: Duration,
    /// By how much the phases are longer than by default; 1 at least.
    stretch: f64,
}

impl Times {
    pub(super) const DEFAULT_TOTAL: Duration = Duration::from_secs(5);

    /// A download may take this many times as long as a probe: 60 s by default.
    const DOWNLOAD: u32 = 12;

    /// The times of probes that may take so long in all. Phases grow with a longer total; of a
    /// shorter one the total itself is the limit.
    pub(super) fn of(total: Duration) -> Self {
        let stretch = total.as_secs_f64() / Self::DEFAULT_TOTAL.as_secs_f64();
        Self {
            total,
            stretch: stretch.max(1.0),
        }
    }

    /// The same for downloads, whose phases are no longer.
    pub(super) fn for_download(self) -> Self {
        Self {
            total: self.total.saturating_mul(Self::DOWNLOAD),
            ..self
        }
    }

    /// The limit of one phase.
    pub(super) fn limit(self, phase: Phase) -> Duration {
        let seconds = match phase {
            Phase::Total => return self.total,
            // Between two pieces of a body; until an address accepts; and so on.
            Phase::LookUp | Phase::Connect | Phase::Tls | Phase::Idle => 2.0,
            Phase::Head => 3.0,
        };
        Duration::from_secs_f64(seconds * self.stretch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_grow_with_the_total_and_never_shrink() {
        let seconds = Duration::from_secs;
        let usual = Times::of(seconds(5));
        assert_eq!(usual.limit(Phase::Head), seconds(3));
        assert_eq!(Times::of(seconds(20)).limit(Phase::Head), seconds(12));
        assert_eq!(Times::of(seconds(1)).limit(Phase::Connect), seconds(2));
        assert_eq!(usual.for_download().limit(Phase::Total), seconds(60));
        assert_eq!(usual.for_download().limit(Phase::Idle), seconds(2));
    }
}
