//! What bytes are made of: which encoding of text, or none.

use core::str;

/// What the start of a file is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    /// ASCII text.
    Ascii,
    /// UTF-8 text with characters beyond ASCII; the last one may be cut.
    Utf8,
    /// Text in an older encoding: mostly ASCII.
    Older,
    /// No control characters, and yet no text that we know.
    Unclear,
    /// Control characters that no text holds.
    Binary,
}

impl Encoding {
    /// The encoding of these bytes. No bytes are no text.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Unclear;
        }
        if is_plain_ascii(bytes) {
            return Self::Ascii;
        }
        if has_controls(bytes) {
            return Self::Binary;
        }
        match str::from_utf8(bytes) {
            Ok(_) if bytes.is_ascii() => Self::Ascii,
            Ok(_) => Self::Utf8,
            Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => Self::Utf8,
            Err(_) => {
                let ascii = bytes.iter().filter(|byte| byte.is_ascii()).count();
                if ascii >= bytes.len() - bytes.len() / 10 {
                    Self::Older
                } else {
                    Self::Unclear
                }
            }
        }
    }

    /// Whether it is an encoding of text.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Ascii | Self::Utf8 | Self::Older)
    }
}

/// Whether all bytes are printable ASCII, blanks or line feeds, as in most texts.
///
/// One maximum over all of them, without a way out of the loop: the compiler makes eight vector
/// instructions of it, for sixteen bytes each. [`has_controls`] and the rest take three times as many.
fn is_plain_ascii(bytes: &[u8]) -> bool {
    let mut most = 0;
    for &byte in bytes {
        // Printable characters become 0 to 0x5E, all others become more.
        let above_blank = if byte == b'\n' {
            0
        } else {
            byte.wrapping_sub(b' ')
        };
        if above_blank > most {
            most = above_blank;
        }
    }
    most <= b'~' - b' '
}

/// Whether there are control characters that no text holds.
fn has_controls(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |seen, &byte| {
        // Comparisons alone, of which the compiler makes vector instructions.
        let is_blank = (byte.wrapping_sub(b'\t') <= 4) & (byte != 0x0B);
        seen | (byte < b' ') & !is_blank & (byte != 0x1B) | (byte == 0x7F)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_binary_data() {
        let all: [(&[u8], Encoding); 10] = [
            (b"Lines\r\n\tand \x0C pages", Encoding::Ascii),
            (b"\x1B[31mred\x1B[0m", Encoding::Ascii),
            ("Grüße".as_bytes(), Encoding::Utf8),
            (b"Gr\xC3\xBC\xC3\x9Fe, cut in a chara\xC3", Encoding::Utf8),
            (
                b"Gr\xFC\xDFe aus der Latin-1-Zeit, mit genug ASCII",
                Encoding::Older,
            ),
            (b"a\0b", Encoding::Binary),
            (b"a vertical\x0Btab", Encoding::Binary),
            (b"\x80\x81\x82", Encoding::Unclear),
            (b"\xC3", Encoding::Unclear),
            (b"", Encoding::Unclear),
        ];
        for (bytes, encoding) in all {
            assert_eq!(Encoding::of(bytes), encoding, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn the_quick_look_agrees_with_the_exact_one() {
        for byte in 0..=u8::MAX {
            if is_plain_ascii(&[b'a', byte]) {
                assert!(byte.is_ascii() && !has_controls(&[byte]), "{byte:#04X}");
            }
        }
    }
}
