//! Strings of JSON that no CI takes for a command.

use std::fmt;
use std::io::{self, Write};

use serde_json::ser::Formatter;

use crate::output::text::RUNNER_COMMAND;

/// The same text to whoever reads JSON, and none to whoever looks for commands in a log.
const DISARMED: &str = "#\\u0023[";

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
    let mut parts = text.split(RUNNER_COMMAND);
    f.write_str(parts.next().unwrap_or_default())?;
    parts.try_for_each(|part| f.write_str(DISARMED).and_then(|()| f.write_str(part)))
}

const fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0x00..=0x1F)
}

/// How serde's strings are written.
pub(crate) struct Disarming;

impl Formatter for Disarming {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut parts = fragment.split(RUNNER_COMMAND);
        out.write_all(parts.next().unwrap_or_default().as_bytes())?;
        parts.try_for_each(|part| {
            out.write_all(DISARMED.as_bytes())?;
            out.write_all(part.as_bytes())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize as _;

    use super::*;

    proptest! {
        #[test]
        fn every_text_comes_back_and_is_no_command(text in "([\\PC\\x00-\\x1f]|##\\[)*") {
            let mut serialized = Vec::new();
            let mut serializer = serde_json::Serializer::with_formatter(&mut serialized, Disarming);
            text.serialize(&mut serializer).unwrap();
            for json in [Json(&text).to_string(), String::from_utf8(serialized).unwrap()] {
                prop_assert!(!json.contains(RUNNER_COMMAND), "{}", json);
                prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
            }
        }
    }
}
