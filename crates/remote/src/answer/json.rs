//! The JSON in the text of an answer, however it is dressed.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::mend::{is_blank, mended};
use crate::wire;

/// Places of a text at which an answer is looked for. A real one begins with the text, or a few
/// lines later.
const MAX_STARTS: usize = 500;

/// Places at which the text is mended before it is read. Mending copies all that follows.
const MAX_MENDED: usize = 20;

/// What a text holds.
pub(super) enum Found {
    /// An object: the answer.
    Object(Value),
    /// JSON that is not an object.
    Other,
    /// Text that is not JSON.
    Nothing,
}

/// The answer that a text holds: the text itself, if it is one JSON object; else an object in it
/// that speaks as the service does. So server-sent events, a function or an array around the
/// answer, a string of JSON, and anything in front or behind lose nothing.
pub(super) fn find(text: &str) -> Found {
    let text = event_data(text.trim_matches(is_blank));
    let whole = whole(&text);
    let answer = match &whole {
        Some(object) if wire::is_answer(object) => None,
        Some(Value::String(inner)) => answer_in(inner),
        _ => answer_in(&text),
    };
    match answer.or(whole).or_else(|| first_object(&text)) {
        Some(object @ Value::Object(_)) => Found::Object(object),
        Some(_) => Found::Other,
        None => Found::Nothing,
    }
}

/// The object in a text that speaks as the service does, wherever it stands: the last with a
/// verdict, else the last.
pub(super) fn find_answer(text: &str) -> Option<Value> {
    answer_in(&event_data(text))
}

fn whole(text: &str) -> Option<Value> {
    let read = |text: &str| serde_json::from_str(text).ok();
    read(text).or_else(|| read(&mended(text)))
}

/// The object that a text begins with, whatever stands behind it.
fn first_object(text: &str) -> Option<Value> {
    let (value, _) = text.starts_with('{').then(|| value_at(text))??;
    Some(value)
}

