//! A stranger's URL, parsed so that every reader of it reads the same.

mod rules;
mod shown;

use core::fmt;
use core::str::FromStr;

use url::{Host, Url};

use super::presigned::{self, Signature};
use rules::{
    Written, check_characters, check_host_spelling, check_length, check_scheme, is_scheme,
    path_and_query,
};

pub use rules::UrlError;
pub use shown::{is_harmless_query, shown_url};

/// The length in bytes from which some readers give up.
const LONG: usize = 2_048;

/// An http or https URL that can be fetched as far as its text tells.
///
/// It holds the normalised form, without a fragment: ASCII only, the host in Punycode, the path and
/// the query percent-encoded (what was already encoded stays as it is), the default port dropped.
/// What readers of URLs disagree about is refused, not repaired. That form is what is fetched and
/// what should be sent to the service, so that both read the string that was judged.
///
/// `Display` and `Debug` show a query only where all of it is [harmless](is_harmless_query);
/// [`as_str`](Self::as_str) is exact.
///
/// ```
/// use preflight::http::TargetUrl;
///
/// let url: TargetUrl = "https://BÜCHER.example:443/à la carte.jpg?sig=s3cret&se=2030-01-01#top".parse()?;
/// assert_eq!(
///     url.as_str(),
///     "https://xn--bcher-kva.example/%C3%A0%20la%20carte.jpg?sig=s3cret&se=2030-01-01",
/// );
/// assert_eq!(url.to_string(), "https://xn--bcher-kva.example/%C3%A0%20la%20carte.jpg?…");
///
/// let error = "https://user:pass@example.com/".parse::<TargetUrl>().unwrap_err();
/// assert_eq!(error.to_string(), "expected no user name or password in the URL, but found one");
/// # Ok::<(), preflight::http::UrlError>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct TargetUrl {
    url: Url,
    written: Written,
}

impl TargetUrl {
    /// Parses a URL.
    ///
    /// # Errors
    ///
    /// [`UrlError`] names the first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        check_characters(text)?;
        let authority = check_scheme(text)?;
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        let mut url = Url::parse(text).map_err(UrlError::Malformed)?;
        url.set_fragment(None);
        check_length(url.as_str())?;
        check_host_spelling(&url, authority)?;
        let written = Written::of(text, authority, &url);
        Ok(Self { url, written })
    }

    /// The URL in its normalised form, exact, with everything that is secret in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The host in its normalised form; an IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port, the scheme's own where the URL has none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// Whether the scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The signature in the query, if there is one that we know.
    #[must_use]
    pub fn signature(&self) -> Option<Signature> {
        presigned::signature(&self.url)
    }

    /// The URL without what is known to be its signature, exact else: the same for an object however
    /// often it is signed. For telling objects apart, not for asking; it may still hold secrets that
    /// are not known to be one.
    ///
    /// ```
    /// use preflight::http::TargetUrl;
    ///
    /// let url = TargetUrl::parse("https://example.com/a.jpg?v=2&Expires=9&OSSAccessKeyId=k&Signature=s")?;
    /// assert_eq!(url.without_signature(), "https://example.com/a.jpg?v=2");
    /// # Ok::<(), preflight::http::UrlError>(())
    /// ```
    #[must_use]
    pub fn without_signature(&self) -> String {
        presigned::without_signature(&self.url)
    }

    /// How the text was written.
    pub(super) const fn written(&self) -> Written {
        self.written
    }

    /// Whether it is so long that some readers refuse it.
    pub(super) fn is_long(&self) -> bool {
        self.as_str().len() > LONG
    }

    /// The host, told apart into addresses and names.
    pub(super) fn parsed_host(&self) -> Option<Host<&str>> {
        self.url.host()
    }

    /// The `Host` field: with the port unless it is the scheme's own.
    pub(super) fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// The request target in origin form (RFC 9112, section 3.2.1).
    pub(super) fn request_target(&self) -> &str {
        path_and_query(self.as_str())
    }

    /// The path, without the query.
    pub(super) fn path(&self) -> &str {
        self.url.path()
    }

    /// Whether the signer signed the `Range` field.
    pub(super) fn signs_range(&self) -> bool {
        presigned::signs_range(&self.url)
    }

    /// Where a `Location` leads from here. An absolute one must keep the rules of
    /// [`parse`](Self::parse) by itself: `url`'s joining is as lenient as browsers are.
    pub(super) fn join(&self, location: &str) -> Result<Self, UrlError> {
        check_characters(location)?;
        let has_scheme = location
            .split_once(':')
            .is_some_and(|(scheme, _)| is_scheme(scheme));
        if has_scheme {
            return Self::parse(location);
        }
        if location.starts_with("//") {
            return Self::parse(&format!("{}:{location}", self.url.scheme()));
        }
        let joined = self.url.join(location).map_err(UrlError::Malformed)?;
        Self::parse(joined.as_str())
    }
}

impl FromStr for TargetUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

/// For people: a query that may hold a secret is shown as `?…`.
impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_url(self.as_str()))
    }
}

