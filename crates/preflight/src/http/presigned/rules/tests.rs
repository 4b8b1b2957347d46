//! Signatures of which a part is missing or damaged.

use url::Url;

use super::super::signature as read;
use super::*;

/// One query of each signer, all of which hold until the same second.
const SIGNED: [(&str, Signer); 18] = [
    (
        "X-Amz-Date=20260102T030000Z&X-Amz-Expires=60&X-Amz-Signature=s",
        Signer::S3,
    ),
    (
        "x-oss-date=20260102T030000Z&x-oss-expires=60&x-oss-signature=s",
        Signer::AlibabaOss,
    ),
    (
        "x-oss-signature-version=OSS2&x-oss-expires=1767322860&x-oss-signature=s",
        Signer::AlibabaOss,
    ),
    (
        "X-Goog-Date=20260102T030000Z&X-Goog-Expires=60&X-Goog-Signature=s",
        Signer::GoogleCloud,
    ),
    (
        "X-Tos-Date=20260102T030000Z&X-Tos-Expires=60&X-Tos-Signature=s",
        Signer::VolcengineTos,
    ),
    ("se=2026-01-02T03:01:00Z&sig=s", Signer::Azure),
    (
        "q-sign-time=1767322800;1767322860&q-signature=s",
        Signer::TencentCos,
    ),
    (
        "Expires=1767322860&KSSAccessKeyId=k&Signature=s",
        Signer::Ks3,
    ),
    (
        "Expires=1767322860&UCloudPublicKey=k&Signature=s",
        Signer::UCloud,
    ),
    (
        "Expires=1767322860&OSSAccessKeyId=k&Signature=s",
        Signer::QueryString,
    ),
    (
        // {"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1767322860}}}]}
        "Policy=eyJTdGF0ZW1lbnQiOlt7IkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTc2NzMyMjg2MH19fV19&Key-Pair-Id=k&Signature=s",
        Signer::QueryString,
    ),
    (
        "authorization=bce-auth-v1/k/2026-01-02T03:00:00Z/60/host/s",
        Signer::BaiduBos,
    ),
    ("e=1767322860&token=k:s", Signer::Qiniu),
    ("ex=695734ec&is=6955e36c&hm=abc", Signer::Discord),
    ("oh=abc&oe=695734EC", Signer::Facebook),
    ("edge=st=1767322800~exp=1767322860~hmac=abc", Signer::Akamai),
    ("__gda__=1767322860_abc", Signer::Akamai),
    ("__token__=exp=1767322860~hmac=abc", Signer::Akamai),
];

fn signature(query: &[(String, String)]) -> Option<Signature> {
    let mut url = Url::parse("https://example.com/a.jpg").unwrap();
    url.query_pairs_mut().extend_pairs(query);
    read(&url)
}

fn parameters(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    query.split('&').map(pair).collect()
}

/// Ends of the damaged signatures that are told at all.
fn ends(query: &str, signer: Signer, damage: impl Fn(&str) -> String) -> Vec<Timestamp> {
    let whole = parameters(query);
    let mut ends = Vec::new();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        let (_, value) = damaged.get_mut(at).unwrap();
        *value = damage(value);
        if let Some(found) = signature(&damaged) {
            assert_eq!(found.signer, signer, "{damaged:?}");
            ends.extend(found.expires);
        }
    }
    ends
}

#[test]
fn a_signature_without_one_of_its_parameters_tells_no_other_end() {
    let end = epoch("1767322860").unwrap();
    for (query, signer) in SIGNED {
        let whole = parameters(query);
        assert_eq!(signature(&whole).unwrap().expires, Some(end), "{query}");
        for at in 0..whole.len() {
            let mut less = whole.clone();
            let (name, _) = less.remove(at);
            let Some(found) = signature(&less) else {
                continue;
            };
            assert_eq!(found.signer, signer, "{query} without {name}");
            assert!(
                found.expires.is_none_or(|found| found == end),
                "{query} without {name}"
            );
        }
    }
}

#[test]
fn a_damaged_value_tells_no_other_end() {
    let end = epoch("1767322860").unwrap();
    for (query, signer) in SIGNED {
        for junk in [
            "",
            "x",
            "\u{e9}",
            "=;~_/",
            "-",
            "Z",
            "bce-auth-v1/",
            "{}",
            "e30",
        ] {
            for found in ends(query, signer, |_| junk.to_owned()) {
                assert_eq!(found, end, "{query}, {junk}");
            }
        }
    }
}

#[test]
fn a_cut_value_is_no_panic() {
    for (query, signer) in SIGNED {
        for cut in 0..40 {
            ends(query, signer, |value| value.chars().take(cut).collect());
        }
    }
}

/// CloudFront writes `-_~` for `+=/`; some libraries do not.
#[test]
fn a_policy_is_read_in_both_alphabets() {
    let end = epoch("1767322860");
    let json = r#"{"a":"???>>>","DateLessThan":{"AWS:EpochTime":1767322860}}"#;
    assert_eq!(decode_policy("e30_").as_deref(), Some("{}"));
    assert_eq!(decode_policy("Pz8~Pj4-").as_deref(), Some("???>>>"));
    assert_eq!(decode_policy("e30*"), None);
    assert_eq!(policy_end(&encoded(json, *b"+/=")), end);
    assert_eq!(policy_end(&encoded(json, *b"-~_")), end);
    for other in [
        "{}",
        r#"{"DateLessThan":{}}"#,
        r#""DateLessThan""AWS:EpochTime":x"#,
    ] {
        assert_eq!(policy_end(&encoded(other, *b"-~_")), None, "{other}");
    }
}

/// Base64 whose last two digits and padding are these.
fn encoded(text: &str, [plus, slash, pad]: [u8; 3]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut code = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            code.push(char::from(match digit {
                _ if place > three.len() => pad,
                b'+' => plus,
                b'/' => slash,
                digit => digit,
            }));
        }
    }
    code
}
