//! Pages that let browsers through and programs not. The image behind one was not seen, so that it is
//! `unknown`, not rejected.

use hyper::HeaderMap;

/// Marks of the challenges in wide use, in lower case. Each is a word of its machinery, not one that a
/// plain error page would hold.
const MARKS: [&str; 9] = [
    "_incapsula_",
    "acw_sc__v2",        // Alibaba Cloud WAF
    "awswafintegration", // AWS WAF
    "captcha",
    "cdn-cgi/challenge-platform", // Cloudflare
    "cf-chl-",                    // Cloudflare
    "ddos-guard",
    "enable javascript and cookies",
    "px-captcha", // PerimeterX
];

/// Whether an answer other than an image is such a page, by its head and the start of its body.
pub(crate) fn is_challenge(headers: &HeaderMap, body: &[u8]) -> bool {
    if headers.contains_key("cf-mitigated") || headers.contains_key("x-amzn-waf-action") {
        return true;
    }
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    MARKS.iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_told_from_error_pages() {
        let none = HeaderMap::new();
        assert!(is_challenge(
            &none,
            b"<title>Just a moment...</title>Enable JavaScript and cookies to continue"
        ));
        assert!(is_challenge(
            &none,
            b"<script>var arg1='A'; function setCookie(acw_sc__v2)"
        ));
        assert!(!is_challenge(
            &none,
            b"<!DOCTYPE html><title>404 Not Found</title>"
        ));
        for field in ["cf-mitigated", "x-amzn-waf-action"] {
            let mut mitigated = HeaderMap::new();
            mitigated.insert(field, hyper::header::HeaderValue::from_static("challenge"));
            assert!(is_challenge(&mitigated, b""), "{field}");
        }
    }
}
