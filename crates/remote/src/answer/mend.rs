//! JSON that is nearly JSON, made readable.

/// Makes these readable, and leaves the rest as it is:
///
/// - numbers that no double holds, `1e400`, and what programs write for them, `Infinity`: the
///   largest double; `NaN`: null;
/// - control characters: blanks; a backslash that escapes nothing: itself;
/// - comments, `#` and `//`, and a comma behind the last item, as the reference's own samples have.
pub(super) fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '"' => push_string(rest, &mut out),
            '#' => line(rest),
            '/' if rest.starts_with("//") => line(rest),
            c if is_word(c) => {
                let word = rest.split(|c| !is_word(c)).next().unwrap_or_default();
                push_word(word, &mut out);
                word.len()
            }
            c if is_blank(c) => {
                out.push(' ');
                c.len_utf8()
            }
            c => {
                if matches!(c, '}' | ']') {
                    drop_last_comma(&mut out);
                }
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// Whether a character stands for nothing outside of a string: a blank, a control character, a byte
/// order mark.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

/// The bytes up to the end of the line.
fn line(rest: &str) -> usize {
    rest.find(['\n', '\r']).unwrap_or(rest.len())
}

/// Rust reads the words of all languages for these: `inf`, `Infinity`, `-nan`.
fn push_word(word: &str, out: &mut String) {
    match word.parse::<f64>() {
        Ok(number) if number.is_nan() => out.push_str("null"),
        Ok(number) if number.is_infinite() => {
            out.push_str(&format!("{:e}", f64::MAX.copysign(number)));
        }
        _ => out.push_str(word),
    }
}

fn drop_last_comma(out: &mut String) {
    let end = out.trim_end().len();
    if out.get(..end).is_some_and(|text| text.ends_with(',')) {
        out.truncate(end - 1);
    }
}

/// Pushes the string that the text begins with, and says how many bytes of the text it was.
fn push_string(text: &str, out: &mut String) -> usize {
    out.push('"');
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                out.push('"');
                return at + 1;
            }
            '\\' => match chars.next_if(|(_, escaped)| r#""\/bfnrtu"#.contains(*escaped)) {
                Some((_, escaped)) => out.extend(['\\', escaped]),
                None => out.push_str(r"\\"),
            },
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> Value {
        let mended = mended(text);
        serde_json::from_str(&mended).unwrap_or_else(|error| panic!("{error}: {mended}"))
    }

    #[test]
    fn what_is_nearly_json_is_readable() {
        for (text, value) in [
            (
                "[1e400, -1e400, 1e-400, 1.10]",
                json!([f64::MAX, -f64::MAX, 0.0, 1.1]),
            ),
            (
                "[NaN, -Infinity, inf, null]",
                json!([null, -f64::MAX, f64::MAX, null]),
            ),
            (
                "{\"a\": [1,2,], # a, \"b\"\n \"c\": true, }",
                json!({"a": [1, 2], "c": true}),
            ),
            (
                "{ // http://x\r \"a\": \"http://x#y\", }",
                json!({"a": "http://x#y"}),
            ),
            ("\0{\0\"a\":\"b\n\tc\"}\u{feff}", json!({"a": "b  c"})),
            (
                r#"{"a":"\x \\ \" \u00e9 ,}"}"#,
                json!({"a": r#"\x \ " é ,}"#}),
            ),
        ] {
            assert_eq!(read(text), value, "{text}");
        }
        // One slash begins no comment.
        assert_eq!(mended("{\"a\": 1 / 2}"), "{\"a\": 1 / 2}");
    }

    proptest! {
        #[test]
        fn json_stays_what_it_is(value in value()) {
            prop_assert_eq!(read(&value.to_string()), value);
        }

        #[test]
        fn no_text_panics(text in "[\\PC\"\\\\#/\n]{0,60}") {
            let _ = mended(&text);
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e300..1e300).prop_map(Value::from),
            "[\\PC\"\\\\#/,\n]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z#,]{0,4}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }
}
