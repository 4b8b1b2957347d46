//! What was seen of an image, of the server that it came from, and of the service.

use serde::{Deserialize, Serialize};

use crate::Sha256;

/// The facts that the stages saw of an image.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Facts {
    /// The format's lower-case name (`jpeg`, `png`, `bmp`, `webp`, `gif`, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Width in px as stored, before any EXIF orientation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in px as stored, before any EXIF orientation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The EXIF orientation, 1 to 8, where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orientation: Option<u8>,
    /// Bytes in the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Bytes that were read of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_read: Option<u64>,
    /// SHA-256 of the whole file, where the whole file was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
}

/// The facts that the fetch saw of the server that an image came from.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct HttpFacts {
    /// The status of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The URL that gave it, with the query of a signed one as `?…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
    /// Redirects followed.
    pub redirects: u32,
    /// Requests sent.
    pub requests: u32,
    /// The entity tag, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The date of the last change, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Bytes in the whole object, where the server said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Seconds after which the server asks to come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

#[cfg(feature = "remote")]
pub use self::remote::{RemoteFacts, Service};

#[cfg(feature = "remote")]
mod remote {
    use jiff::Timestamp;
    use remote::{BoundingBox, Charge, FailureReason, OssUrl, Ratio};
    use serde::{Deserialize, Serialize};

    /// Who judged.
    #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(rename_all = "lowercase")]
    #[expect(
        clippy::exhaustive_enums,
        reason = "a verdict is the service's, or it is made up"
    )]
    pub enum Service {
        /// The vendor's detector.
        Emo,
        /// The stand-in, whose verdicts are made up.
        Standin,
    }

    /// The facts that the paid stage learned of an image.
    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct RemoteFacts {
        /// Who judged, as the answer tells.
        pub service: Service,
        /// The model that was asked.
        pub model: String,
        /// The ratio that was asked for.
        pub ratio: Ratio,
        /// The service's verdict, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub check_pass: Option<bool>,
        /// The face, as upper-left and lower-right corner in px, as sent; only on a pass.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub face_bbox: Option<BoundingBox>,
        /// The moving area, as upper-left and lower-right corner in px, as sent; only on a pass.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ext_bbox: Option<BoundingBox>,
        /// Whether the figure is human-like, where the service said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub humanoid: Option<bool>,
        /// Why the service rejected the image.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<FailureReason>,
        /// The HTTP status of the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub http_status: Option<u16>,
        /// The service's code, verbatim.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub api_code: Option<String>,
        /// The service's message, verbatim.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub api_message: Option<String>,
        /// The service's name for the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub request_id: Option<String>,
        /// Whether the service charges for it; of a made-up answer, whether it would.
        pub charge: Charge,
        /// Whether the verdict was known already.
        pub cached: bool,
        /// Requests sent for it.
        pub attempts: u32,
        /// Seconds after which the same question may be asked again, free of the risk to pay twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub retry_after: Option<u64>,
        /// The temporary address that the image was uploaded to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub oss_url: Option<String>,
        /// When that address expires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
        pub oss_expires: Option<Timestamp>,
        /// The one model that may read that address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub oss_model: Option<String>,
    }

    impl RemoteFacts {
        /// Nothing asked yet.
        pub(crate) fn new(model: &str, ratio: Ratio) -> Self {
            Self {
                service: Service::Emo,
                model: model.to_owned(),
                ratio,
                check_pass: None,
                face_bbox: None,
                ext_bbox: None,
                humanoid: None,
                reason: None,
                http_status: None,
                api_code: None,
                api_message: None,
                request_id: None,
                charge: Charge::No,
                cached: false,
                attempts: 0,
                retry_after: None,
                oss_url: None,
                oss_expires: None,
                oss_model: None,
            }
        }

        /// The temporary address, if it is one.
        pub(crate) fn uploaded(&mut self, url: Option<&OssUrl>) {
            self.oss_url = url.map(|url| url.as_str().to_owned());
            self.oss_expires = url
                .and_then(OssUrl::expires_at)
                .and_then(|at| Timestamp::try_from(at).ok());
            self.oss_model = url.and_then(OssUrl::model).map(str::to_owned);
        }
    }
}
