//! URLs: what they are, what is shown of them, and which addresses are refused.

use preflight::http::{AddressPolicy, Network, TargetUrl, shown_url};

const SIGNATURE: &str = "5ecre7";

/// A URL that parses reads back as itself, names a host, and is refused where its host is an address
/// that is not public. What a report shows of a signed URL holds no signature, whatever follows it.
pub fn urls(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = text.parse::<Network>();
    let shown = shown_url(&text);
    assert_eq!(
        shown_url(&shown),
        shown,
        "showing twice changes nothing more"
    );
    if !text.contains(SIGNATURE) {
        let signed = format!("https://cdn.example.com/a.jpg?X-Amz-Signature={SIGNATURE}{text}");
        assert!(!shown_url(&signed).contains(SIGNATURE), "{signed}");
    }

    let Ok(url) = TargetUrl::parse(&text) else {
        return;
    };
    assert!(!url.host().is_empty());
    let again = TargetUrl::parse(url.as_str()).expect("its own text parses");
    assert_eq!(again.as_str(), url.as_str());
    assert_eq!((again.host(), again.port()), (url.host(), url.port()));
    let _ = (url.signature(), url.without_signature());
    if let Ok(address) = url
        .host()
        .trim_matches(['[', ']'])
        .parse::<std::net::IpAddr>()
    {
        let is_private = match address {
            std::net::IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
            std::net::IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
        };
        assert!(
            !is_private || !AddressPolicy::public().permits(address),
            "{address}"
        );
    }
}
