//! Strings of JSON that no CI takes for a command.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::escape::{disarmed, is_armed};

/// JSON escape of `#`: the same value to a parser, invisible to scanners of CI logs.
const HASH: &str = "\\u0023";

/// Writes a value as JSON on one line.
pub(crate) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value
        .serialize(&mut Serializer::with_formatter(out, Disarming))
        .map_err(io::Error::from)
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
            let json = String::from_utf8(serialized).unwrap();
            prop_assert!(!json.contains("##["), "{}", json);
            prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
        }
    }
}
