//! Quotation marks around names: those of git, and those of people.

use std::ffi::OsString;

use crate::path::os_string;

/// Marks that people and programs put around a name.
const PAIRS: [(char, char); 7] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('<', '>'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{ab}', '\u{bb}'),
];

/// The text between quotation marks, if they are around the whole of it.
pub(crate) fn without_quotes(text: &str) -> Option<&str> {
    PAIRS.into_iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.is_empty()).then_some(inner)
    })
}

/// The name in what git writes for a name with special characters (git-config(1), core.quotePath):
/// between double quotation marks, with escapes as in C.
pub(crate) fn without_git_quotes(text: &str) -> Option<OsString> {
    let quoted = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = quoted.bytes();
    let mut name = Vec::with_capacity(quoted.len());
    while let Some(byte) = bytes.next() {
        name.push(match byte {
            b'"' => return None,
            b'\\' => escape(&mut bytes)?,
            plain => plain,
        });
    }
    (!name.is_empty()).then(|| os_string(name)).flatten()
}

/// The byte that an escape stands for, behind its backslash.
fn escape(bytes: &mut std::str::Bytes<'_>) -> Option<u8> {
    Some(match bytes.next()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        mark @ (b'"' | b'\\') => mark,
        first @ b'0'..=b'3' => {
            let mut value = first - b'0';
            for _ in 0..2 {
                let digit = bytes.next().filter(|digit| matches!(digit, b'0'..=b'7'))?;
                // At most 0o377, which is one byte.
                value = value * 8 + (digit - b'0');
            }
            value
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_around_the_whole_name_are_taken_off() {
        for (text, inner) in [
            ("\"a.png\"", Some("a.png")),
            ("'a b.png'", Some("a b.png")),
            ("\u{201c}a.png\u{201d}", Some("a.png")),
            ("<https://h/a>", Some("https://h/a")),
            ("\"a.png", None),
            ("a\"b\"", None),
            ("\"\"", None),
            ("\"", None),
        ] {
            assert_eq!(without_quotes(text), inner, "{text}");
        }
    }

    #[test]
    fn gits_escapes_give_the_name_back() {
        for (text, name) in [
            (r#""\347\205\247\347\211\207.png""#, Some("照片.png")),
            (r#""a\tb\"c\\d.png""#, Some("a\tb\"c\\d.png")),
            (r#""plain.png""#, Some("plain.png")),
            (r#""\400.png""#, None),
            (r#""\34.png""#, None),
            (r#""a\q""#, None),
            (r#""a"b""#, None),
            (r#""a\""#, None),
            ("a.png", None),
        ] {
            assert_eq!(without_git_quotes(text), name.map(OsString::from), "{text}");
        }
    }
}
