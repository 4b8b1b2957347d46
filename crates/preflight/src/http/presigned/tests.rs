//! Which signatures are known, and what they say.

use super::*;

use jiff::Timestamp;

fn signed(query: &str) -> Option<Signature> {
    signature(&Url::parse(&format!("https://example.com/a.jpg?{query}")).unwrap())
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
            Signer::QueryString,
            at("2026-01-02T03:00:00Z"),
        ),
        (
            "Expires=1767322800&AWSAccessKeyId=k&Signature=s",
            Signer::QueryString,
            at("2026-01-02T03:00:00Z"),
        ),
        (
            &format!("Policy={policy}&Key-Pair-Id=k&Signature=s"),
            Signer::QueryString,
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
            Signer::TencentCos,
            at("2026-01-02T03:00:00Z"),
        ),
        (
            "e=1767322800&token=k:s",
            Signer::Qiniu,
            at("2026-01-02T03:00:00Z"),
        ),
        ("auth_key=1767322800-0-0-abc", Signer::AlibabaCdn, None),
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
            Signer::QueryString,
            None,
        ),
    ] {
        let found = signed(query).unwrap_or_else(|| panic!("{query}: no signature"));
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
        assert_eq!(signed(query), None, "{query}");
    }
}

#[test]
fn the_validity_allows_for_clocks_that_differ() {
    let signature =
        signed("X-Amz-Date=20260102T030000Z&X-Amz-Expires=3600&X-Amz-Signature=s").unwrap();
    let end = signature.expires.unwrap();
    for (now, standing) in [
        ("2026-01-02T04:01:01Z", Validity::Expired(end)),
        ("2026-01-02T04:01:00Z", Validity::ExpiresSoon(end)),
        ("2026-01-02T03:45:01Z", Validity::ExpiresSoon(end)),
        ("2026-01-02T03:45:00Z", Validity::Valid),
        ("2026-01-02T02:45:00Z", Validity::Valid),
        (
            "2026-01-02T02:44:59Z",
            Validity::NotYet(signature.starts.unwrap()),
        ),
    ] {
        assert_eq!(signature.validity(now.parse().unwrap()), standing, "{now}");
    }
}

#[test]
fn the_cdn_adds_a_span_that_the_url_does_not_tell() {
    let signature = signed("auth_key=1-0-0-abc").unwrap();
    assert_eq!(signature.validity(Timestamp::now()), Validity::Valid);
}

#[test]
fn the_other_signers_say_when_as_well() {
    let end = at("2026-01-02T03:01:00Z");
    for (query, signer, expires) in [
        (
            "X-Tos-Date=20260102T030000Z&X-Tos-Expires=60&X-Tos-Signature=s",
            Signer::VolcengineTos,
            end,
        ),
        (
            "authorization=bce-auth-v1%2Fkey%2F2026-01-02T03%3A00%3A00Z%2F60%2Fhost%2Fs",
            Signer::BaiduBos,
            end,
        ),
        (
            "authorization=bce-auth-v1/key/2026-01-02T03:00:00Z/-1//s",
            Signer::BaiduBos,
            None,
        ),
        (
            "Expires=1767322860&KSSAccessKeyId=k&Signature=s",
            Signer::Ks3,
            end,
        ),
        (
            "UCloudPublicKey=k&Expires=1767322860&Signature=s",
            Signer::UCloud,
            end,
        ),
        ("ex=695734ec&is=6955e36c&hm=abc", Signer::Discord, end),
        ("_nc_cat=1&oh=abc&oe=695734EC", Signer::Facebook, end),
        (
            "edge=st=1767322800~exp=1767322860~acl=/*~hmac=abc",
            Signer::Akamai,
            end,
        ),
        ("__gda__=1767322860_abc", Signer::Akamai, end),
        ("wsSecret=abc&wsTime=695734ec", Signer::WangsuCdn, None),
        (
            "sign=1767322800-r-0-0123456789abcdef0123456789abcdef",
            Signer::TencentCdn,
            None,
        ),
        (
            "sign=0123456789abcdef0123456789abcdef&t=1767322800",
            Signer::TencentCdn,
            None,
        ),
        (
            "Expires=1767322860&amp;OSSAccessKeyId=k&amp;Signature=s",
            Signer::QueryString,
            end,
        ),
    ] {
        let found = signed(query).unwrap_or_else(|| panic!("{query}: no signature"));
        assert_eq!((found.signer, found.expires), (signer, expires), "{query}");
    }
    for query in [
        "ex=1&is=2&hm=3",
        "oe=abc&oh=d",
        "sign=yes&t=1",
        "authorization=Bearer%20x",
        "wsTime=1",
    ] {
        assert_eq!(signed(query), None, "{query}");
    }
}

#[test]
fn a_span_that_the_signer_does_not_allow_never_holds() {
    let now: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
    let validity = |query: &str| signed(query).unwrap().validity(now);
    for prefix in ["X-Amz", "X-Goog", "X-Tos", "x-oss"] {
        let url = |span: &str| {
            format!("{prefix}-Date=20260102T030000Z&{prefix}-Expires={span}&{prefix}-Signature=s")
        };
        assert_eq!(validity(&url("604800")), Validity::Valid);
        for span in ["604801", "6048000", "99999999999999999999999"] {
            // From a billion on, OSS means an epoch.
            let is_epoch = prefix == "x-oss" && span.len() > 9;
            let too_long = matches!(validity(&url(span)), Validity::TooLong { .. });
            assert!(too_long || is_epoch, "{prefix} {span}");
        }
    }
    // BOS names no limit.
    let bos = "authorization=bce-auth-v1/k/2026-01-02T03:00:00Z/6048000/host/s";
    assert_eq!(validity(bos), Validity::Valid);
}

