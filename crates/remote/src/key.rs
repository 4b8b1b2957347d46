//! The API key: the one type that sees it.

use std::fmt;

use hkdf::Hkdf;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

mod echo;
mod mistake;

pub use mistake::Mistake;

/// An API key, trimmed and fit for a header; wiped from memory when dropped.
///
/// It has no `Display`, and its `Debug` shows nothing of it. What the service echoes of it is cut
/// out of every message and id before the client keeps them.
///
/// ```
/// use remote::ApiKey;
///
/// let key = ApiKey::new("sk-0123456789abcdef\n")?; // as read from a file
/// assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
/// assert!(ApiKey::new("sk-one\nsk-two").is_err());
/// # Ok::<(), remote::ApiKeyError>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Longest key taken, in bytes. Keys are some 40 characters; whatever is far longer is a wrong
    /// file, and would be sent to a stranger.
    pub const MAX_LEN: usize = 1024;

    /// Takes a key, without the blanks and the byte order mark around it.
    ///
    /// # Errors
    ///
    /// If nothing is left, if it holds anything but visible ASCII (RFC 6750 section 2.1 allows no
    /// more in a bearer token), if it is longer than [`ApiKey::MAX_LEN`], or if it is what gets
    /// into the place of a key by mistake: one in quotation marks, with `Bearer` or `NAME=` before
    /// it, a placeholder. The error never repeats the text.
    pub fn new(text: impl Into<String>) -> Result<Self, ApiKeyError> {
        let text = Zeroizing::new(text.into());
        // An editor's byte order mark does not belong to the key.
        let key = text.trim_start_matches('\u{feff}').trim();
        if key.is_empty() {
            return Err(ApiKeyError::Blank);
        }
        if key.len() > Self::MAX_LEN {
            return Err(ApiKeyError::TooLong { len: key.len() });
        }
        if let Some(mistake) = Mistake::in_key(key) {
            return Err(ApiKeyError::Mistaken(mistake));
        }
        if let Some((at, _)) = key.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
            return Err(ApiKeyError::Character { at });
        }
        Ok(Self(SecretString::from(key)))
    }

    /// Another key, derived from this one for one purpose (HKDF-SHA256, RFC 5869). It does not lead
    /// back to this one, nor to that of another purpose, and is the same on each machine.
    ///
    /// ```
    /// let key = remote::ApiKey::new("sk-1")?;
    /// assert_eq!(key.derive("seals"), key.derive("seals"));
    /// assert_ne!(key.derive("seals"), key.derive("names"));
    /// # Ok::<(), remote::ApiKeyError>(())
    /// ```
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        #[expect(
            clippy::expect_used,
            reason = "HKDF-SHA256 yields up to 255 times 32 bytes"
        )]
        Hkdf::<Sha256>::new(None, self.0.expose_secret().as_bytes())
            .expand(purpose.as_bytes(), &mut derived[..])
            .expect("one block");
        derived
    }

    /// `Bearer …`, marked as sensitive so that no layer below prints it.
    pub(crate) fn bearer(&self) -> HeaderValue {
        let text = Zeroizing::new(format!("Bearer {}", self.0.expose_secret()));
        #[expect(
            clippy::expect_used,
            reason = "ApiKey::new admits visible ASCII only, which every header value may hold"
        )]
        let mut value = HeaderValue::from_str(&text).expect("visible ASCII");
        value.set_sensitive(true);
        value
    }

    /// A stranger's text without the key, and with at most so many characters. In this order: a key
    /// cut in half would not be found any more.
    pub(crate) fn kept(&self, text: String, most: usize) -> String {
        let mut text = echo::without(text, self.0.expose_secret());
        if let Some((end, _)) = text.char_indices().nth(most) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([redacted])")
    }
}

/// Why a text cannot be an [`ApiKey`]. It never repeats the text.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// Nothing but blanks.
    #[error("expected an API key, but found only blanks")]
    Blank,
    /// A blank, a control character or a letter beyond ASCII.
    #[error("expected visible ASCII in the API key, but found another character at byte {at}")]
    Character {
        /// Where, in bytes from the first that is not blank.
        at: usize,
    },
    /// A key, perhaps, and something around it; or a placeholder.
    #[error("expected an API key, but found {0}")]
    Mistaken(Mistake),
    /// Longer than [`ApiKey::MAX_LEN`].
    #[error(
        "expected an API key of at most {} bytes, but found {len}",
        ApiKey::MAX_LEN
    )]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_taken_makes_a_header_and_is_not_shown(text in "\\PC{0,40}") {
            match ApiKey::new(text.clone()) {
                Ok(key) => {
                    let bearer = key.bearer();
                    let expected = format!("Bearer {}", text.trim_start_matches('\u{feff}').trim());
                    prop_assert_eq!(bearer.as_bytes(), expected.as_bytes());
                    prop_assert!(bearer.is_sensitive());
                    prop_assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
                }
                Err(ApiKeyError::Mistaken(_)) => {}
                Err(error) => prop_assert!(text.trim().chars().any(|c| !c.is_ascii_graphic()) || text.trim().is_empty(), "{error}"),
            }
        }
    }

    /// A ledger outlives the program: another derivation would void what was paid for. The value is
    /// that of another program, which has HMAC and no HKDF.
    #[test]
    fn a_derived_key_is_the_same_for_ever_and_another_for_each_key_and_purpose() {
        let derived = |key: &str, purpose| *ApiKey::new(key).unwrap().derive(purpose);
        assert_eq!(
            derived("sk-1", "seals"),
            [
                0x1c, 0x9a, 0x50, 0x8d, 0x0a, 0x25, 0x52, 0xc9, 0xcc, 0x90, 0xe1, 0xff, 0xb2, 0x44,
                0xc7, 0xd8, 0xd2, 0xe8, 0x40, 0x12, 0x25, 0x5d, 0x6f, 0x27, 0x2b, 0x34, 0xa3, 0xcb,
                0xde, 0x15, 0xd5, 0xa3,
            ]
        );
        assert_ne!(derived("sk-1", "seals"), derived("sk-1", "names"));
        assert_ne!(derived("sk-1", "seals"), derived("sk-2", "seals"));
    }

    #[test]
    fn a_key_with_a_line_break_inside_is_refused_without_being_repeated() {
        let error = ApiKey::new(" sk-SECRET\r\nX-Evil: 1 ").unwrap_err();
        assert_eq!(error, ApiKeyError::Character { at: 9 });
        assert!(!format!("{error} {error:?}").contains("SECRET"));
        assert_eq!(ApiKey::new(" \n\t ").unwrap_err(), ApiKeyError::Blank);
        assert_eq!(
            ApiKey::new("k".repeat(1025)).unwrap_err(),
            ApiKeyError::TooLong { len: 1025 }
        );
        assert!(ApiKey::new("k".repeat(1024)).is_ok());
    }
}
