//! Wraps text between words.

use std::io::{self, Write};

/// The least width in columns that text is wrapped to. Words do not fit a narrower terminal, which
/// then breaks lines by itself.
const NARROWEST: usize = 30;

/// Writes a text on lines of at most `width` columns, if there is a width. The first line starts
/// with `head`, which is `column` columns wide (its colours are not); the others are indented by
/// `indent`. A word that is longer than a line stays whole, so that it can be copied.
pub(crate) fn write_wrapped(
    out: &mut dyn Write,
    head: &str,
    column: usize,
    indent: usize,
    text: &str,
    width: Option<usize>,
) -> io::Result<()> {
    out.write_all(head.as_bytes())?;
    let Some(width) = width.filter(|width| *width >= NARROWEST) else {
        return writeln!(out, "{text}");
    };
    let mut at = column;
    let mut is_first = true;
    for word in text.split(' ') {
        let columns = word.chars().count();
        if !is_first && at + 1 + columns > width {
            write!(out, "\n{:indent$}", "")?;
            at = indent;
        } else if !is_first {
            out.write_all(b" ")?;
            at += 1;
        }
        out.write_all(word.as_bytes())?;
        at += columns;
        is_first = false;
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(head: &str, text: &str, width: Option<usize>) -> String {
        let mut out = Vec::new();
        write_wrapped(&mut out, head, head.len(), 4, text, width).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_break_between_words() {
        let text = "shorter side is 399 px, needs at least 400";
        assert_eq!(
            wrapped("  PF202: ", text, Some(36)),
            "  PF202: shorter side is 399 px,\n    needs at least 400\n"
        );
        assert_eq!(
            wrapped("  PF202: ", text, None),
            format!("  PF202: {text}\n")
        );
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_of_short_words_is_too_long(
            words in proptest::collection::vec("[a-zü]{1,20}", 1..40), width in NARROWEST..120_usize
        ) {
            let text = words.join(" ");
            let out = wrapped("head: ", &text, Some(width));
            let body = out.strip_prefix("head: ").unwrap();
            prop_assert_eq!(body.split_whitespace().collect::<Vec<_>>(), words);
            prop_assert!(out.lines().all(|line| line.chars().count() <= width), "{}", out);
        }
    }
}
