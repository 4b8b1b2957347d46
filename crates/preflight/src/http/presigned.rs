//! Signed URLs: who signed them, until when, and what they are without it, as far as the query says.
//!
//! Only a URL with a signature counts: a plain `?Expires=` means nothing.

mod query;
mod rules;
mod signature;

use url::Url;

use query::Query;
use rules::{RULES, Rule};

pub(super) use signature::Validity;
pub use signature::{Signature, Signer};

/// The signature that a URL's query carries, if any.
pub(super) fn signature(url: &Url) -> Option<Signature> {
    let (mut signature, _) = recognise(url)?;
    let query = Query(url);
    signature.temporary_key = TEMPORARY_KEYS.iter().any(|name| query.has(name));
    Some(signature)
}

/// The parameters that a temporary key comes with.
const TEMPORARY_KEYS: [&str; 7] = [
    "security-token",
    "x-amz-security-token",
    "x-bce-security-token",
    "x-cos-security-token",
    "x-obs-security-token",
    "x-oss-security-token",
    "x-tos-security-token",
];

fn recognise(url: &Url) -> Option<(Signature, &'static Rule)> {
    let query = Query(url);
    RULES
        .iter()
        .find_map(|rule| Some(((rule.read)(&query)?, rule)))
}

/// The URL without the parameters that are known to be its signature. The rest stays as it is
/// written, in its order.
pub(super) fn without_signature(url: &Url) -> String {
    let Some((_, rule)) = recognise(url) else {
        return url.as_str().to_owned();
    };
    let is_left = |name: &str| !rule.fields.contains(&name);
    let query = Query(url);
    let left: Vec<_> = query
        .parts()
        .filter(|(name, _)| is_left(name))
        .map(|(_, part)| part)
        .collect();
    let mut url = url.clone();
    url.set_query((!left.is_empty()).then(|| left.join("&")).as_deref());
    url.into()
}

/// Whether the signer signed the `Range` header field, so that none may be sent but theirs.
pub(super) fn signs_range(url: &Url) -> bool {
    let query = Query(url);
    [
        "x-amz-signedheaders",
        "x-goog-signedheaders",
        "x-oss-additional-headers",
        "x-tos-signedheaders",
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
mod tests;
