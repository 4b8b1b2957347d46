//! When a signed URL expires, as far as its query says.
//!
//! Only a URL with a signature counts: a plain `?Expires=` means nothing.

use core::fmt;

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use url::Url;

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

/// The query's parameters by name, whatever the case.
struct Query<'u>(&'u Url);

impl Query<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .0
            .query_pairs()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value.into_owned())
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.parse().ok()
    }
}

type Rule = fn(&Query<'_>) -> Option<Signature>;

/// Version 4 signatures first: their URLs may carry older fields as well.
const RULES: [Rule; 8] = [s3, oss, google, azure, tencent, simple, qiniu, alibaba_cdn];

fn s3(query: &Query<'_>) -> Option<Signature> {
    dated(
        query,
        Signer::S3,
        "x-amz-signature",
        "x-amz-date",
        "x-amz-expires",
    )
}

fn google(query: &Query<'_>) -> Option<Signature> {
    dated(
        query,
        Signer::GoogleCloud,
        "x-goog-signature",
        "x-goog-date",
        "x-goog-expires",
    )
}

/// Version 4 of OSS counts from its date; version 2 and one page of the manual give an epoch.
fn oss(query: &Query<'_>) -> Option<Signature> {
    let signature = dated(
        query,
        Signer::AlibabaOss,
        "x-oss-signature",
        "x-oss-date",
        "x-oss-expires",
    )?;
    match query.number("x-oss-expires") {
        Some(seconds) if seconds > 1_000_000_000 => Some(Signature {
            expires: Timestamp::from_second(seconds).ok(),
            ..signature
        }),
        _ => Some(signature),
    }
}

/// A basic ISO 8601 date, and seconds from it.
fn dated(
    query: &Query<'_>,
    signer: Signer,
    signature: &str,
    date: &str,
    span: &str,
) -> Option<Signature> {
    query.value(signature)?;
    let starts = query.value(date).and_then(|date| basic_utc(&date));
    let span = query.number(span).and_then(|s| u32::try_from(s).ok());
    let expires = starts.zip(span).and_then(|(from, span)| {
        from.checked_add(SignedDuration::from_secs(span.into()))
            .ok()
    });
    Some(signature_of(signer, starts, expires))
}

fn azure(query: &Query<'_>) -> Option<Signature> {
    query.value("sig")?;
    let expires = query.value("se")?;
    let starts = query.value("st").and_then(|st| extended_utc(&st));
    Some(signature_of(Signer::Azure, starts, extended_utc(&expires)))
}

fn tencent(query: &Query<'_>) -> Option<Signature> {
    query.value("q-signature")?;
    let times = query.value("q-sign-time")?;
    let (start, end) = times.split_once(';')?;
    Some(signature_of(Signer::Tencent, epoch(start), epoch(end)))
}

fn simple(query: &Query<'_>) -> Option<Signature> {
    query.value("signature")?;
    let has_key = [
        "awsaccesskeyid",
        "ossaccesskeyid",
        "accesskeyid",
        "googleaccessid",
        "key-pair-id",
    ]
    .iter()
    .any(|name| query.has(name));
    if !has_key {
        return None;
    }
    let expires = query
        .value("expires")
        .and_then(|seconds| epoch(&seconds))
        .or_else(|| policy_end(&query.value("policy")?));
    Some(signature_of(Signer::Simple, None, expires))
}

fn qiniu(query: &Query<'_>) -> Option<Signature> {
    query.value("token")?;
    let expires = query.value("e")?;
    Some(signature_of(Signer::Qiniu, None, epoch(&expires)))
}

fn alibaba_cdn(query: &Query<'_>) -> Option<Signature> {
    let key = query.value("auth_key")?;
    let (time, _) = key.split_once('-')?;
    Some(signature_of(Signer::AlibabaCdn, None, epoch(time)))
}

fn signature_of(
    signer: Signer,
    starts: Option<Timestamp>,
    expires: Option<Timestamp>,
) -> Signature {
    Signature {
        signer,
        expires,
        starts,
        temporary_key: false,
    }
}

/// `20260102T030405Z`
fn basic_utc(text: &str) -> Option<Timestamp> {
    let time = text.strip_suffix('Z')?.parse::<DateTime>().ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// `2026-01-02T03:04:05Z`, or a date alone (Azure takes both).
fn extended_utc(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let time = text.trim_end_matches('Z').parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    })
}

fn epoch(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.parse().ok()?).ok()
}

/// The end in CloudFront's custom policy: JSON in base64 with `-_~` for `+=/`. Only one number is
/// wanted, after a key that occurs once, so the JSON is searched, not parsed.
fn policy_end(policy: &str) -> Option<Timestamp> {
    let json = decode_policy(policy)?;
    let (_, rest) = json.split_once("\"DateLessThan\"")?;
    let (_, rest) = rest.split_once("\"AWS:EpochTime\"")?;
    let digits: String = rest
        .trim_start_matches([':', ' '])
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    epoch(&digits)
}

fn decode_policy(text: &str) -> Option<String> {
    let mut bits: u32 = 0;
    let mut count = 0;
    let mut bytes = Vec::new();
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' | b' ' => 62,
            b'/' | b'~' => 63,
            b'=' | b'_' => break,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0x00FF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    String::from_utf8(bytes).ok()
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
