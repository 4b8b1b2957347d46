#![doc = include_str!("../README.md")]

mod account;
mod endpoint;
mod listing;
mod location;
mod page;
mod setup_error;
mod sign;
mod variables;

pub use account::{Account, Stores};
pub use endpoint::Endpoint;
pub use listing::{ListError, Listing};
pub use location::{Location, LocationError, Object, Prefix, Store};
pub use page::PageError;
pub use setup_error::SetupError;
pub use sign::{EXPIRY, SignError, SignedUrl};
pub use variables::Variables;
