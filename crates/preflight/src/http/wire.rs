//! What moves bytes: names to addresses, addresses to connections, connections to answers.

pub(super) mod clock;
pub(super) mod connection;
pub(super) mod dial;
pub(super) mod look_ups;
pub(super) mod meter;
pub(super) mod pool;
pub(super) mod resolve;
pub(super) mod tls;
