//! Every body that a stranger may send, as a pure function of status and bytes.

use bytes::Bytes;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

use super::*;
use crate::error::classify::Classified;
use crate::retry::RetryClass;

use ErrorKind::{
    Account, ContractBroken, KeyRefused, Moderated, NotFetched, NotTheApi, OutcomeUnknown,
    RequestRefused, ServiceFailed, Throttled,
};

mod charges;
mod dressed;
mod errors;
mod properties;

fn read_reply(
    status: u16,
    headers: &[(&'static str, &str)],
    body: impl Into<Vec<u8>>,
) -> Result<Detection, Box<ErrorDraft>> {
    let headers = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )
    });
    read_whole_reply(Reply {
        status,
        headers: headers.collect(),
        body: Ok(Bytes::from(body.into())),
    })
}

fn read_whole_reply(reply: Reply) -> Result<Detection, Box<ErrorDraft>> {
    let asked = Asked {
        key: &ApiKey::new("sk-SECRET-0123").unwrap(),
        model: "emo-detect-v1",
        ratio: Ratio::Square,
        tries: Tries {
            attempts: 1,
            sent: 1,
        },
    };
    read(reply, asked).map_err(|draft| Box::new(draft.cleaned(asked.key)))
}

fn read_bytes(status: u16, body: impl Into<Vec<u8>>) -> Result<Detection, Box<ErrorDraft>> {
    read_reply(status, &[], body)
}

fn passes(answer: &Result<Detection, Box<ErrorDraft>>) -> bool {
    answer
        .as_ref()
        .is_ok_and(|detection| detection.boxes().is_some())
}

/// Kind, charge, and whether to ask again.
fn end(draft: &ErrorDraft) -> (ErrorKind, Charge, RetryClass) {
    let Classified {
        kind,
        charge,
        retry,
    } = draft.classified;
    (kind, charge, retry)
}

fn pass_with(path: &str, value: Value) -> Vec<u8> {
    let mut answer = json!({
        "output": {"check_pass": true, "face_bbox": [1, 2, 3, 4], "ext_bbox": [0, 0, 5, 5], "humanoid": true},
        "usage": {"image_count": 1},
        "request_id": "r",
    });
    *answer.pointer_mut(path).unwrap() = value;
    answer.to_string().into_bytes()
}

#[test]
fn a_pass_without_boxes_of_four_numbers_breaks_the_contract_and_was_charged() {
    for path in [wire::FACE_BBOX, wire::EXT_BBOX] {
        for value in [
            json!(null),
            json!([]),
            json!([1, 2, 3]),
            json!([1, 2, 3, 4, 5]),
            json!(["1", "2", "3", "4"]),
            json!([[1, 2], [3, 4]]),
            json!({"x1": 1, "y1": 2, "x2": 3, "y2": 4}),
            json!("1,2,3,4"),
        ] {
            let draft = read_bytes(200, pass_with(path, value.clone())).unwrap_err();
            assert_eq!(
                end(&draft),
                (ContractBroken, Charge::Yes, RetryClass::Never),
                "{path} {value}"
            );
            assert!(
                draft.detail.is_some_and(|detail| detail.contains(path)),
                "{path} {value}"
            );
            assert_eq!(draft.request_id.as_deref(), Some("r"));
        }
    }
}

#[test]
fn four_numbers_are_a_box_and_are_kept_as_sent() {
    for path in [wire::FACE_BBOX, wire::EXT_BBOX] {
        for value in [
            json!([3, 4, 1, 2]),
            json!([1, 2, 1, 4]),
            json!([1.5, 2, 3, 4]),
            json!([10.0, 2, 3, 4]),
            json!([-1, 2, 3, 4]),
            json!([1, 2, 3, 4_294_967_296_u64]),
            json!([1, 2, 3, 1e300]),
        ] {
            let detection = read_bytes(200, pass_with(path, value.clone())).unwrap();
            let boxes = serde_json::to_value(detection.boxes().unwrap()).unwrap();
            let field = if path == wire::FACE_BBOX {
                "face"
            } else {
                "ext"
            };
            assert_eq!(boxes[field], value);
        }
    }
}

#[test]
fn a_whole_pass_is_a_pass_whatever_stands_beside_it() {
    for (path, value) in [
        ("code", json!(200)),
        ("code", json!("200")),
        ("code", json!("Success")),
        ("code", json!(0)),
        ("code", json!("OK")),
        ("code", json!("")),
        ("code", json!("InternalError")),
        ("message", json!("Failed to download")),
        ("usage", json!(null)),
    ] {
        let mut answer: Value =
            serde_json::from_slice(&pass_with("/request_id", json!("r"))).unwrap();
        answer[path] = value.clone();
        let answer = read_bytes(200, answer.to_string());
        assert!(passes(&answer), "{path} {value}: {answer:?}");
        assert_eq!(answer.unwrap().charge, Charge::Yes);
    }
    let marked = [
        b"\xef\xbb\xbf".as_slice(),
        &pass_with("/request_id", json!("r")),
    ]
    .concat();
    assert!(passes(&read_bytes(200, marked)), "a byte order mark");
    let failed = json!({"code": 200, "message": "Success", "output": {"check_pass": false, "code": "", "message": ""}});
    let failed = read_bytes(200, failed.to_string()).unwrap();
    assert!(matches!(failed.verdict, Verdict::Fail(_)));
}

