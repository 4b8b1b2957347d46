//! Each signer's fields: where they say when the URL expires.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{Signature, Signer};

/// The query's parameters by name, whatever the case.
pub(super) struct Query<'u>(pub(super) &'u Url);

impl Query<'_> {
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .0
            .query_pairs()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value.into_owned())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.parse().ok()
    }
}

pub(super) type Rule = fn(&Query<'_>) -> Option<Signature>;

/// Version 4 signatures first: their URLs may carry older fields as well.
pub(super) const RULES: [Rule; 8] = [s3, oss, google, azure, tencent, simple, qiniu, alibaba_cdn];

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