#[test]
fn what_is_left_without_the_signature_is_the_same_however_often_it_is_signed() {
    for (query, left) in [
        (
            "X-Amz-Date=20260102T030000Z&X-Amz-Expires=60&versionId=7&X-Amz-Signature=s&X-Amz-Credential=c",
            "?versionId=7",
        ),
        (
            "x-oss-process=image/resize,w_9&Expires=1&OSSAccessKeyId=k&Signature=s&security-token=t",
            "?x-oss-process=image/resize,w_9",
        ),
        ("Expires=1&amp;OSSAccessKeyId=k&amp;Signature=s", ""),
        (
            "se=2026-01-02&sp=r&sv=2020-01-01&sr=b&sig=s&snapshot=1",
            "?snapshot=1",
        ),
        ("ex=695734ec&is=6955e36c&hm=abc&format=webp", "?format=webp"),
        // Not known to be a signature: it may be what tells one image from the next.
        ("token=a&id=7", "?token=a&id=7"),
        ("se=1&w=2", "?se=1&w=2"),
        ("", "?"),
    ] {
        let url = Url::parse(&format!("https://example.com/a.jpg?{query}")).unwrap();
        assert_eq!(
            without_signature(&url),
            format!("https://example.com/a.jpg{left}"),
            "{query}"
        );
    }
}

#[test]
fn a_signed_range_is_seen() {
    let url = |q: &str| Url::parse(&format!("https://example.com/?{q}")).unwrap();
    assert!(signs_range(&url("X-Amz-SignedHeaders=host%3Brange")));
    assert!(!signs_range(&url("X-Amz-SignedHeaders=host")));
}

#[test]
fn a_billion_seconds_are_the_last_that_oss_takes_for_a_span() {
    let oss = |expires: u32| {
        let query =
            format!("x-oss-date=20260102T030000Z&x-oss-expires={expires}&x-oss-signature=s");
        signed(&query).unwrap()
    };
    let span = oss(1_000_000_000).span.map(|span| span.as_secs());
    assert_eq!(span, Some(1_000_000_000));
    let epoch = oss(1_000_000_001);
    assert_eq!(
        (epoch.span, epoch.expires),
        (None, at("2001-09-09T01:46:41Z"))
    );
}

#[test]
fn what_only_looks_like_a_cdns_signature_is_none() {
    let md5 = "0123456789abcdef0123456789abcdef";
    let signer = |query: &str| signed(query).map(|signature| signature.signer);
    for query in ["auth_key=soon-0-0-abc", "auth_key=1"] {
        assert_eq!(signer(query), None, "{query}");
    }
    let cases = [
        (format!("sign=1767322860-r-0-{md5}"), true),
        (format!("sign=soon-r-0-{md5}"), false),
        ("sign=1767322860-r-0-abc".to_owned(), false),
        (format!("sign=1767322860-r-0-{}z", &md5[1..]), false),
        (format!("sign=1767322860-r-0-{md5}0"), false),
        (format!("sign={md5}&t=1"), true),
        (format!("sign={md5}"), false),
        ("sign=abc&t=1".to_owned(), false),
    ];
    for (query, is_signed) in cases {
        let expected = is_signed.then_some(Signer::TencentCdn);
        assert_eq!(signer(&query), expected, "{query}");
    }
}

#[test]
fn a_span_is_a_number_of_seconds() {
    let bos = |span: &str| {
        let query = format!("authorization=bce-auth-v1/key/2026-01-02T03:00:00Z/{span}/host/s");
        let signature = signed(&query).unwrap();
        (signature.span.map(|span| span.as_secs()), signature.expires)
    };
    assert_eq!(bos("60"), (Some(60), at("2026-01-02T03:01:00Z")));
    assert_eq!(bos("-1"), (None, None));
    assert_eq!(bos(""), (None, None));
}

/// The three characters that CloudFront writes in place of `+`, `=` and `/`.
#[test]
fn a_policy_comes_in_both_spellings_of_base64() {
    // {"DateLessThan":{"AWS:EpochTime":1767322800},"a":"?>?>?>"} and a space behind it.
    let json = "{\"DateLessThan\":{\"AWS:EpochTime\":1767322800},\"a\":\"???>>>\"}";
    let plain = base64(json.as_bytes());
    assert!(plain.contains('/') && plain.contains('+') && plain.contains('='));
    let theirs = plain.replace('+', "-").replace('=', "_").replace('/', "~");
    for policy in [&plain, &theirs] {
        let query = format!("Policy={policy}&Key-Pair-Id=k&Signature=s");
        let expires = signed(&query).unwrap().expires;
        assert_eq!(expires, at("2026-01-02T03:00:00Z"), "{policy}");
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|i| u32::from(*part.get(i).unwrap_or(&0)));
        let bits = a << 16 | b << 8 | c;
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place) & 0x3F) as usize;
            let letter = LETTERS[six] as char;
            text.push(if place <= part.len() { letter } else { '=' });
        }
    }
    text
}
