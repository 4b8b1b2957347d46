//! What tells one image from another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The SHA-256 of a whole file. Its text form is lower-case hex.
///
/// ```
/// use gate::Sha256;
///
/// let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// let sha256: Sha256 = text.parse()?;
/// assert_eq!(sha256.to_string(), text);
/// # Ok::<(), gate::Sha256Error>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of bytes that were read whole, where there is a paid stage to know them by it.
    #[cfg(feature = "decode")]
    pub(crate) fn if_paid(bytes: &[u8]) -> Option<Self> {
        #[cfg(feature = "remote")]
        return Some(Self::of(bytes));
        #[cfg(not(feature = "remote"))]
        {
            let _ = bytes;
            None
        }
    }

    /// The hash of bytes in memory.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

/// A text that is not the SHA-256 of anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected 64 hexadecimal digits, but found another text of {len} bytes")]
pub struct Sha256Error {
    len: usize,
}

impl FromStr for Sha256 {
    type Err = Sha256Error;

    fn from_str(text: &str) -> Result<Self, Sha256Error> {
        let error = Sha256Error { len: text.len() };
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(error);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| error)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| error)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Sha256 {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sha256".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 in lower-case hex"
        })
    }
}

/// A URL, less its signature, and what its server says of the object behind it, as one hash.
///
/// Holds no URL in the clear: a signed one is a secret. A freshly signed URL of the same object has
/// the same identity.
#[cfg(feature = "remote")]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UrlIdentity(Sha256);

#[cfg(feature = "remote")]
impl UrlIdentity {
    /// The identity of the object behind a URL, as its validators tell (RFC 9110, section 8.8): a
    /// strong entity tag, else the date of the last change with the length. `None` without either:
    /// nothing would tell one content from the next.
    ///
    /// `url` is the URL without what signs it.
    #[must_use]
    pub fn new(
        url: &str,
        etag: Option<&str>,
        last_modified: Option<&str>,
        len: Option<u64>,
    ) -> Option<Self> {
        use sha2::Digest as _;

        let strong = etag.filter(|etag| etag.starts_with('"') && etag.len() > 2);
        let len = len.map(|len| len.to_string());
        let parts = match (strong, last_modified, &len) {
            // Not the length: one answer tells it, the next does not.
            (Some(etag), ..) => [url, "etag", etag, ""],
            (None, Some(date), Some(len)) => [url, "date", date, len],
            _ => return None,
        };
        let mut hash = sha2::Sha256::new();
        for part in parts {
            // Each part with its length, so that no two lists of parts read alike.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Some(Self(Sha256(hash.finalize().into())))
    }

    /// The identity with these bytes, as they were kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Sha256(bytes))
    }

    /// Its 32 bytes, for keeping.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

#[cfg(all(test, feature = "remote"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_hash_reads_back_and_nothing_else_is_one(bytes: [u8; 32], text in "\\PC{0,70}") {
            let hash = Sha256::from_bytes(bytes);
            prop_assert_eq!(hash.to_string().parse(), Ok(hash));
            let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            prop_assert_eq!(text.parse::<Sha256>().is_ok(), hex);
        }
    }

    #[test]
    fn a_url_is_known_by_a_strong_tag_or_by_date_and_length() {
        let identity = |etag, date, len| UrlIdentity::new("https://a/b.jpg", etag, date, len);
        assert_eq!(identity(None, None, Some(7)), None);
        assert_eq!(identity(Some("W/\"1\""), None, Some(7)), None);
        assert_eq!(identity(Some("\"\""), None, None), None);
        assert_eq!(identity(None, Some("d"), None), None);
        let tagged = identity(Some("\"1\""), None, None);
        let dated = identity(None, Some("\"1\""), Some(7));
        assert!(tagged.is_some() && dated.is_some() && tagged != dated);
        assert_ne!(tagged, identity(Some("\"2\""), None, None));
        assert_ne!(
            tagged,
            UrlIdentity::new("https://a/c.jpg", Some("\"1\""), None, None)
        );
        // With a strong tag the date says nothing more.
        assert_eq!(tagged, identity(Some("\"1\""), Some("d"), None));
    }
}
