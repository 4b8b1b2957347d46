//! A URL as people may see it.

use std::borrow::Cow;

/// Names of parameters whose values are known to say nothing but which form of an image is wanted.
/// A list of secret names could never be long enough.
const HARMLESS: [&str; 34] = [
    "aspect",
    "auto",
    "background",
    "bg",
    "blur",
    "crop",
    "dpr",
    "ext",
    "fit",
    "fm",
    "format",
    "gravity",
    "h",
    "height",
    "imageslim",
    "lang",
    "mode",
    "orient",
    "page",
    "q",
    "quality",
    "resize",
    "rotate",
    "scale",
    "size",
    "strip",
    "thumbnail",
    "type",
    "v",
    "ver",
    "version",
    "w",
    "webp",
    "width",
];

/// Names of parameters that hold a list of operations on an image: longer, but as harmless.
const OPERATIONS: [&str; 6] = [
    "imagemogr2",
    "imageview2",
    "x-bce-process",
    "x-image-process",
    "x-oss-process",
    "x-tos-process",
];

/// Longer values are not sizes or formats.
const MAX_VALUE: usize = 40;

/// Longer values are not operations that people write.
const MAX_OPERATIONS: usize = 256;

/// Whether a query, without its `?`, may be shown to anyone: every parameter of it has a name that is
/// known to be harmless (`w`, `format`, `v`, `x-oss-process` and their like) and a short, plain value.
///
/// Everything else may be a secret: a signature, a token, a key, whatever it is called.
///
/// ```
/// use preflight::http::is_harmless_query;
///
/// assert!(is_harmless_query("x-oss-process=image/resize,w_400&v=3"));
/// assert!(!is_harmless_query("w=400&wsSecret=9f86d0"));
/// ```
#[must_use]
pub fn is_harmless_query(query: &str) -> bool {
    query.split('&').all(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = name.to_ascii_lowercase();
        // Qiniu and Tencent write `?imageView2/2/w/400`.
        let (head, path) = name.split_once('/').unwrap_or((name.as_str(), ""));
        if OPERATIONS.contains(&head) {
            return part.len() <= MAX_OPERATIONS && is_plain(value) && is_plain(path);
        }
        let is_number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        part.len() <= MAX_VALUE + head.len() + 1
            && (part.is_empty() || is_number || HARMLESS.contains(&name.as_str()))
            && is_plain(value)
    })
}

fn is_plain(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._~,/:*+%!|".contains(&b))
}

/// The text of a URL as people may see it: `?…` for a query that is not
/// [harmless](is_harmless_query), `…@` for a user name and password, `#…` for a fragment. The text
/// need not be a sound URL.
///
/// The key of an object (`s3://bucket/key`, `oss://bucket/key`) has neither a query nor a fragment:
/// `?` and `#` are characters of it. Where it may be a signature all the same, it is left out.
///
/// Control characters are left as they are.
///
/// ```
/// use preflight::http::shown_url;
///
/// assert_eq!(shown_url("s3://bucket/what?#1.png"), "s3://bucket/what?#1.png");
/// assert_eq!(shown_url("https://a.example/b.png?w=400"), "https://a.example/b.png?w=400");
/// assert_eq!(shown_url("https://a.example/b.png?w=400&sig=9f86d0"), "https://a.example/b.png?…");
/// assert_eq!(shown_url("https://ann:pw@a.example/#access_token=x"), "https://…@a.example/#…");
/// ```
#[must_use]
pub fn shown_url(text: &str) -> Cow<'_, str> {
    if is_plain_key(text) {
        return Cow::Borrowed(text);
    }
    let (rest, fragment) = text
        .split_once('#')
        .map_or((text, ""), |(rest, fragment)| (rest, fragment));
    let (base, query) = rest
        .split_once('?')
        .map_or((rest, None), |(base, query)| (base, Some(query)));
    let authority_at = base.find("//").map_or(0, |at| at + 2);
    let (scheme, hierarchy) = base.split_at_checked(authority_at).unwrap_or((base, ""));
    let authority_len = hierarchy.find(['/', '\\']).unwrap_or(hierarchy.len());
    let host_at = hierarchy
        .get(..authority_len)
        .and_then(|authority| authority.rfind('@'));
    let is_open = query.is_none_or(is_harmless_query);
    if is_open && host_at.is_none() && fragment.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::from(scheme);
    match host_at {
        Some(at) => {
            shown.push('…');
            shown.push_str(hierarchy.get(at..).unwrap_or_default());
        }
        None => shown.push_str(hierarchy),
    }
    match query {
        Some(query) if is_open => {
            shown.push('?');
            shown.push_str(query);
        }
        Some(_) => shown.push_str("?…"),
        None => {}
    }
    if !fragment.is_empty() {
        shown.push_str("#…");
    }
    Cow::Owned(shown)
}

