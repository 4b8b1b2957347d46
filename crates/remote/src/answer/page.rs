//! Quotes from a body that is not JSON.

/// Whether the text is a web page.
pub(super) fn is_page(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    let opens = |tag: &str| text.contains(tag);
    text.starts_with('<')
        && ["<html", "<!doctype html", "<head", "<body", "<title"]
            .into_iter()
            .any(opens)
}

/// The text, or what a reader of the page would see of it first: its title, else its text.
pub(super) fn excerpt(text: &str) -> String {
    let text = text.trim();
    if !is_page(text) {
        return text.to_owned();
    }
    let title = element(text, "title")
        .map(visible)
        .filter(|title| !title.is_empty());
    title.unwrap_or_else(|| match visible(element(text, "body").unwrap_or(text)) {
        seen if seen.is_empty() => "a page without text".to_owned(),
        seen => seen,
    })
}

/// The inside of the first element of this name.
fn element<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let start = page.to_ascii_lowercase().find(&format!("<{name}"))?;
    let (_, inside) = page.get(start..)?.split_once('>')?;
    let end = inside.to_ascii_lowercase().find(&format!("</{name}"));
    inside.get(..end.unwrap_or(inside.len()))
}

/// The text between the tags, on one line. Scripts and styles stay in: who quotes 240 characters
/// needs no browser.
fn visible(markup: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for c in markup.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_is_quoted_by_its_title_or_its_text() {
        for (page, said) in [
            (
                "<html><head><title>404 Not\n Found</title></head><body>x</body>",
                "404 Not Found",
            ),
            (
                "<!DOCTYPE html><TITLE></TITLE><body><h1>No</h1><p>route</p></body>",
                "No route",
            ),
            ("<html></html>", "a page without text"),
        ] {
            assert!(is_page(page));
            assert_eq!(excerpt(page), said);
        }
        for text in [
            "upstream connect error",
            "<Error><Code>A</Code></Error>",
            "{",
            "",
        ] {
            assert!(!is_page(text), "{text}");
            assert_eq!(excerpt(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_page_panics(text in "(<(html|title|/title|body)>?|[<>a-zİ]){0,12}") {
            let _ = excerpt(&text);
        }
    }
}
