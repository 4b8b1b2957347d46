//! The answer to a request for a page of a listing: XML, as S3 and its dialects write it.

use percent_encoding::percent_decode_str;
use roxmltree::{Document, Node, ParsingOptions};

/// The most elements and texts in one page: some twenty for each of 1,000 keys, and room.
const MAX_NODES: u32 = 100_000;

/// One page of a listing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Page {
    /// The keys, as they are.
    pub(crate) keys: Vec<String>,
    /// What to ask for next; none at the end.
    pub(crate) next: Option<String>,
}

/// An answer that is no page of a listing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// A key that is not UTF-8.
    #[error("expected keys in UTF-8, but found other bytes")]
    Key,
    /// A page, and not one of a store.
    #[error("expected the XML of a listing, but found a web page")]
    Html,
    /// A page that says that there are more, and not how to ask for them.
    #[error("expected a continuation token beside IsTruncated, but found none")]
    Token,
    /// Something else.
    #[error("expected the XML of a listing, but found something else")]
    Xml,
}

impl Page {
    /// Reads a page. Namespaces are not looked at: dialects differ in them.
    pub(crate) fn read(body: &[u8]) -> Result<Self, PageError> {
        let text = str::from_utf8(body).map_err(|_| PageError::Xml)?;
        let text = text.trim_start_matches('\u{FEFF}');
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: MAX_NODES,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(text, options).map_err(|_| {
            let start = text.trim_start().get(..14).unwrap_or_default();
            let is_html = ["<!doctype html", "<html"]
                .iter()
                .any(|html| start.to_ascii_lowercase().starts_with(html));
            if is_html {
                PageError::Html
            } else {
                PageError::Xml
            }
        })?;
        let root = document.root_element();
        match root.tag_name().name() {
            "ListBucketResult" => Self::of(root),
            "html" => Err(PageError::Html),
            _ => Err(PageError::Xml),
        }
    }

    fn of(root: Node<'_, '_>) -> Result<Self, PageError> {
        let is_encoded = text_of(root, "EncodingType").is_some_and(|coding| coding == "url");
        let objects = children(root, "Contents");
        let keys =
            objects.map(|object| key(text_of(object, "Key").unwrap_or_default(), is_encoded));
        let keys = keys.collect::<Result<_, _>>()?;
        let next = text_of(root, "NextContinuationToken").filter(|token| !token.is_empty());
        let next = match text_of(root, "IsTruncated").unwrap_or_default() {
            "true" => Some(next.ok_or(PageError::Token)?.to_owned()),
            // Some send the token of the last page again.
            _ => None,
        };
        Ok(Self { keys, next })
    }
}

/// A key as it is. Amazon encodes as forms do: a blank is `+`, and a plus `%2B`.
fn key(text: &str, is_encoded: bool) -> Result<String, PageError> {
    if !is_encoded {
        return Ok(text.to_owned());
    }
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    Ok(decoded.map_err(|_| PageError::Key)?.into_owned())
}

fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.tag_name().name() == name)
}

fn text_of<'a>(node: Node<'a, '_>, name: &'static str) -> Option<&'a str> {
    children(node, name)
        .next()
        .map(|child| child.text().unwrap_or_default())
}
