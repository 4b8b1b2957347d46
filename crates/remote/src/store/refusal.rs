//! What the store says when it refuses an upload: XML, as object stores do.

use crate::answer::Fault;
use crate::api_code::Again;
use crate::detection::Charge;
use crate::error::ErrorKind;
use crate::store::senseless;
use crate::transport::Reply;

/// Reads a refusal: `<Error><Code>…</Code><Message>…</Message><RequestId>…</RequestId>…</Error>`.
pub(super) fn read(reply: Reply) -> Fault {
    let body = reply
        .body
        .map(|body| String::from_utf8_lossy(&body).into_owned())
        .unwrap_or_default();
    let (code, message) = (element(&body, "Code"), element(&body, "Message"));
    // A policy lives for minutes; the next try brings a new one.
    let expired = message
        .as_deref()
        .is_some_and(|message| message.contains("Policy expired"));
    let known = code.is_some();
    Fault {
        kind: ErrorKind::Store,
        charge: Charge::No,
        again: if expired || reply.status >= 500 || reply.status == 429 {
            Again::Yes
        } else {
            Again::Never
        },
        api_code: code,
        api_message: message,
        request_id: element(&body, "RequestId").or(reply.request_id),
        detail: (!known && body.trim().is_empty())
            .then(|| "expected an error of the store, but found an empty body".to_owned()),
        ..senseless(String::new())
    }
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

    use super::*;

    fn read_body(status: u16, body: &[u8]) -> Fault {
        let body = Ok(Bytes::copy_from_slice(body));
        read(Reply {
            status,
            request_id: None,
            retry_after: None,
            body,
        })
    }

    #[test]
    fn an_expired_policy_is_worth_another_try() {
        let body = br#"<?xml version="1.0"?><Error><Code>AccessDenied</Code>
            <Message>Invalid according to Policy: Policy expired.</Message><RequestId>5F</RequestId></Error>"#;
        let fault = read_body(403, body);
        assert_eq!((fault.kind, fault.again), (ErrorKind::Store, Again::Yes));
        assert_eq!(fault.api_code.as_deref(), Some("AccessDenied"));
        assert_eq!(fault.request_id.as_deref(), Some("5F"));
    }

    #[test]
    fn another_refusal_is_final_and_keeps_its_words() {
        let fault = read_body(
            400,
            b"<Error><Code>EntityTooLarge</Code><Message>5 &lt; 6 &amp;lt;</Message></Error>",
        );
        assert_eq!(
            (fault.again, fault.api_message.as_deref()),
            (Again::Never, Some("5 < 6 &lt;"))
        );
        assert!(read_body(400, b"").detail.is_some());
    }

    proptest! {
        #[test]
        fn no_body_panics(status in 300u16..600, body: Vec<u8>) {
            let fault = read_body(status, &body);
            prop_assert_eq!(fault.charge, Charge::No);
        }
    }
}
