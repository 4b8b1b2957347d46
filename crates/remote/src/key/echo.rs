//! Cutting a secret out of a text that echoes it, in whatever spelling.

use std::ops::Range;

/// The text that replaces a secret.
const CUT: &str = "[key]";

/// Shortest piece of a secret that is cut out where the text ends in the middle of it.
const SHORTEST_PIECE: usize = 6;

/// The text without the secret, be it verbatim, percent-encoded or escaped as in JSON, and without
/// a piece of it at the end, where somebody cut the text off.
pub(super) fn without(text: String, secret: &str) -> String {
    let spelt = decode(&text);
    let secret: Vec<char> = secret.chars().collect();
    let verbatim: Vec<Spelt> = text
        .char_indices()
        .map(|(at, c)| (c, at..at + c.len_utf8()))
        .collect();
    let mut cuts = found(&spelt, &secret);
    cuts.extend(found(&verbatim, &secret));
    if cuts.is_empty() {
        return text;
    }
    cuts.sort_by_key(|cut| cut.start);
    let mut kept = String::new();
    let mut end = 0;
    for cut in cuts {
        if cut.start >= end {
            kept.push_str(text.get(end..cut.start).unwrap_or_default());
            kept.push_str(CUT);
        }
        end = end.max(cut.end);
    }
    kept.push_str(text.get(end..).unwrap_or_default());
    kept
}

/// A character, and the bytes that spell it.
type Spelt = (char, Range<usize>);

/// Where the secret stands, or begins and the text ends.
fn found(text: &[Spelt], secret: &[char]) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    let mut rest = text;
    while let Some((_, first)) = rest.first() {
        let same = rest
            .iter()
            .zip(secret)
            .take_while(|((c, _), s)| c == *s)
            .count();
        let is_piece = same == rest.len() && same >= SHORTEST_PIECE;
        let taken = if same == secret.len() || is_piece {
            same
        } else {
            1
        };
        let (head, tail) = rest.split_at(taken);
        if let (true, Some((_, last))) = (same == secret.len() || is_piece, head.last()) {
            cuts.push(first.start..last.end);
        }
        rest = tail;
    }
    cuts
}

/// Reads `%2D`, `\u002d` and `\/` as the characters that they spell, also where that was itself
/// encoded once more (`%252D`, `\\u002d`).
fn decode(text: &str) -> Vec<Spelt> {
    let mut spelt = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (c, len) = match rest.chars().next() {
            Some('%') => percent_encoded(rest),
            Some('\\') => escaped(rest),
            _ => None,
        }
        .or_else(|| rest.chars().next().map(|c| (c, c.len_utf8())))
        .unwrap_or((char::REPLACEMENT_CHARACTER, rest.len()));
        spelt.push((c, at..at + len));
        at += len;
    }
    spelt
}

/// The character at the start of the text, and the length of its spelling in bytes.
fn percent_encoded(text: &str) -> Option<(char, usize)> {
    let mut start = 1;
    while text.get(start..)?.starts_with("25") && hex(text, start + 2, 2).is_some() {
        start += 2;
    }
    Some((hex(text, start, 2)?, start + 2))
}

/// Likewise, behind one backslash or several.
fn escaped(text: &str) -> Option<(char, usize)> {
    let behind = text.trim_start_matches('\\');
    let slashes = text.len() - behind.len();
    let c = behind.chars().next()?;
    let unicode = (c == 'u').then(|| hex(behind, 1, 4)).flatten();
    Some(match unicode {
        Some(unicode) => (unicode, slashes + 5),
        None => (c, slashes + c.len_utf8()),
    })
}

fn hex(text: &str, start: usize, len: usize) -> Option<char> {
    let digits = text.get(start..start + len)?;
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| char::from_u32(u32::from_str_radix(digits, 16).ok()?))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "sk-SECRET/0123";

    fn cut(text: &str) -> String {
        without(text.to_owned(), SECRET)
    }

    #[test]
    fn every_spelling_is_cut_out() {
        for (text, left) in [
            ("a sk-SECRET/0123 b", "a [key] b"),
            ("sk-SECRET/0123sk-SECRET/0123", "[key][key]"),
            ("a=sk%2DSECRET%2f0123&b", "a=[key]&b"),
            ("a=sk%252DSECRET%2f0123%25", "a=[key]%25"),
            (r"sk-SECRET\/0123", "[key]"),
            (r"sk\\u002dSECRET\\/0123\\", r"[key]\\"),
            (r"\u0073\u006B-SECRET/0123 \u0041", r"[key] \u0041"),
            ("cut off at sk-SECR", "cut off at [key]"),
            ("the prefix sk- alone", "the prefix sk- alone"),
            ("100 % sure \\", "100 % sure \\"),
        ] {
            assert_eq!(cut(text), left);
        }
    }

    #[test]
    fn a_secret_that_looks_like_an_escape_is_found_verbatim() {
        assert_eq!(without("x a%41b x".to_owned(), "a%41b"), "x [key] x");
        // A sign that spells nothing, encoded: 25 stands twice, and only the first time for the sign.
        assert_eq!(without("x a%255z x".to_owned(), "a%5z"), "x [key] x");
    }

    proptest! {
        #[test]
        fn nothing_else_is_lost(before in "[a-z %\\\\ü]{0,9}", after in "[a-z ü]{0,9}") {
            prop_assert_eq!(cut(&before), before.clone());
            let echoed = cut(&format!("{before} {SECRET}{after}"));
            prop_assert!(!echoed.contains("SECRET"), "{}", echoed);
        }

        #[test]
        fn every_character_may_be_escaped(how in prop::collection::vec(0u8..3, SECRET.len())) {
            let echoed: String = SECRET.bytes().zip(how).map(|(byte, how)| match how {
                0 => char::from(byte).to_string(),
                1 => format!("%{byte:02X}"),
                _ => format!("\\u{byte:04x}"),
            }).collect();
            prop_assert_eq!(cut(&format!("<{echoed}>")), "<[key]>");
        }
    }
}