#[test]
fn check_pass_is_a_boolean_or_no_verdict() {
    for value in [
        json!(null),
        json!("true"),
        json!(1),
        json!([true]),
        json!({}),
    ] {
        let draft = read_bytes(200, pass_with(wire::CHECK_PASS, value.clone())).unwrap_err();
        assert_eq!(
            end(&draft),
            (ContractBroken, Charge::Yes, RetryClass::Never),
            "{value}"
        );
    }
}

#[test]
fn other_fields_of_wrong_types_hide_nothing() {
    for path in [
        wire::HUMANOID,
        "/usage",
        "/usage/image_count",
        "/request_id",
    ] {
        for value in [
            json!(null),
            json!([1]),
            json!({}),
            json!("x"),
            json!(-1),
            json!(1.5),
        ] {
            let answer = read_bytes(200, pass_with(path, value.clone()));
            assert!(passes(&answer), "{path} {value}");
            assert_eq!(answer.unwrap().charge, Charge::Yes);
        }
    }
}

#[test]
fn a_200_with_an_error_code_is_charged_if_it_says_so() {
    for (code, kind) in [
        ("InternalError", ContractBroken),
        ("Throttling", ContractBroken),
        ("InvalidApiKey", KeyRefused),
        ("Arrearage", Account),
        ("DataInspectionFailed", Moderated),
        ("InvalidURL", NotFetched),
    ] {
        let silent = json!({"code": code, "message": "m"});
        let billed = json!({"code": code, "message": "m", "usage": {"image_count": 1}});
        for (body, charge) in [(silent, Charge::Unknown), (billed, Charge::Yes)] {
            let draft = read_bytes(200, body.to_string()).unwrap_err();
            assert_eq!(end(&draft), (kind, charge, RetryClass::Never), "{body}");
            assert_eq!(draft.api_code.as_deref(), Some(code));
        }
    }
}

#[test]
fn a_check_that_failed_since_the_image_could_not_be_fetched_is_no_verdict() {
    let body = json!({
        "output": {"check_pass": false, "code": "", "message": "Failed to download the image"},
        "usage": {"image_count": 1},
    });
    let draft = read_bytes(200, body.to_string()).unwrap_err();
    assert_eq!(end(&draft), (NotFetched, Charge::Yes, RetryClass::Never));
    assert_eq!(
        draft.api_message.as_deref(),
        Some("Failed to download the image")
    );
}

/// Every reason by its code and by each of its sentences, as a 200 and as a 400.
#[test]
fn a_reason_is_recognised_in_every_shape() {
    for reason in FailureReason::DOCUMENTED {
        let code = reason.code().unwrap();
        let mut words = vec![(code, ""), (code, "new words")];
        for sentence in reason.sentences() {
            words.extend([
                ("", *sentence),
                ("InvalidFile.New", *sentence),
                ("Refused", *sentence),
            ]);
        }
        for (code, message) in words {
            let inner = json!({"output": {"check_pass": false, "code": code, "message": message}, "usage": {"image_count": 1}});
            let outer = json!({"code": code, "message": message, "request_id": "r"});
            let nested = json!({"output": {"code": code, "message": message}});
            for (status, body, charge) in [
                (200, &inner, Charge::Yes),
                (400, &outer, Charge::No),
                (400, &nested, Charge::No),
                (400, &inner, Charge::Yes),
            ] {
                let detection = read_bytes(status, body.to_string()).unwrap();
                let Verdict::Fail(failure) = &detection.verdict else {
                    panic!("{status} {body}");
                };
                assert_eq!(
                    (failure.reason(), detection.charge),
                    (reason, charge),
                    "{status} {body}"
                );
            }
        }
    }
}

#[test]
fn a_made_up_answer_is_told_by_its_header() {
    let body = pass_with("/request_id", json!("r"));
    assert!(!read_bytes(200, body.clone()).unwrap().made_up);
    assert!(
        read_reply(200, &[("x-standin", "made-up")], body)
            .unwrap()
            .made_up
    );
}

#[test]
fn openais_dialect_is_understood() {
    let body = r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"},"request_id":"q"}"#;
    let fault = read_bytes(401, body).unwrap_err();
    assert_eq!(
        (fault.classified.kind, fault.api_code.as_deref()),
        (KeyRefused, Some("invalid_api_key"))
    );
    assert_eq!(
        (fault.api_message.as_deref(), fault.request_id.as_deref()),
        (Some("Incorrect API key provided."), Some("q"))
    );
    let untold =
        r#"{"error":{"message":"m","type":"invalid_request_error","param":"purpose","code":null}}"#;
    assert_eq!(
        read_bytes(400, untold).unwrap_err().api_code.as_deref(),
        Some("invalid_request_error")
    );
}

#[test]
fn the_id_is_the_bodys_else_the_headers_on_verdicts_and_errors_alike() {
    let id = |status: u16, body: &'static str| match read_reply(
        status,
        &[("x-request-id", "header")],
        body,
    ) {
        Ok(detection) => detection.request_id,
        Err(draft) => draft.request_id,
    };
    for (status, bare, named) in [
        (
            200,
            r#"{"output":{"check_pass":false}}"#,
            r#"{"output":{"check_pass":false},"request_id":"body"}"#,
        ),
        (
            401,
            r#"{"code":"InvalidApiKey"}"#,
            r#"{"code":"InvalidApiKey","requestId":"body"}"#,
        ),
        (200, "{}", r#"{"request_id":"body"}"#),
    ] {
        assert_eq!(id(status, bare).as_deref(), Some("header"), "{bare}");
        assert_eq!(id(status, named).as_deref(), Some("body"), "{named}");
    }
    assert_eq!(id(502, "<html>").as_deref(), Some("header"));
}
