//! The stand-in as a client meets it: over real sockets, by raw requests.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, wherever it stands"
)]

#[cfg(all(unix, feature = "bin"))]
mod command;
mod contract;
mod counts;
mod faults;
mod fetching;
mod hostile;
mod lending;
mod refusals;
mod script;
mod shapes;
mod store;
mod support;
mod video;
