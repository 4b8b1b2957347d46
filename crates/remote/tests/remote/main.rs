//! The client against real sockets, and against the stand-in.

mod contract;
mod environment;
mod faults;
mod secrets;
mod server;
mod standin;
mod store;
