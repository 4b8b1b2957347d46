//! Strings of JSON that no CI takes for a command, and no terminal for more than text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::escape::{disarmed, is_armed, is_special};

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
            return write_piece(out, fragment);
        }
        disarmed(fragment)
            .enumerate()
            .try_for_each(|(index, piece)| {
                out.write_all(if index > 0 { HASH } else { "" }.as_bytes())?;
                write_piece(out, piece)
            })
    }
}

/// Writes a text with escapes for what JSON would take as it is and a terminal would not: controls
/// behind ASCII's, and what turns or hides text.
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
