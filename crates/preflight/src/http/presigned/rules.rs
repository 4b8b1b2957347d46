//! Each signer's fields: which they are, and where they say when the URL expires.

use core::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::query::Query;
use super::signature::{Signature, Signer};

/// A signer: how its signature is read, and which parameters belong to it.
pub(super) struct Rule {
    pub(super) read: fn(&Query<'_>) -> Option<Signature>,
    /// In lower case.
    pub(super) fields: &'static [&'static str],
}

/// Version 4 signatures first: their URLs may carry older fields as well.
pub(super) const RULES: [Rule; 14] = [
    Rule {
        read: |query| dated(query, Signer::S3, "x-amz"),
        fields: &[
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "x-amz-expires",
            "x-amz-security-token",
            "x-amz-signature",
            "x-amz-signedheaders",
        ],
    },
    Rule {
        read: oss,
        fields: &[
            "x-oss-access-key-id",
            "x-oss-additional-headers",
            "x-oss-credential",
            "x-oss-date",
            "x-oss-expires",
            "x-oss-security-token",
            "x-oss-signature",
            "x-oss-signature-version",
        ],
    },
    Rule {
        read: |query| dated(query, Signer::GoogleCloud, "x-goog"),
        fields: &[
            "x-goog-algorithm",
            "x-goog-credential",
            "x-goog-date",
            "x-goog-expires",
            "x-goog-signature",
            "x-goog-signedheaders",
        ],
    },
    Rule {
        read: |query| dated(query, Signer::VolcengineTos, "x-tos"),
        fields: &[
            "x-tos-algorithm",
            "x-tos-credential",
            "x-tos-date",
            "x-tos-expires",
            "x-tos-security-token",
            "x-tos-signature",
            "x-tos-signedheaders",
        ],
    },
    Rule {
        read: azure,
        fields: &[
            "saoid", "scid", "sdd", "se", "ses", "sig", "sip", "ske", "skoid", "sks", "skt",
            "sktid", "skv", "sp", "spr", "sr", "srt", "ss", "st", "suoid", "sv",
        ],
    },
    Rule {
        read: tencent_cos,
        fields: &[
            "q-ak",
            "q-header-list",
            "q-key-time",
            "q-sign-algorithm",
            "q-sign-time",
            "q-signature",
            "q-url-param-list",
            "x-cos-security-token",
        ],
    },
    Rule {
        read: query_string,
        fields: &[
            "accesskeyid",
            "awsaccesskeyid",
            "expires",
            "googleaccessid",
            "key-pair-id",
            "kssaccesskeyid",
            "ossaccesskeyid",
            "policy",
            "security-token",
            "signature",
            "ucloudpublickey",
            "x-amz-security-token",
            "x-obs-security-token",
        ],
    },
    Rule {
        read: baidu_bos,
        fields: &["authorization", "x-bce-security-token"],
    },
    Rule {
        read: qiniu,
        fields: &["e", "token"],
    },
    Rule {
        read: discord,
        fields: &["ex", "hm", "is"],
    },
    Rule {
        read: facebook,
        fields: &["oe", "oh"],
    },
    Rule {
        read: akamai,
        fields: &["__gda__", "__token__", "hdnea", "hdntl", "hdnts", "token"],
    },
    Rule {
        read: |query| {
            query.value("wssecret")?;
            query.value("wstime")?;
            Some(Signature::by(Signer::WangsuCdn))
        },
        fields: &["wssecret", "wstime"],
    },
    Rule {
        read: cdn_key,
        fields: &["auth_key", "sign", "t"],
    },
];

/// A basic ISO 8601 date, and seconds from it.
fn dated(query: &Query<'_>, signer: Signer, prefix: &str) -> Option<Signature> {
    let field = |name: &str| query.value(&format!("{prefix}-{name}"));
    field("signature")?;
    let starts = field("date").and_then(|date| basic_utc(&date));
    let span = field("expires").and_then(|span| seconds(&span));
    Some(Signature::by(signer).from(starts).lasting(span))
}

/// Version 4 of OSS counts from its date; version 2 and one page of the manual give an epoch.
fn oss(query: &Query<'_>) -> Option<Signature> {
    let signature = dated(query, Signer::AlibabaOss, "x-oss")?;
    let is_old = query
        .value("x-oss-signature-version")
        .is_some_and(|version| version.eq_ignore_ascii_case("OSS2"));
    match query.value("x-oss-expires").and_then(|text| epoch(&text)) {
        Some(at) if is_old || at.as_second() > 1_000_000_000 => Some(Signature {
            span: None,
            expires: Some(at),
            ..signature
        }),
        _ => Some(signature),
    }
}

