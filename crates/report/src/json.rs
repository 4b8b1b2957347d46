//! Strings of JSON that no CI takes for a command.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::escape::{disarmed, is_armed};

/// A `#` to whoever reads JSON, and none to whoever looks for commands in a log.
const HASH: &str = "\\u0023";

/// Writes a value as JSON on one line.
pub(crate) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value
        .serialize(&mut Serializer::with_formatter(out, Disarming))
        .map_err(io::Error::from)
}

/// A text as a string of JSON, with its quotes (RFC 8259, section 7), for reports whose shape is
/// written out: that costs a third of what serializing the same keys costs, image after image.
pub(crate) struct Json<'a>(pub(crate) &'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        let mut rest = self.0;
        // What needs an escape is ASCII, so that runs without it can be passed on whole.
        while let Some(at) = rest.bytes().position(needs_escape) {
            let (plain, special) = rest.split_at(at);
            let (special, after) = special.split_at(1);
            write_plain(f, plain)?;
            match special {
                "\"" | "\\" => write!(f, "\\{special}")?,
                control => control
                    .chars()
                    .try_for_each(|c| write!(f, "\\u{:04x}", u32::from(c)))?,
            }
            rest = after;
        }
        write_plain(f, rest)?;
        f.write_str("\"")
    }
}

fn write_plain(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if !is_armed(text) {
        return f.write_str(text);
    }
    disarmed(text).enumerate().try_for_each(|(index, piece)| {
        f.write_str(if index > 0 { HASH } else { "" })?;
        f.write_str(piece)
    })
}

const fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0x00..=0x1F)
}

/// How serde's strings are written.
struct Disarming;

impl Formatter for Disarming {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !is_armed(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        disarmed(fragment)
            .enumerate()
            .try_for_each(|(index, piece)| {
                out.write_all(if index > 0 { HASH } else { "" }.as_bytes())?;
                out.write_all(piece.as_bytes())
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_comes_back_and_is_no_command(text in "([\\PC\\x00-\\x1f]|##\\[)*") {
            let mut serialized = Vec::new();
            write(&mut serialized, &text).unwrap();
            for json in [Json(&text).to_string(), String::from_utf8(serialized).unwrap()] {
                prop_assert!(!json.contains("##["), "{}", json);
                prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
            }
        }
    }
}
