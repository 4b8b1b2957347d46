//! Where a store is, and how a bucket stands in its URLs.

use std::net::IpAddr;

use rusty_s3::{Bucket, UrlStyle};
use url::{Host, Url};

use crate::setup_error::SetupError;

/// How a bucket stands in a URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    /// `https://host/bucket/key`.
    Path,
    /// `https://bucket.host/key`.
    VirtualHost,
    /// Whichever the bucket's name allows: as part of a host, if that is a name that a certificate
    /// covers.
    ByBucket,
}

/// Where a store is: a host and a port.
///
/// It is the operator's word, and may be in a network that is not public.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    url: Url,
    region: String,
    style: Style,
}

/// The domain of Alibaba Cloud, whose store takes a bucket as part of the host only ("Compatibility
/// with Amazon S3", https://www.alibabacloud.com/help/en/oss/developer-reference/compatibility-with-amazon-s3).
const ALIBABA: &str = "aliyuncs.com";

/// Where Amazon is asked if no region is named: what the AWS SDKs do for S3.
const DEFAULT_REGION: &str = "us-east-1";

/// The longest name of a region. It becomes part of a host and of the signature's scope.
const MAX_REGION: usize = 64;

impl Endpoint {
    /// Amazon S3, or the store at an endpoint that speaks its dialect.
    pub(crate) fn s3(
        endpoint: Option<(&'static str, String)>,
        region: Option<(&'static str, String)>,
        style: Option<(&'static str, String)>,
    ) -> Result<Self, SetupError> {
        let region = match region {
            Some((name, region)) => checked_region(name, region)?,
            None => DEFAULT_REGION.to_owned(),
        };
        let chosen = match style {
            None => None,
            Some((name, value)) => Style::parse(name, &value)?,
        };
        let (url, usual) = match endpoint {
            // AWS SDKs, too, put the bucket into the path of an endpoint of one's own.
            Some((name, text)) => {
                let url = parse(name, &text)?;
                let is_alibaba = is_below(&url, ALIBABA);
                let usual = if is_alibaba {
                    Style::VirtualHost
                } else {
                    Style::Path
                };
                (url, usual)
            }
            None => {
                let top = if region.starts_with("cn-") {
                    "amazonaws.com.cn"
                } else {
                    "amazonaws.com"
                };
                let text = format!("https://s3.{region}.{top}");
                (parse("AWS_REGION", &text)?, Style::ByBucket)
            }
        };
        let style = chosen.unwrap_or(usual);
        Ok(Self { url, region, style })
    }

    /// OSS, by its S3 dialect.
    pub(crate) fn oss(
        endpoint: Option<(&'static str, String)>,
        region: Option<(&'static str, String)>,
    ) -> Result<Self, SetupError> {
        let region = match region {
            // Both spellings are in use.
            Some((name, region)) => {
                let region = region.strip_prefix("oss-").unwrap_or(&region).to_owned();
                Some(checked_region(name, region)?)
            }
            None => None,
        };
        let (url, region) = match (endpoint, region) {
            (Some((name, text)), region) => {
                // ossutil takes a host alone, too.
                let text = if text.contains("://") {
                    text
                } else {
                    format!("https://{text}")
                };
                let url = parse(name, &text)?;
                if !matches!(url.host(), Some(Host::Domain(_))) {
                    return Err(SetupError::EndpointAddress { name });
                }
                let region = region.or_else(|| oss_region(&url));
                (
                    url,
                    region.ok_or(SetupError::NoRegion { name: "OSS_REGION" })?,
                )
            }
            (None, Some(region)) => {
                let text = format!("https://s3.oss-{region}.{ALIBABA}");
                (parse("OSS_REGION", &text)?, region)
            }
            (None, None) => return Err(SetupError::NoRegion { name: "OSS_REGION" }),
        };
        let style = Style::VirtualHost;
        Ok(Self { url, region, style })
    }

    /// The host: a name in lower case, or an address; one of IPv6 is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The region that requests are signed for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// A bucket at this endpoint; none if its name cannot stand in a URL.
    pub(crate) fn bucket(&self, name: &str) -> Option<Bucket> {
        let style = match self.style {
            Style::Path => UrlStyle::Path,
            Style::VirtualHost => UrlStyle::VirtualHost,
            Style::ByBucket if is_label(name) => UrlStyle::VirtualHost,
            Style::ByBucket => UrlStyle::Path,
        };
        let (url, name, region) = (self.url.clone(), name.to_owned(), self.region.clone());
        Bucket::new(url, style, name, region).ok()
    }
}

impl Style {
    /// `None` for the usual one.
    fn parse(name: &'static str, value: &str) -> Result<Option<Self>, SetupError> {
        match value.to_ascii_lowercase().as_str() {
            "auto" => Ok(None),
            "path" => Ok(Some(Self::Path)),
            "virtual" => Ok(Some(Self::VirtualHost)),
            _ => Err(SetupError::Style { name }),
        }
    }
}

fn parse(name: &'static str, text: &str) -> Result<Url, SetupError> {
    let refused = || SetupError::Endpoint { name };
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_plain { Ok(url) } else { Err(refused()) }
}

fn checked_region(name: &'static str, region: String) -> Result<String, SetupError> {
    let is_plain = region
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_plain && region.len() <= MAX_REGION {
        return Ok(region);
    }
    Err(SetupError::Region { name })
}

/// `cn-beijing` of `oss-cn-beijing-internal.aliyuncs.com`, and of `s3.` before it.
fn oss_region(url: &Url) -> Option<String> {
    if !is_below(url, ALIBABA) {
        return None;
    }
    let labels = url.host_str()?.split('.');
    let region = labels
        .filter_map(|label| label.strip_prefix("oss-"))
        .next()?;
    let region = region.strip_suffix("-internal").unwrap_or(region);
    // It serves all regions, and says none.
    (region != "accelerate" && region != "accelerate-overseas").then(|| region.to_owned())
}

fn is_below(url: &Url, domain: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a name is one label of a host, which the certificate of a store covers.
fn is_label(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 63
        && name.bytes().all(is_plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name.parse::<IpAddr>().is_err()
}
