//! What a signed URL says of itself.

use core::fmt;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How a URL was signed, and for how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Signature {
    /// Whose signature it is.
    pub signer: Signer,
    /// When it expires; none where the query does not say, or says it unreadably.
    pub expires: Option<Timestamp>,
    /// When it starts to be valid, where the query says.
    pub starts: Option<Timestamp>,
    /// For how long it was made, where the query says that instead of an end.
    pub span: Option<Duration>,
    /// Whether it was signed with a temporary key, which may end the URL earlier.
    pub temporary_key: bool,
}

/// Whose signature a URL carries.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Signer {
    /// Akamai, an authentication token.
    Akamai,
    /// Alibaba CDN, type A (`auth_key`). Its validity is set at the CDN, not in the URL.
    AlibabaCdn,
    /// Alibaba OSS, version 4.
    AlibabaOss,
    /// Azure Blob Storage, shared access signature.
    Azure,
    /// Baidu BOS.
    BaiduBos,
    /// Discord's attachments.
    Discord,
    /// Facebook's and Instagram's CDN.
    Facebook,
    /// Google Cloud Storage, version 4.
    GoogleCloud,
    /// Kingsoft KS3.
    Ks3,
    /// Qiniu Kodo.
    Qiniu,
    /// `Expires` and `Signature`: S3 version 2, OSS version 1, OBS, GCS version 2, CloudFront.
    QueryString,
    /// Amazon S3, version 4, and the stores that speak it.
    S3,
    /// Tencent CDN, types A and D (`sign`). Its validity is set at the CDN, not in the URL.
    TencentCdn,
    /// Tencent COS.
    TencentCos,
    /// UCloud US3.
    UCloud,
    /// Volcengine TOS.
    VolcengineTos,
    /// Wangsu CDN (`wsSecret`). Its validity is set at the CDN, not in the URL.
    WangsuCdn,
}

/// AWS, "Authenticating Requests: Using Query Parameters"; Google, "V4 signing process"; Alibaba, "Add
/// a V4 signature to a URL"; Volcengine's own clients, which refuse to sign for longer: 604,800 s at
/// the most.
const WEEK: Duration = Duration::from_secs(604_800);

impl Signer {
    /// The longest span that the signer lets one ask for, where its document says.
    #[must_use]
    pub const fn longest(self) -> Option<Duration> {
        match self {
            Self::AlibabaOss | Self::GoogleCloud | Self::S3 | Self::VolcengineTos => Some(WEEK),
            _ => None,
        }
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Akamai => "Akamai",
            Self::AlibabaCdn => "Alibaba CDN",
            Self::AlibabaOss => "Alibaba OSS",
            Self::Azure => "Azure",
            Self::BaiduBos => "Baidu BOS",
            Self::Discord => "Discord",
            Self::Facebook => "Facebook",
            Self::GoogleCloud => "Google Cloud Storage",
            Self::Ks3 => "KS3",
            Self::Qiniu => "Qiniu",
            Self::QueryString => "object store",
            Self::S3 => "S3",
            Self::TencentCdn => "Tencent CDN",
            Self::TencentCos => "Tencent COS",
            Self::UCloud => "UCloud",
            Self::VolcengineTos => "Volcengine TOS",
            Self::WangsuCdn => "Wangsu CDN",
        })
    }
}

/// What clocks may differ by before it matters.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// A start this far in the future cannot come from clocks that disagree: the stores allow 15 minutes.
const EARLY: SignedDuration = SignedDuration::from_mins(15);

/// Less than this left deserves a remark.
const SOON: SignedDuration = SignedDuration::from_mins(15);

/// How a signature stands at a moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Validity {
    /// Past its expiry, by more than a clock's error.
    Expired(Timestamp),
    /// About to expire.
    ExpiresSoon(Timestamp),
    /// Not yet valid.
    NotYet(Timestamp),
    /// Made for longer than the signer allows: it never holds.
    TooLong { span: Duration, limit: Duration },
    /// Valid, or not known to be otherwise.
    Valid,
}

impl Signature {
    /// A signature that says nothing of its time.
    pub(crate) const fn by(signer: Signer) -> Self {
        Self {
            signer,
            expires: None,
            starts: None,
            span: None,
            temporary_key: false,
        }
    }

    /// One that ends at a moment, where that could be read.
    pub(crate) const fn until(self, expires: Option<Timestamp>) -> Self {
        Self { expires, ..self }
    }

    /// One that starts at a moment, where that could be read.
    pub(crate) const fn from(self, starts: Option<Timestamp>) -> Self {
        Self { starts, ..self }
    }

    /// One that is valid for a span from its start on.
    pub(crate) fn lasting(self, span: Option<Duration>) -> Self {
        let end = |from: Timestamp, span: Duration| {
            from.checked_add(SignedDuration::try_from(span).ok()?).ok()
        };
        Self {
            expires: self
                .starts
                .zip(span)
                .and_then(|(from, span)| end(from, span)),
            span,
            ..self
        }
    }

    /// How it stands at `now`.
    pub(crate) fn validity(&self, now: Timestamp) -> Validity {
        match (self.span, self.signer.longest()) {
            (Some(span), Some(limit)) if span > limit => return Validity::TooLong { span, limit },
            _ => {}
        }
        match (self.expires, self.starts) {
            (Some(at), _) if now.duration_since(at) > SKEW => Validity::Expired(at),
            (_, Some(at)) if at.duration_since(now) > EARLY => Validity::NotYet(at),
            (Some(at), _) if at.duration_since(now) < SOON => Validity::ExpiresSoon(at),
            _ => Validity::Valid,
        }
    }
}
