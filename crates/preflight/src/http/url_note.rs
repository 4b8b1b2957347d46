//! Remarks on a URL that may well be fine.

use jiff::Timestamp;
use thiserror::Error;

use super::url::TargetUrl;

/// A remark on a URL, whatever the outcome of its fetch.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum UrlNote {
    /// Dot segments were resolved in the path of a signed URL: the signature may no longer fit.
    #[error("dot segments were resolved in the path of a signed URL; the signature may not fit")]
    DotSegmentsInSigned,
    /// The signature expires soon, or just has, within a clock's error.
    #[error("the signature expires at {at}, too soon for a queued job")]
    ExpiresSoon {
        /// When.
        at: Timestamp,
    },
    /// The URL had a fragment; it is not sent.
    #[error("the fragment (#…) is not sent")]
    FragmentDropped,
    /// The query is escaped for HTML: `&amp;` stands where `&` was meant.
    #[error("the query is escaped for HTML (&amp; for &); unescape the URL")]
    HtmlEscaped,
    /// The URL is so long that some readers refuse it.
    #[error("the URL has {bytes} bytes; some readers stop at 2048")]
    LongUrl {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The URL is sent in its normalised form, which differs from the text.
    #[error("sent as {sent}")]
    Normalised {
        /// The form that is sent.
        sent: TargetUrl,
    },
    /// The signature is not valid yet.
    #[error("the signature is not valid before {at}")]
    NotYetValid {
        /// From when on it is.
        at: Timestamp,
    },
    /// The URL was signed with a temporary key, which may end it earlier than its own expiry.
    #[error("signed with a temporary key, which may expire before the URL does")]
    TemporaryKey,
}

impl UrlNote {
    /// What the text of a URL gives reason to remark, whatever the time.
    pub(super) fn of(url: &TargetUrl) -> Vec<Self> {
        let signature = url.signature();
        let written = url.written();
        [
            (written.is_changed, Self::Normalised { sent: url.clone() }),
            (written.had_fragment, Self::FragmentDropped),
            (written.is_html_escaped, Self::HtmlEscaped),
            (
                url.is_long(),
                Self::LongUrl {
                    bytes: url.as_str().len(),
                },
            ),
            (
                signature.is_some() && written.had_dot_segments,
                Self::DotSegmentsInSigned,
            ),
            (
                signature.is_some_and(|signature| signature.temporary_key),
                Self::TemporaryKey,
            ),
        ]
        .into_iter()
        .filter_map(|(applies, note)| applies.then_some(note))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_remarked_on_for_what_was_written() {
        let notes = |text: &str| UrlNote::of(&TargetUrl::parse(text).unwrap());
        let long = |len: usize| format!("http://a.example/{}", "x".repeat(len - 17));
        assert_eq!(notes(&long(2_048)), []);
        assert_eq!(notes(&long(2_049)), [UrlNote::LongUrl { bytes: 2_049 }]);

        let dotted = "http://a.example/b/../c.jpg?Expires=1&OSSAccessKeyId=k&Signature=s";
        assert!(notes(dotted).contains(&UrlNote::DotSegmentsInSigned));
        for plain in [
            "http://a.example/b/../c.jpg?v=1",
            "http://a.example/c.jpg?Expires=1&OSSAccessKeyId=k&Signature=s",
            "http://a.example/b..c/...?Expires=1&OSSAccessKeyId=k&Signature=s",
        ] {
            assert!(
                !notes(plain).contains(&UrlNote::DotSegmentsInSigned),
                "{plain}"
            );
        }
        for dots in [".", "%2e", "%2E%2e", ".%2E"] {
            let url = format!("http://a.example/b/{dots}/c?Expires=1&OSSAccessKeyId=k&Signature=s");
            assert!(notes(&url).contains(&UrlNote::DotSegmentsInSigned), "{url}");
        }

        for escaped in ["a&amp;b", "a&AMP;b", "a&#38;b", "a&#x26;b"] {
            let url = format!("http://a.example/?{escaped}");
            assert!(notes(&url).contains(&UrlNote::HtmlEscaped), "{url}");
        }
        assert_eq!(notes("http://a.example/?a&b;c"), []);

        let is_changed = |text: &str| {
            notes(text)
                .iter()
                .any(|note| matches!(note, UrlNote::Normalised { .. }))
        };
        assert!(is_changed("http://a.example/b c"));
        assert!(is_changed("http://b\u{fc}cher.example/"));
        assert!(!is_changed("http://A.Example:80"));
        assert!(!is_changed("http://a.example/b%20c"));
    }
}