fn answer_in(text: &str) -> Option<Value> {
    let mut found = None;
    let mut mends = 0..MAX_MENDED;
    let mut read_to = 0;
    for (start, _) in text.match_indices('{').take(MAX_STARTS) {
        if start < read_to {
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        let Some((answer, len)) = answer_at(rest, &mut mends) else {
            continue;
        };
        read_to = start + len;
        let has_verdict = |answer: &Value| answer.pointer(wire::CHECK_PASS).is_some();
        if has_verdict(&answer) || !found.as_ref().is_some_and(has_verdict) {
            found = Some(answer);
        }
    }
    found
}

/// The answer that a text begins with, and how many bytes it takes, as far as that is known.
fn answer_at(text: &str, mends: &mut Range<usize>) -> Option<(Value, usize)> {
    let read = value_at(text).or_else(|| {
        mends.next()?;
        Some((value_at(&mended(text))?.0, 0))
    });
    read.filter(|(value, _)| wire::is_answer(value))
}

/// The JSON that a text begins with, and its length in bytes.
fn value_at(text: &str) -> Option<(Value, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// The data of server-sent events (HTML, section 9.2.6), one after another, if the text is such.
fn event_data(text: &str) -> Cow<'_, str> {
    let data = |line: &'_ str| line.strip_prefix("data:").map(str::to_owned);
    let lines = || text.split(['\n', '\r']);
    if text.starts_with('{') || !lines().any(|line| line.starts_with("data:")) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(lines().filter_map(data).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ANSWER: &str = r#"{"output":{"check_pass":true},"usage":{"image_count":1}}"#;

    fn object(text: &str) -> Option<Value> {
        match find(text) {
            Found::Object(object) => Some(object),
            Found::Other | Found::Nothing => None,
        }
    }

    #[test]
    fn an_answer_is_found_in_any_dress() {
        let answer: Value = serde_json::from_str(ANSWER).unwrap();
        let string = Value::from(ANSWER).to_string();
        for text in [
            ANSWER,
            &format!("\u{feff}\0 \r\n{ANSWER}\0\0\0 \n"),
            &format!("{ANSWER}\n{{\"code\":\"InternalError\"}}"),
            &format!("{ANSWER}<!-- cached -->"),
            &format!("{{\"progress\":1}}\n{ANSWER}"),
            &format!("data: {ANSWER}\n\n"),
            &format!("id:1\nevent:result\n:HTTP_STATUS/200\ndata:{ANSWER}\n\ndata: [DONE]\n\n"),
            &format!("event: progress\r\ndata: {{\"output\":{{}}}}\r\n\r\ndata: {ANSWER}\r\n\r\n"),
            &ANSWER.replace(',', ",\ndata: ").replacen('{', "data: {", 1),
            &format!(
                "data: {}\n\ndata: {ANSWER}\n\n",
                ANSWER.replace("true", "false")
            ),
            &format!("callback({ANSWER});"),
            &format!("/**/ while(1); {ANSWER}"),
            &format!("[{ANSWER}]"),
            &format!("{{\"data\":{ANSWER},\"status\":\"ok\"}}"),
            &format!("<pre>{ANSWER}</pre>"),
            &format!("Warning: \"a\" is deprecated {{x}}\n{ANSWER}"),
            &ANSWER.replace("true", "true, # passed\n"),
            &format!("data: {}", ANSWER.replace("true", "true, \"score\": NaN")),
            &string,
        ] {
            let found = object(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                found["output"]["check_pass"], answer["output"]["check_pass"],
                "{text}"
            );
            assert_eq!(found["usage"], answer["usage"], "{text}");
        }
    }

    /// The last with a verdict, else the last; and a part of an answer is no answer.
    #[test]
    fn of_several_answers_the_last_verdict_counts() {
        let failed = ANSWER.replace("true", "false");
        let around = ANSWER.replace("1}", &format!("1}},\"debug\":{{\"trace\":{failed}}}"));
        let progress = r#"{"output":{"task_status":"RUNNING"}}"#;
        for text in [
            format!("1: {failed} 2: {ANSWER}"),
            format!("1: {ANSWER} 2: {progress}"),
            format!("1: {progress} 2: {ANSWER}"),
            format!("1: {around}"),
            around.replace("true", "true, \"score\": NaN"),
        ] {
            let found = object(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found["output"]["check_pass"], json!(true), "{text}");
        }
        let found = object(&format!("1: {progress} 2: ok")).unwrap();
        assert_eq!(found["output"]["task_status"], json!("RUNNING"));
    }

    #[test]
    fn an_error_is_read_as_it_stands() {
        for (text, said) in [
            (
                r#"{"code":"A","detail":{"code":"B","request_id":"r"}}"#,
                json!("A"),
            ),
            ("event:error\ndata:{\"code\":\"A\"}\n\n", json!("A")),
            ("{\"code\":\"A\"} and more", json!("A")),
        ] {
            assert_eq!(object(text).unwrap()["code"], said, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_answer() {
        for text in ["[1]", "\"text\"", "5", "null", "[{\"a\":1}]"] {
            assert!(matches!(find(text), Found::Other), "{text}");
        }
        for text in [
            "",
            "upstream error {\"code\":1}",
            "<html><script>var x = {\"code\": 1}</script></html>",
            "{\"output\":",
            "data:",
        ] {
            assert!(matches!(find(text), Found::Nothing), "{text}");
        }
    }

    #[test]
    fn the_search_is_bounded() {
        let far = |starts: usize| format!("{}{ANSWER}", "{ ".repeat(starts));
        assert!(find_answer(&far(MAX_STARTS - 1)).is_some());
        assert!(find_answer(&far(MAX_STARTS)).is_none());
        let broken = |starts: usize| {
            format!(
                "{}{}",
                "{x ".repeat(starts),
                ANSWER.replace("true", "true,")
            )
        };
        assert!(find_answer(&broken(MAX_MENDED - 1)).is_some());
        assert!(find_answer(&broken(MAX_MENDED)).is_none());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(data:|[\\PC\\{\\}\\[\\]\":,\n]){0,80}") {
            let _ = find(&text);
        }
    }
}
