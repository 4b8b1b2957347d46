//! The client against real sockets, and against the stand-in.
#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

mod contract;
mod dressed;
mod environment;
mod errors;
mod faults;
mod pace;
mod server;
mod settings;
mod standin;
mod store;
