//! What a URL must keep to before it is parsed: readers disagree about the rest.

use std::net::IpAddr;

use url::{Host, Url};

/// The longest URL in bytes that is taken. RFC 9110, section 4.1, asks everyone to support 8,000; most
/// servers stop at 8 KiB.
pub(super) const MAX_LEN: usize = 8 * 1024;

/// Why a text is not a URL that can be fetched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// A backslash, which some readers take for a slash.
    #[error("expected a URL without backslashes, but found one")]
    Backslash,
    /// A control character, which some readers drop.
    #[error("expected a URL without control characters, but found U+{found:04X}")]
    ControlCharacter {
        /// Its code point.
        found: u32,
    },
    /// A space at an end, which some readers drop.
    #[error("expected a URL without a space at its start or end, but found one")]
    EdgeSpace,
    /// An IPv4 address in another form than four decimal numbers.
    #[error(
        "expected an IPv4 address as four decimal numbers, but found another spelling of {address}"
    )]
    HostSpelling {
        /// The address that it stands for in a browser.
        address: IpAddr,
    },
    /// No URL by the WHATWG standard.
    #[error("expected a URL with a valid host and port, but found one that cannot be parsed")]
    Malformed(#[source] url::ParseError),
    /// No `://` after the scheme, or more slashes than two.
    #[error("expected exactly two slashes after the scheme (https://), but found more or fewer")]
    Slashes,
    /// An `oss://` URL: valid for the service, but it cannot be looked at from here.
    #[error(
        "expected an http or https URL, but found an oss:// one, which only the service can read"
    )]
    Opaque,
    /// A scheme other than http and https.
    #[error("expected http or https, but found \"{found}\"")]
    Scheme {
        /// The scheme, at most 32 characters, escaped.
        found: String,
    },
    /// Longer than 8,192 bytes.
    #[error("expected a URL of at most 8192 bytes, but found {found} bytes")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// A user name or a password, which would reach a third party.
    #[error("expected no user name or password in the URL, but found one")]
    UserInfo,
}

pub(super) fn check_characters(text: &str) -> Result<(), UrlError> {
    check_length(text)?;
    for found in text.chars() {
        if found == '\\' {
            return Err(UrlError::Backslash);
        }
        if found.is_control() {
            let found = found.into();
            return Err(UrlError::ControlCharacter { found });
        }
    }
    if text.trim() != text {
        return Err(UrlError::EdgeSpace);
    }
    Ok(())
}

pub(super) fn check_length(text: &str) -> Result<(), UrlError> {
    if text.len() > MAX_LEN {
        return Err(UrlError::TooLong { found: text.len() });
    }
    Ok(())
}

/// The authority as it is written.
pub(super) fn check_scheme(text: &str) -> Result<&str, UrlError> {
    let (scheme, rest) = text.split_once(':').ok_or(UrlError::Slashes)?;
    if scheme.eq_ignore_ascii_case("oss") {
        return Err(UrlError::Opaque);
    }
    if !["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return Err(UrlError::Scheme {
            found: scheme.escape_default().take(32).collect(),
        });
    }
    let rest = rest.strip_prefix("//").ok_or(UrlError::Slashes)?;
    if rest.starts_with('/') {
        return Err(UrlError::Slashes);
    }
    Ok(rest.split(['/', '?', '#']).next().unwrap_or_default())
}

/// `url` reads `0x7f.1`, `2130706433` and full-width digits as addresses; others read names there.
pub(super) fn check_host_spelling(url: &Url, authority: &str) -> Result<(), UrlError> {
    let Some(Host::Ipv4(address)) = url.host() else {
        return Ok(());
    };
    let written = authority.split(':').next().unwrap_or_default();
    if written == address.to_string() {
        return Ok(());
    }
    Err(UrlError::HostSpelling {
        address: address.into(),
    })
}

/// RFC 3986, section 3.1.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// What follows the authority, without the fragment.
pub(super) fn path_and_query(text: &str) -> &str {
    let after = text.split_once("//").map_or(text, |(_, rest)| rest);
    let start = after.find(['/', '?', '#']).unwrap_or(after.len());
    let rest = after.get(start..).unwrap_or_default();
    rest.split('#').next().unwrap_or_default()
}

fn has_dot_segments(path: &str) -> bool {
    path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

/// How the text was written, where that deserves a remark.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Written {
    /// Normalising changed more than the case of the host and the default port.
    pub(crate) is_changed: bool,
    /// There was a fragment, which was dropped.
    pub(crate) had_fragment: bool,
    /// The path had `.` or `..` segments, which were resolved: a signature may cover them.
    pub(crate) had_dot_segments: bool,
    /// It was escaped for HTML (`&amp;` for `&`), as what is copied out of a page's source.
    pub(crate) is_html_escaped: bool,
}

impl Written {
    /// What a text says beyond the URL that it was parsed to, whose fragment is gone.
    pub(super) fn of(text: &str, authority: &str, url: &Url) -> Self {
        let path = path_and_query(text);
        Self {
            is_changed: !authority.is_ascii()
                || authority.contains('%')
                || (path != path_and_query(url.as_str()) && !path.is_empty()),
            had_fragment: text.contains('#'),
            had_dot_segments: path.split('?').next().is_some_and(has_dot_segments),
            is_html_escaped: is_html_escaped(text),
        }
    }
}

/// `&` written as HTML writes it, by name or by number. A number's `#` starts the fragment, so that
/// half of the query would never be sent.
fn is_html_escaped(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["&amp;", "&#38;", "&#x26;"]
        .iter()
        .any(|escaped| text.contains(escaped))
}
