//! When a signed URL expires, as far as its query says.
//!
//! Only a URL with a signature counts: a plain `?Expires=` means nothing.

mod rules;

use core::fmt;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use rules::{Query, RULES};

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
    /// Whether it was signed with a temporary key, which may end the URL earlier.
    pub temporary_key: bool,
}

/// Whose signature a URL carries.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Signer {
    /// Alibaba CDN, type A (`auth_key`). Its validity is set at the CDN, not in the URL.
    AlibabaCdn,
    /// Alibaba OSS, version 4.
    AlibabaOss,
    /// Azure Blob Storage, shared access signature.
    Azure,
    /// Google Cloud Storage, version 4.
    GoogleCloud,
    /// Qiniu Kodo.
    Qiniu,
    /// Amazon S3, version 4, and the stores that speak it.
    S3,
    /// `Expires` and `Signature`: S3 version 2, OSS version 1, OBS, GCS version 2, CloudFront.
    Simple,
    /// Tencent COS.
    Tencent,
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AlibabaCdn => "Alibaba CDN",
            Self::AlibabaOss => "Alibaba OSS",
            Self::Azure => "Azure",
            Self::GoogleCloud => "Google Cloud Storage",
            Self::Qiniu => "Qiniu",
            Self::S3 => "S3",
            Self::Simple => "object store",
            Self::Tencent => "Tencent COS",
        })
    }
}

/// What clocks may differ by before it matters.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// A start this far in the future is no clock skew; the stores allow 15 minutes.
const EARLY: SignedDuration = SignedDuration::from_mins(15);

/// Less than this left is worth a word.
const SOON: SignedDuration = SignedDuration::from_mins(15);

/// How a signature stands at a moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// Past its expiry, by more than a clock's error.
    Expired(Timestamp),
    /// About to expire.
    ExpiresSoon(Timestamp),
    /// Not yet valid.
    NotYet(Timestamp),
    /// Valid, or not known to be otherwise.
    Valid,
}

impl Signature {
    /// The signature that a URL's query carries, if any.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let query = Query(url);
        let mut signature = RULES.iter().find_map(|rule| rule(&query))?;
        signature.temporary_key = query.has("x-oss-security-token")
            || query.has("x-amz-security-token")
            || query.has("security-token");
        Some(signature)
    }

    /// How it stands at `now`.
    pub(super) fn standing(&self, now: Timestamp) -> Standing {
        // The CDN adds a span of its own to the time in the URL.
        let expires = self.expires.filter(|_| self.signer != Signer::AlibabaCdn);
        match (expires, self.starts) {
            (Some(at), _) if now.duration_since(at) > SKEW => Standing::Expired(at),
            (_, Some(at)) if at.duration_since(now) > EARLY => Standing::NotYet(at),
            (Some(at), _) if at.duration_since(now) < SOON => Standing::ExpiresSoon(at),
            _ => Standing::Valid,
        }
    }
}

/// The names of query parameters that carry a secret by themselves, whoever signed.
const SECRET_NAMES: [&str; 10] = [
    "access_token",
    "apikey",
    "api_key",
    "auth_key",
    "password",
    "secret",
    "sig",
    "sign",
    "signature",
    "token",
];

/// Whether the query is to be kept out of texts for people: it is signed, or looks like a secret.
pub(super) fn is_secret(url: &Url) -> bool {
    Signature::of(url).is_some()
        || url.query_pairs().any(|(name, _)| {
            let name = name.to_ascii_lowercase();
            SECRET_NAMES.contains(&name.as_str())
                || name.ends_with("-signature")
                || name.ends_with("-token")
        })
}

