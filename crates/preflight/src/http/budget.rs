//! What one fetch may cost, at most, and why.

use std::time::Duration;

/// Bytes of the first range. A server's first flight is ten segments of some 1,450 bytes (RFC 6928);
/// 12 KiB, a head and the TLS records fit into it, 16 KiB do not and would cost a round trip more.
///
/// Asking for 64 KiB and dropping them half-way would save one request in three, but what is under
/// way when a connection is dropped has been sent all the same: for some 300 photographs from test sets of
/// cameras up to 62 KiB a file (computed), against 14 KiB in 1.6 requests (measured with the example
/// `fetch_cost`), and a dropped connection is no use for the next range.
pub(super) const FIRST: u64 = 12 * 1024;

/// Bytes of the first range where the path's extension is of a format that has its size in the first
/// 33 bytes: enough to put a name to what else may stand there, an error page say.
pub(super) const FIRST_SHORT: u64 = 4 * 1024;

/// Bytes of each later range. A jump lands on the start of a JPEG segment; what is wanted there is
/// nearly always the frame header behind a few short tables.
pub(super) const JUMP: u64 = 4 * 1024;

/// Ranges asked of one server.
pub(super) const MAX_RANGES: u32 = 6;

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

/// Time for the whole fetch, waiting for a permit excluded.
pub(super) const TOTAL: Duration = Duration::from_secs(5);

/// Time for one name look-up.
pub(super) const LOOK_UP: Duration = Duration::from_secs(2);

/// Time until one of the addresses has accepted.
pub(super) const CONNECT: Duration = Duration::from_secs(2);

/// Time for the TLS handshake.
pub(super) const TLS: Duration = Duration::from_secs(2);

/// Time from a request to the end of its response head.
pub(super) const HEAD: Duration = Duration::from_secs(3);

/// Time between two pieces of a body.
pub(super) const IDLE: Duration = Duration::from_secs(2);

/// Time for a whole object.
pub(super) const WHOLE_TOTAL: Duration = Duration::from_secs(60);

/// Bytes received beyond those of a whole object: heads, TLS handshakes, redirects. TLS records add
/// less than 1 in 64 to a body.
pub(super) const WHOLE_OVERHEAD: u64 = MAX_SOCKET;

/// Fetches at once.
pub(super) const CONCURRENCY: usize = 64;

/// Fetches at once from one host: what browsers settled on is six; a checker is no guest of honour.
pub(super) const PER_HOST: usize = 4;
