//! How a file starts.

use core::fmt;

/// The first bytes of a file, at most [`Excerpt::MAX`], to show what it starts with.
///
/// They are a stranger's: `Display` escapes what is not printable ASCII.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Excerpt {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl Excerpt {
    /// The most bytes that are kept: enough for every signature that has a name, and for half a
    /// line of an error page.
    pub const MAX: usize = 24;

    /// The first bytes of `bytes`.
    #[must_use]
    #[inline]
    pub fn of(bytes: &[u8]) -> Self {
        if let Some(&bytes) = bytes.first_chunk() {
            return Self {
                bytes,
                len: Self::MAX as u8,
            };
        }
        Self::short(bytes)
    }

    #[cold]
    fn short(bytes: &[u8]) -> Self {
        let mut excerpt = Self::default();
        for (to, from) in excerpt.bytes.iter_mut().zip(bytes) {
            *to = *from;
            excerpt.len += 1;
        }
        excerpt
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// One line of printable ASCII; all else is escaped.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Quotes stand in most of what is shown here (HTML, JSON) and need no escape of ours.
        self.as_bytes().iter().try_for_each(|&byte| match byte {
            b'"' | b'\'' => write!(f, "{}", char::from(byte)),
            _ => write!(f, "{}", byte.escape_ascii()),
        })
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Excerpt(\"{self}\")")
    }
}

/// As it is displayed.
#[cfg(feature = "serde")]
impl serde::Serialize for Excerpt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_bounded_and_escaped() {
        assert_eq!(Excerpt::of(b"").to_string(), "");
        assert_eq!(
            Excerpt::of(b"{\"a\":\x1b[31m\n}").to_string(),
            r#"{"a":\x1b[31m\n}"#
        );
        assert_eq!(Excerpt::of(&[b'x'; 99]).as_bytes().len(), Excerpt::MAX);
    }
}
