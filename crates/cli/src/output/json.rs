//! Strings of JSON, for reports whose shape is written out: a template costs a third of what
//! serializing the same keys costs, image after image.

use std::fmt;

/// A text as a string of JSON, with its quotes (RFC 8259, section 7).
pub(crate) struct Json<'a>(pub(crate) &'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        let mut rest = self.0;
        // What needs an escape is ASCII, so that runs without it can be passed on whole.
        while let Some(at) = rest.bytes().position(needs_escape) {
            let (plain, special) = rest.split_at(at);
            let (special, after) = special.split_at(1);
            f.write_str(plain)?;
            match special {
                "\"" | "\\" => write!(f, "\\{special}")?,
                control => control
                    .chars()
                    .try_for_each(|c| write!(f, "\\u{:04x}", u32::from(c)))?,
            }
            rest = after;
        }
        f.write_str(rest)?;
        f.write_str("\"")
    }
}

const fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0x00..=0x1F)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_comes_back(text in any::<String>()) {
            let json = Json(&text).to_string();
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