impl fmt::Debug for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TargetUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    use rules::MAX_LEN;

    fn parse(text: &str) -> Result<String, UrlError> {
        TargetUrl::parse(text).map(|url| url.as_str().to_owned())
    }

    #[test]
    fn what_readers_disagree_about_is_refused() {
        for (text, error) in [
            ("http:\\\\127.0.0.1/", UrlError::Backslash),
            ("http://a.example/\\b", UrlError::Backslash),
            (
                "ht\ttp://a.example/",
                UrlError::ControlCharacter { found: 9 },
            ),
            (
                "http://a.example/\r\nHost: b",
                UrlError::ControlCharacter { found: 13 },
            ),
            (
                "http://a.example/\0",
                UrlError::ControlCharacter { found: 0 },
            ),
            (" http://a.example/", UrlError::EdgeSpace),
            ("http://a.example/ ", UrlError::EdgeSpace),
            ("http:///a.example/", UrlError::Slashes),
            ("http:/a.example/", UrlError::Slashes),
            ("http:a.example", UrlError::Slashes),
            ("a.example/x", UrlError::Slashes),
            ("http://u@a.example/", UrlError::UserInfo),
            ("http://@a.example/", UrlError::UserInfo),
            ("http://u:p@a.example/", UrlError::UserInfo),
            ("oss://bucket/key", UrlError::Opaque),
            (
                "file:///etc/passwd",
                UrlError::Scheme {
                    found: "file".into(),
                },
            ),
            (
                "data:image/png;base64,AA",
                UrlError::Scheme {
                    found: "data".into(),
                },
            ),
        ] {
            assert_eq!(parse(text), Err(error), "{text:?}");
        }
        for text in [
            "http://1.2.3.4.5/",
            "http://256.1.1.1/",
            "http://[::1/",
            "http://a:99999/",
            "http://[fe80::1%25eth0]/",
            "http://",
            "http://?x",
        ] {
            assert!(
                matches!(parse(text), Err(UrlError::Malformed(_))),
                "{text:?}"
            );
        }
        let most = format!("http://a.example/{}", "x".repeat(MAX_LEN - 17));
        assert_eq!(parse(&most).unwrap().as_str().len(), MAX_LEN);
        assert!(matches!(
            parse(&format!("{most}x")),
            Err(UrlError::TooLong { found }) if found == MAX_LEN + 1
        ));
        let long = format!("http://a.example/{}", "x".repeat(MAX_LEN));
        assert!(matches!(parse(&long), Err(UrlError::TooLong { .. })));
        // Short as written, too long as sent.
        let grows = format!("http://a.example/{}", "é".repeat(MAX_LEN / 4));
        assert!(matches!(parse(&grows), Err(UrlError::TooLong { .. })));
    }

    #[test]
    fn an_address_has_one_spelling() {
        for host in [
            "2130706433",
            "0x7f000001",
            "0X7F000001",
            "0177.0.0.1",
            "127.1",
            "0",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "１２７.０.０.１",
            "127。0。0。1",
            "①②⑦.0.0.1",
            "0x7f.1",
        ] {
            let error = parse(&format!("http://{host}/")).unwrap_err();
            assert!(
                matches!(error, UrlError::HostSpelling { .. }),
                "{host}: {error:?}"
            );
        }
        assert!(parse("http://127.0.0.1:80/").is_ok());
    }

    #[test]
    fn the_normalised_form_is_what_is_sent() {
        for (text, sent, changed) in [
            ("HTTP://A.Example", "http://a.example/", false),
            ("https://a.example:443/x", "https://a.example/x", false),
            ("https://a.example/x y", "https://a.example/x%20y", true),
            ("https://a.example/a/../b", "https://a.example/b", true),
            (
                "https://a.example/%7Eb?c=%2f",
                "https://a.example/%7Eb?c=%2f",
                false,
            ),
            (
                "https://a.example/b?c=ü",
                "https://a.example/b?c=%C3%BC",
                true,
            ),
            ("https://a.example/b#c", "https://a.example/b", false),
        ] {
            let url = TargetUrl::parse(text).unwrap();
            assert_eq!(
                (url.as_str(), url.written().is_changed),
                (sent, changed),
                "{text}"
            );
        }
        assert!(
            TargetUrl::parse("https://a.example/a/%2E%2e/b")
                .unwrap()
                .written()
                .had_dot_segments
        );
        assert!(
            TargetUrl::parse("https://a.example/b#c")
                .unwrap()
                .written()
                .had_fragment
        );
    }

    #[test]
    fn a_location_is_held_to_the_same_rules() {
        let base = TargetUrl::parse("https://a.example/dir/x?y").unwrap();
        for (location, target) in [
            ("z", "https://a.example/dir/z"),
            ("/z", "https://a.example/z"),
            ("?z", "https://a.example/dir/x?z"),
            ("//b.example/z", "https://b.example/z"),
            ("http://b.example", "http://b.example/"),
            ("", "https://a.example/dir/x?y"),
        ] {
            assert_eq!(base.join(location).unwrap().as_str(), target, "{location}");
        }
        for location in [
            "\\\\127.0.0.1",
            "/\\127.0.0.1",
            "http:///127.0.0.1",
            "ht\ttp://127.0.0.1",
            "///127.0.0.1",
            "https:z",
            "http://0x7f.1/",
            "http://127%2e0.0.1/",
            "//2130706433",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "http://u:p@b.example/",
        ] {
            assert!(base.join(location).is_err(), "{location:?}");
        }
    }

    proptest! {
        /// The text that is sent parses to itself, and is ASCII.
        #[test]
        fn normalising_is_idempotent(text in "https?://[a-zA-Zü.%0-9:\\[\\]@/?#& -]{0,40}") {
            if let Ok(url) = TargetUrl::parse(&text) {
                prop_assert!(url.as_str().is_ascii());
                let again = TargetUrl::parse(url.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), url.as_str());
                prop_assert!(!again.written().is_changed);
            }
        }

        /// No Location, however mad, panics or leads to another scheme.
        #[test]
        fn a_location_leads_to_http_or_nowhere(location in ".{0,40}") {
            let base = TargetUrl::parse("http://a.example/dir/x").unwrap();
            if let Ok(url) = base.join(&location) {
                prop_assert!(url.as_str().starts_with("http://") || url.as_str().starts_with("https://"));
                let again = TargetUrl::parse(url.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), url.as_str());
            }
        }
    }
}
