//! What the store says when it refuses an upload: XML, as object stores do.

use super::failed;
use crate::error::ErrorDraft;
use crate::retry::RetryClass;
use crate::transport::Reply;

/// Reads a refusal: `<Error><Code>…</Code><Message>…</Message><RequestId>…</RequestId>…</Error>`.
pub(super) fn read(reply: Reply) -> ErrorDraft {
    let head = reply.head();
    let body = reply
        .body
        .map(|body| String::from_utf8_lossy(&body).into_owned())
        .unwrap_or_default();
    let (code, message) = (element(&body, "Code"), element(&body, "Message"));
    // A policy lives for minutes; the next try brings a new one.
    let expired = message
        .as_deref()
        .is_some_and(|message| message.contains("Policy expired"));
    let found = match body.trim() {
        "" => "an empty body",
        body => body,
    };
    let mut draft = failed(format!("expected an error of the store, but found {found}"));
    if code.is_some() {
        draft.detail = None;
    }
    if expired || head.status >= 500 || head.status == 429 {
        draft.classified.retry = RetryClass::Yes;
    }
    draft.request_id = element(&body, "RequestId");
    draft.with_api_error(code, message).with_head(head)
}

/// The text of the first element of this name. Not an XML reader: the four fields that matter hold
/// text only, and a body that is something else holds none of them.
fn element(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'");
    // The ampersand last, so that what it stands for is not read once more.
    Some(text.replace("&amp;", "&")).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::charge::Charge;
    use crate::error::ErrorKind;

    fn read_body(status: u16, body: &[u8]) -> ErrorDraft {
        read(Reply {
            status,
            headers: HeaderMap::new(),
            body: Ok(Bytes::copy_from_slice(body)),
        })
    }

    #[test]
    fn an_expired_policy_is_worth_another_try() {
        let body = br#"<?xml version="1.0"?><Error><Code>AccessDenied</Code>
            <Message>Invalid according to Policy: Policy expired.</Message><RequestId>5F</RequestId></Error>"#;
        let draft = read_body(403, body);
        assert_eq!(draft.classified.kind, ErrorKind::UploadFailed);
        assert_eq!(draft.classified.retry, RetryClass::Yes);
        assert_eq!(draft.api_code.as_deref(), Some("AccessDenied"));
        assert_eq!(draft.request_id.as_deref(), Some("5F"));
    }

    #[test]
    fn another_refusal_is_final_and_keeps_its_words() {
        let draft = read_body(
            400,
            b"<Error><Code>EntityTooLarge</Code><Message>5 &lt; 6 &amp;lt;</Message></Error>",
        );
        assert_eq!(draft.classified.retry, RetryClass::Never);
        assert_eq!(draft.api_message.as_deref(), Some("5 < 6 &lt;"));
        assert!(
            read_body(400, b"")
                .detail
                .is_some_and(|detail| detail.contains("empty"))
        );
    }

    proptest! {
        #[test]
        fn no_body_panics(status in 300u16..600, body: Vec<u8>) {
            let draft = read_body(status, &body);
            prop_assert_eq!(draft.classified.charge, Charge::No);
        }
    }
}
