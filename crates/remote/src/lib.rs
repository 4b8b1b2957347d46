#![doc = include_str!("../README.md")]

mod allowance;
mod answer;
mod api_code;
mod base_url;
mod builder;
mod client;
mod detection;
mod environment;
mod error;
mod failure;
mod image_url;
mod key;
mod pacer;
mod ratio;
mod retry;
mod store;
mod transport;
mod wire;

pub use allowance::{Allowance, Budget, Unlimited};
pub use base_url::{BaseUrl, BaseUrlError, WorkspaceId, WorkspaceIdError};
pub use builder::{ClientBuilder, ConfigError};
pub use client::Client;
pub use detection::{BoundingBox, Boxes, Charge, Detection, Usage, Verdict};
pub use error::{Error, ErrorKind, Retry};
pub use failure::{Failure, FailureReason};
pub use image_url::{ImageUrl, ImageUrlError, OssUrl};
pub use key::{ApiKey, ApiKeyError};
pub use ratio::{Ratio, RatioError};
pub use store::TemporaryStore;
