#![doc = include_str!("../README.md")]

mod answer;
mod attempts;
mod base_url;
mod box_error;
mod boxes;
mod budget;
mod builder;
mod charge;
mod client;
mod detection;
mod environment;
mod error;
mod failure;
mod image_url;
mod key;
mod model;
mod pacer;
mod pending;
mod price;
mod ratio;
mod retry;
mod shared;
mod store;
mod trace;
mod transport;
mod wire;

pub use base_url::{BaseUrl, BaseUrlError, WorkspaceId, WorkspaceIdError};
pub use boxes::{BoundingBox, BoxDoubt, BoxName, Boxes, DoubtKind};
pub use budget::{Budget, RequestBudget, RequestEnd, Unlimited, Veto};
pub use builder::{ClientBuilder, ConfigError};
pub use charge::Charge;
pub use client::Client;
pub use detection::{Detection, Usage, Verdict};
pub use error::{Error, ErrorKind};
pub use failure::{Failure, FailureReason};
pub use image_url::{ImageUrl, ImageUrlError, OssUrl};
pub use key::{ApiKey, ApiKeyError, Mistake};
pub use language::Language;
pub use model::ModelError;
pub use pacer::Pace;
pub use pending::Pending;
pub use price::{Currency, PRICE, Price};
pub use ratio::{Ratio, RatioError};
pub use reqwest::Proxy;
pub use retry::Retry;
pub use rustls::pki_types::CertificateDer;
pub use store::{TemporaryStore, Upload};

/// Whether a text is written in Chinese, wholly or with names in between.
#[cfg(test)]
fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}