fn azure(query: &Query<'_>) -> Option<Signature> {
    query.value("sig")?;
    let expires = query.value("se")?;
    let starts = query.value("st").and_then(|st| extended_utc(&st));
    Some(
        Signature::by(Signer::Azure)
            .from(starts)
            .until(extended_utc(&expires)),
    )
}

fn tencent_cos(query: &Query<'_>) -> Option<Signature> {
    query.value("q-signature")?;
    let times = query.value("q-sign-time")?;
    let (start, end) = times.split_once(';')?;
    Some(
        Signature::by(Signer::TencentCos)
            .from(epoch(start))
            .until(epoch(end)),
    )
}

fn query_string(query: &Query<'_>) -> Option<Signature> {
    query.value("signature")?;
    let (_, signer) = [
        ("kssaccesskeyid", Signer::Ks3),
        ("ucloudpublickey", Signer::UCloud),
        ("awsaccesskeyid", Signer::QueryString),
        ("ossaccesskeyid", Signer::QueryString),
        ("accesskeyid", Signer::QueryString),
        ("googleaccessid", Signer::QueryString),
        ("key-pair-id", Signer::QueryString),
    ]
    .into_iter()
    .find(|(name, _)| query.has(name))?;
    let expires = query
        .value("expires")
        .and_then(|seconds| epoch(&seconds))
        .or_else(|| policy_end(&query.value("policy")?));
    Some(Signature::by(signer).until(expires))
}

/// `bce-auth-v1/{key}/{time}/{seconds}/{headers}/{signature}`, where -1 s is for ever.
fn baidu_bos(query: &Query<'_>) -> Option<Signature> {
    let value = query.value("authorization")?;
    let mut parts = value.strip_prefix("bce-auth-v1/")?.split('/').skip(1);
    let starts = extended_utc(parts.next()?);
    let span = seconds(parts.next()?);
    Some(Signature::by(Signer::BaiduBos).from(starts).lasting(span))
}

fn qiniu(query: &Query<'_>) -> Option<Signature> {
    query.value("token")?;
    let expires = query.value("e")?;
    Some(Signature::by(Signer::Qiniu).until(epoch(&expires)))
}

/// `ex` and `is` are the end and the start, in hexadecimal seconds.
fn discord(query: &Query<'_>) -> Option<Signature> {
    query.value("hm")?;
    let starts = hex_epoch(&query.value("is")?)?;
    let expires = hex_epoch(&query.value("ex")?)?;
    Some(
        Signature::by(Signer::Discord)
            .from(Some(starts))
            .until(Some(expires)),
    )
}

fn facebook(query: &Query<'_>) -> Option<Signature> {
    query.value("oh")?;
    let expires = hex_epoch(&query.value("oe")?)?;
    Some(Signature::by(Signer::Facebook).until(Some(expires)))
}

/// Fields with `~` between them, `exp` and `hmac` among them, in a parameter of any name; of `__gda__`
/// the end and a hash.
fn akamai(query: &Query<'_>) -> Option<Signature> {
    if let Some(end) = query.value("__gda__") {
        let (end, _) = end.split_once('_')?;
        return Some(Signature::by(Signer::Akamai).until(epoch(end)));
    }
    query.values().find_map(|token| {
        let field = |name: &str| token.split('~').find_map(|field| field.strip_prefix(name));
        let (expires, starts) = (field("exp=")?, field("st=").and_then(epoch));
        field("hmac=")?;
        Some(
            Signature::by(Signer::Akamai)
                .from(starts)
                .until(epoch(expires)),
        )
    })
}

/// `auth_key` of Alibaba and `sign` of Tencent: a time, random characters, a user and a hash. Or, of
/// Tencent's type D, `sign` with a hash alone and `t` with the time. To that time the CDN adds a span
/// that the URL does not tell.
fn cdn_key(query: &Query<'_>) -> Option<Signature> {
    if query
        .value("auth_key")
        .is_some_and(|key| starts_with_time(&key))
    {
        return Some(Signature::by(Signer::AlibabaCdn));
    }
    let sign = query.value("sign")?;
    let is_md5 = |text: &str| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_type_a = starts_with_time(&sign) && sign.rsplit('-').next().is_some_and(is_md5);
    let is_type_d = is_md5(&sign) && query.has("t");
    (is_type_a || is_type_d).then(|| Signature::by(Signer::TencentCdn))
}

fn starts_with_time(key: &str) -> bool {
    key.split_once('-')
        .is_some_and(|(time, _)| epoch(time).is_some())
}

/// A number of seconds; a number beyond all numbers is the largest. None for a negative one.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

/// Eight hexadecimal digits, as times have from 1978 on.
fn hex_epoch(text: &str) -> Option<Timestamp> {
    let seconds = i64::from_str_radix(text, 16)
        .ok()
        .filter(|_| text.len() == 8)?;
    Timestamp::from_second(seconds).ok()
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
mod tests;