/// Whether the signer signed the `Range` header field, so that none may be sent but theirs.
pub(super) fn signs_range(url: &Url) -> bool {
    let query = Query(url);
    [
        "x-amz-signedheaders",
        "x-goog-signedheaders",
        "x-oss-additional-headers",
    ]
    .iter()
    .filter_map(|name| query.value(name))
    .any(|names| {
        names
            .split(';')
            .any(|name| name.eq_ignore_ascii_case("range"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(query: &str) -> Option<Signature> {
        Signature::of(&Url::parse(&format!("https://example.com/a.jpg?{query}")).unwrap())
    }

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn every_signer_says_when() {
        // {"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1767322800}}}]}
        let policy = "eyJTdGF0ZW1lbnQiOlt7IkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTc2NzMyMjgwMH19fV19";
        for (query, signer, expires) in [
            (
                "X-Amz-Date=20260102T030000Z&X-Amz-Expires=60&X-Amz-Signature=s",
                Signer::S3,
                at("2026-01-02T03:01:00Z"),
            ),
            (
                "x-amz-date=20260102T030000Z&x-amz-expires=60&x-amz-signature=s",
                Signer::S3,
                at("2026-01-02T03:01:00Z"),
            ),
            (
                "X-Goog-Date=20260102T030000Z&X-Goog-Expires=60&X-Goog-Signature=s",
                Signer::GoogleCloud,
                at("2026-01-02T03:01:00Z"),
            ),
            (
                "x-oss-date=20260102T030000Z&x-oss-expires=60&x-oss-signature=s",
                Signer::AlibabaOss,
                at("2026-01-02T03:01:00Z"),
            ),
            (
                "x-oss-expires=1767322800&x-oss-signature=s",
                Signer::AlibabaOss,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                "Expires=1767322800&OSSAccessKeyId=k&Signature=s",
                Signer::Simple,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                "Expires=1767322800&AWSAccessKeyId=k&Signature=s",
                Signer::Simple,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                &format!("Policy={policy}&Key-Pair-Id=k&Signature=s"),
                Signer::Simple,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                "se=2026-01-02T03:00:00Z&sig=s",
                Signer::Azure,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                "se=2026-01-02&sig=s",
                Signer::Azure,
                at("2026-01-02T00:00:00Z"),
            ),
            (
                "q-sign-time=1767319200;1767322800&q-signature=s",
                Signer::Tencent,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                "e=1767322800&token=k:s",
                Signer::Qiniu,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                "auth_key=1767322800-0-0-abc",
                Signer::AlibabaCdn,
                at("2026-01-02T03:00:00Z"),
            ),
            (
                "X-Amz-Date=nonsense&X-Amz-Expires=60&X-Amz-Signature=s",
                Signer::S3,
                None,
            ),
            (
                "X-Amz-Date=20260102T030000Z&X-Amz-Expires=99999999999999&X-Amz-Signature=s",
                Signer::S3,
                None,
            ),
            (
                "Policy=%00%00&Key-Pair-Id=k&Signature=s",
                Signer::Simple,
                None,
            ),
        ] {
            let found = signature(query).unwrap_or_else(|| panic!("{query}: no signature"));
            assert_eq!((found.signer, found.expires), (signer, expires), "{query}");
        }
    }

    #[test]
    fn a_field_without_a_signature_means_nothing() {
        for query in [
            "Expires=1",
            "X-Amz-Expires=1",
            "e=1",
            "se=2020-01-01",
            "token=a",
            "Signature=s&Expires=1",
        ] {
            assert_eq!(signature(query), None, "{query}");
        }
    }

    #[test]
    fn the_standing_allows_for_clocks_that_differ() {
        let signature =
            signature("X-Amz-Date=20260102T030000Z&X-Amz-Expires=3600&X-Amz-Signature=s").unwrap();
        let end = signature.expires.unwrap();
        for (now, standing) in [
            ("2026-01-02T04:01:01Z", Standing::Expired(end)),
            ("2026-01-02T04:01:00Z", Standing::ExpiresSoon(end)),
            ("2026-01-02T03:45:01Z", Standing::ExpiresSoon(end)),
            ("2026-01-02T03:45:00Z", Standing::Valid),
            ("2026-01-02T02:45:00Z", Standing::Valid),
            (
                "2026-01-02T02:44:59Z",
                Standing::NotYet(signature.starts.unwrap()),
            ),
        ] {
            assert_eq!(signature.standing(now.parse().unwrap()), standing, "{now}");
        }
    }

    #[test]
    fn the_cdn_adds_a_span_that_the_url_does_not_tell() {
        let signature = signature("auth_key=1-0-0-abc").unwrap();
        assert_eq!(signature.standing(Timestamp::now()), Standing::Valid);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for (query, secret) in [
            ("X-Amz-Signature=s", true),
            ("token=a", true),
            ("sig=a", true),
            ("auth_key=1-0-0-a", true),
            ("x-oss-security-token=a", true),
            ("size=1", false),
            ("design=1", false),
        ] {
            let url = Url::parse(&format!("https://example.com/?{query}")).unwrap();
            assert_eq!(is_secret(&url), secret, "{query}");
        }
    }

    #[test]
    fn a_signed_range_is_seen() {
        let url = |q: &str| Url::parse(&format!("https://example.com/?{q}")).unwrap();
        assert!(signs_range(&url("X-Amz-SignedHeaders=host%3Brange")));
        assert!(!signs_range(&url("X-Amz-SignedHeaders=host")));
    }
}
