//! Answers as data, before they are written to a connection.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api_error::ApiError;
use crate::endpoint::Endpoint;
use crate::fault::Answer;

/// An answer, as data.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) payload: Payload,
    /// What it means as a code, wherever that stands in the body; for the counters.
    pub(crate) code: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    /// Any other header lines.
    pub(crate) headers: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Empty,
    Json(Value),
    Text {
        content_type: Option<String>,
        text: String,
    },
    /// JSON under no content type: what was recorded of the service's 401.
    UntypedJson(Value),
    Xml(String),
}

/// Who decided: the value of the header `x-standin-origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A fault that was ordered.
    Fault,
    /// The request, or the image's own format and size.
    Judged,
    /// Nobody: the boxes are invented.
    MadeUp,
    /// The script.
    Scripted,
}

impl Origin {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Judged => "judged",
            Self::MadeUp => "made-up",
            Self::Scripted => "scripted",
        }
    }
}

impl Reply {
    /// "Sample response (passed)" of the reference, with the boxes that there are.
    pub(crate) fn pass(
        face: Option<Value>,
        ext: Option<Value>,
        humanoid: Option<bool>,
        origin: Origin,
        request_id: &str,
    ) -> Self {
        let mut output = json!({"check_pass": true});
        add(&mut output, "face_bbox", face);
        add(&mut output, "ext_bbox", ext);
        add(&mut output, "humanoid", humanoid.map(Value::from));
        Self::checked(&output, None, origin, request_id)
    }

    /// "Sample response (failed)" of the reference. `reason` is the code that the counters show,
    /// whatever is sent.
    pub(crate) fn fail(
        reason: &str,
        code: &str,
        message: &str,
        humanoid: Option<bool>,
        origin: Origin,
        request_id: &str,
    ) -> Self {
        let mut output = json!({"check_pass": false, "code": code, "message": message});
        add(&mut output, "humanoid", humanoid.map(Value::from));
        Self::checked(&output, Some(reason.to_owned()), origin, request_id)
    }

    /// A 200 of the check: `usage` is there if and only if the call is charged.
    fn checked(output: &Value, code: Option<String>, origin: Origin, request_id: &str) -> Self {
        let body = json!({"output": output, "usage": {"image_count": 1}, "request_id": request_id});
        Self {
            code,
            ..Self::ok(Payload::Json(body), origin)
        }
    }

    pub(crate) fn ok(payload: Payload, origin: Origin) -> Self {
        Self {
            status: 200,
            payload,
            code: None,
            origin,
            retry_after: None,
            location: None,
            headers: BTreeMap::new(),
        }
    }

    /// An error in the layout of `endpoint`: XML from the store, JSON from the API.
    pub(crate) fn error(
        error: &ApiError,
        endpoint: Endpoint,
        origin: Origin,
        request_id: &str,
    ) -> Self {
        let payload = match endpoint {
            Endpoint::Upload => Payload::Xml(xml(error, request_id)),
            _ if error.status == 401 => Payload::UntypedJson(error.to_json(request_id)),
            _ => Payload::Json(error.to_json(request_id)),
        };
        Self {
            status: error.status,
            payload,
            code: Some(error.code.clone()),
            origin,
            retry_after: error.retry_after.clone(),
            location: None,
            headers: BTreeMap::new(),
        }
    }

    /// An answer as a fault has it.
    pub(crate) fn verbatim(answer: &Answer, request_id: &str) -> Self {
        Self {
            status: answer.status,
            payload: Payload::Text {
                content_type: answer.content_type.clone(),
                text: answer.body.replace("{id}", request_id),
            },
            code: None,
            origin: Origin::Fault,
            retry_after: None,
            location: answer.location.clone(),
            headers: answer.headers.clone(),
        }
    }

    /// A gateway's page: nothing in it is the service's.
    pub(crate) fn gateway(status: u16) -> Self {
        let text = format!(
            "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n"
        );
        Self {
            status,
            payload: Payload::Text {
                content_type: Some("text/html".to_owned()),
                text,
            },
            code: None,
            origin: Origin::Fault,
            retry_after: None,
            location: None,
            headers: BTreeMap::new(),
        }
    }

    /// Whether this answer is charged: the model ran, and said so in `usage`.
    pub(crate) fn is_billable(&self) -> bool {
        self.status == 200
            && matches!(&self.payload, Payload::Json(body) if body.pointer("/usage/image_count").is_some())
    }
}

fn add(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(value), Some(object)) = (value, object.as_object_mut()) {
        object.insert(name.to_owned(), value);
    }
}

/// The object store's error body.
fn xml(error: &ApiError, request_id: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>{}</Code>\n  <Message>{}</Message>\n  \
         <RequestId>{}</RequestId>\n  <HostId>standin</HostId>\n</Error>\n",
        escape(&error.code),
        escape(&error.message),
        escape(request_id),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