/// Whether a text is the address of an object in a store, and holds nothing that looks secret.
fn is_plain_key(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let is_store = ["s3", "oss"]
        .iter()
        .any(|store| scheme.eq_ignore_ascii_case(store));
    let bucket = rest.split('/').next().unwrap_or_default();
    let says_secret = |part: &str| {
        let name = part.split('=').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        ["credential", "key", "secret", "signature", "token"]
            .iter()
            .any(|word| name.contains(word))
    };
    let mut parts = rest.split(['?', '#', '&']).skip(1);
    let is_secret = parts.any(|part| part.contains('=') && says_secret(part));
    is_store && !bucket.contains(['@', '?', '#']) && !is_secret
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn only_what_is_known_to_be_harmless_is_shown() {
        for query in [
            "w=400&h=300",
            "W=400",
            "format=webp",
            "v=1.2.3",
            "1699999999",
            "",
            "webp",
            "x-oss-process=image/resize,w_400/quality,q_80",
            "imageView2/2/w/400",
            "imageMogr2/thumbnail/400x",
            "v=0123456789012345678901234567890123456789",
        ] {
            assert!(is_harmless_query(query), "{query}");
        }
        for query in [
            "Expires=1&amp;OSSAccessKeyId=k&amp;Signature=SECRET",
            "wsSecret=SECRET&wsTime=1",
            "sig=SECRET",
            "w=400&key=SECRET",
            "s=SECRET",
            "k=SECRET",
            "w=1;token=SECRET",
            "v=SECRET{}",
            "SECRET",
            "w=400%26&code=SECRET",
            "id=SECRET",
            "w=%3Cb%3E&",
            "auth_key=1-0-0-SECRET",
            "t=SECRET",
            "v=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SECRET",
            "amp;sig=SECRET",
            "token",
        ] {
            let shown = shown_url(&format!("https://a.example/b?{query}")).into_owned();
            assert!(!shown.contains("SECRET"), "{shown}");
        }
    }

    #[test]
    fn a_text_that_is_no_url_keeps_its_secrets_as_well() {
        for (text, shown) in [
            (
                "http://u:SECRET@a.example/b?w=1",
                "http://…@a.example/b?w=1",
            ),
            ("http://u:S@CRET@a.example\\b", "http://…@a.example\\b"),
            ("a.example/b?token=SECRET", "a.example/b?…"),
            ("//u:SECRET@a.example", "//…@a.example"),
            ("http://a.example/b@c", "http://a.example/b@c"),
            ("http://a.example/#", "http://a.example/#"),
            (
                "http://a.example/?x=SECRET#y=SECRET",
                "http://a.example/?…#…",
            ),
            ("", ""),
            ("?", "?"),
            ("S3://bucket/what?#1&2=3.png", "S3://bucket/what?#1&2=3.png"),
            ("s3://bucket/a?X-Amz-Signature=SECRET", "s3://bucket/a?…"),
            ("oss://bucket/a#security-token=SECRET", "oss://bucket/a#…"),
            ("s3://id:SECRET@bucket/a", "s3://…@bucket/a"),
        ] {
            assert_eq!(shown_url(text), shown);
        }
    }

    proptest! {
        #[test]
        fn showing_never_panics_and_what_was_shown_stays(text in ".{0,40}") {
            let shown = shown_url(&text).into_owned();
            prop_assert_eq!(shown_url(&shown), shown.as_str());
        }
    }
}
