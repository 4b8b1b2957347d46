//! JSON whose strings neither a CI nor a terminal takes for a command.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::escape::{has_ci_command, is_special, split_at_ci_commands};

/// JSON escape of `#`: the same value to a parser, invisible to scanners of CI logs.
const HASH: &str = "\\u0023";

/// Writes a value as JSON on one line.
pub(crate) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value
        .serialize(&mut Serializer::with_formatter(out, SafeStrings))
        .map_err(io::Error::from)
}

/// Escapes within strings beyond those of JSON.
struct SafeStrings;

impl Formatter for SafeStrings {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !has_ci_command(fragment) {
            return write_piece(out, fragment);
        }
        split_at_ci_commands(fragment)
            .enumerate()
            .try_for_each(|(index, piece)| {
                out.write_all(if index > 0 { HASH } else { "" }.as_bytes())?;
                write_piece(out, piece)
            })
    }
}

/// Writes a text with escapes for characters that JSON allows and a terminal obeys: controls beyond
/// ASCII, and characters that reorder or hide text.
fn write_piece<W: Write + ?Sized>(out: &mut W, piece: &str) -> io::Result<()> {
    // Nearly every text is printable ASCII.
    if piece.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return out.write_all(piece.as_bytes());
    }
    let mut written = 0;
    for (at, special) in piece.char_indices().filter(|(_, c)| is_special(*c)) {
        out.write_all(piece.get(written..at).unwrap_or_default().as_bytes())?;
        for unit in special.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        written = at + special.len_utf8();
    }
    out.write_all(piece.get(written..).unwrap_or_default().as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_comes_back_and_is_text_alone(
            text in "([\\PC\\x00-\\x1f\\x7f-\\u{9f}]|[\u{ad}\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}]|##\\[)*"
        ) {
            let mut serialized = Vec::new();
            write(&mut serialized, &text).unwrap();
            let json = String::from_utf8(serialized).unwrap();
            prop_assert!(!json.contains("##["), "{}", json);
            prop_assert!(!json.chars().any(is_special), "{}", json);
            prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
        }
    }
}
