//! Every body that a stranger may send, as a pure function of status and bytes.

use bytes::Bytes;
use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

use super::*;
use crate::error::classify::Classified;
use crate::error::codes::RetryClass;

use ErrorKind::{
    Account, ContractBroken, KeyRefused, Moderated, NotFetched, NotTheApi, OutcomeUnknown,
    RequestRefused, ServiceFailed, Throttled,
};

fn read_reply(
    status: u16,
    headers: &[(&'static str, &str)],
    body: impl Into<Vec<u8>>,
) -> Result<Detection, ErrorDraft> {
    let headers = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )
    });
    let reply = Reply {
        status,
        headers: headers.collect(),
        body: Ok(Bytes::from(body.into())),
    };
    let asked = Asked {
        key: &ApiKey::new("sk-SECRET-0123").unwrap(),
        model: "emo-detect-v1",
        ratio: Ratio::Square,
        tries: Tries {
            attempts: 1,
            sent: 1,
        },
    };
    read(reply, asked).map_err(|draft| draft.cleaned(asked.key))
}

fn read_bytes(status: u16, body: impl Into<Vec<u8>>) -> Result<Detection, ErrorDraft> {
    read_reply(status, &[], body)
}

fn passes(answer: &Result<Detection, ErrorDraft>) -> bool {
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

/// Every documented code, under the status that it comes with and under another one.
#[test]
fn a_code_means_the_same_under_any_status_of_a_refusal() {
    for kind in ErrorKind::ALL {
        for code in kind.codes() {
            for status in [400, 403, 404, 405, 429, 500, 503] {
                let draft = read_bytes(status, json!({"code": code, "message": "m"}).to_string())
                    .unwrap_err();
                let (found, charge, retry) = end(&draft);
                assert_eq!((found, charge), (kind, Charge::No), "{status} {code}");
                let later = matches!(status, 429 | 500 | 503) || retry == RetryClass::Once;
                assert!(later || retry == RetryClass::Never, "{status} {code}");
                assert!(retry == RetryClass::Never || !kind.stops_the_run());
                let billed = json!({"code": code, "message": "m", "usage": {"image_count": 1}});
                let billed = read_bytes(status, billed.to_string()).unwrap_err();
                assert_eq!(
                    end(&billed),
                    (kind, Charge::Yes, RetryClass::Never),
                    "{status} {code}"
                );
            }
            let late = read_bytes(504, json!({"code": code}).to_string()).unwrap_err();
            assert_eq!(end(&late).1, Charge::Unknown, "{code}");
        }
    }
}

#[test]
fn words_decide_where_the_vendor_reuses_codes() {
    for (status, code, message, kind, retry) in [
        (
            400,
            "InternalError.Algo.InvalidParameter",
            "Failed to download multimodal content",
            NotFetched,
            RetryClass::Never,
        ),
        (
            500,
            "InternalError.Algo",
            "Download the media resource timed out",
            NotFetched,
            RetryClass::Never,
        ),
        (
            400,
            "InternalError.Algo.InvalidParameter",
            "Range of seed",
            RequestRefused,
            RetryClass::Never,
        ),
        (
            429,
            "insufficient_quota",
            "Free allocated quota exceeded.",
            Account,
            RetryClass::Never,
        ),
        (
            429,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan",
            Throttled,
            RetryClass::Yes,
        ),
        (
            400,
            "DataInspectionFailed",
            "Input data may contain inappropriate content.",
            Moderated,
            RetryClass::Never,
        ),
        (
            500,
            "InternalError.Algo",
            "Inference error: Inference error.",
            ServiceFailed,
            RetryClass::Never,
        ),
    ] {
        let body = json!({"code": code, "message": message, "request_id": "r"});
        let draft = read_bytes(status, body.to_string()).unwrap_err();
        assert_eq!(
            end(&draft),
            (kind, Charge::No, retry),
            "{status} {code} {message}"
        );
    }
}

#[test]
fn whoever_is_not_the_api_stops_the_run() {
    for (status, body) in [
        (404, ""),
        (405, ""),
        (404, "404 page not found"),
        (404, r#"{"detail":"Not Found"}"#),
        (404, r#"{"code":404,"message":"no route"}"#),
        (405, r#"{"error":"Method Not Allowed"}"#),
        (403, "<html><title>Blocked</title></html>"),
        (302, ""),
        (301, r#"{"code":"InvalidApiKey"}"#),
    ] {
        let draft = read_bytes(status, body).unwrap_err();
        assert_eq!(
            end(&draft),
            (NotTheApi, Charge::No, RetryClass::Never),
            "{status} {body}"
        );
        let error = draft
            .into_error(Tries {
                attempts: 1,
                sent: 1,
            })
            .to_string();
        assert!(error.contains("base URL"), "{error}");
    }
    let page = read_bytes(200, "<!doctype html><title>Console</title>").unwrap_err();
    assert_eq!(end(&page), (NotTheApi, Charge::Unknown, RetryClass::Never));
    assert!(page.detail.is_some_and(|detail| detail.contains("Console")));
    for (status, kind) in [
        (502, OutcomeUnknown),
        (503, ServiceFailed),
        (504, OutcomeUnknown),
        (401, KeyRefused),
    ] {
        assert_eq!(
            end(&read_bytes(status, "<html></html>").unwrap_err()).0,
            kind,
            "{status}"
        );
    }
}

#[test]
fn errors_in_other_dialects_are_quoted() {
    for (status, body, words) in [
        (
            404,
            r#"{"RequestId":"P-1","HostId":"h","Code":"InvalidAccessKeyId.NotFound","Message":"zebra"}"#,
            ["InvalidAccessKeyId.NotFound", "zebra", "P-1"],
        ),
        (
            400,
            r#"{"errorCode":"E42","errorMsg":"zebra","requestId":"P-1"}"#,
            ["E42", "zebra", "P-1"],
        ),
        (
            400,
            r#"{"error":{"code":"bad","message":"zebra","type":"t"},"request_id":"P-1"}"#,
            ["bad", "zebra", "P-1"],
        ),
        (
            400,
            r#"{"Error":{"Code":"bad","Message":"zebra"},"RequestId":"P-1"}"#,
            ["bad", "zebra", "P-1"],
        ),
        (400, r#"{"error":"zebra"}"#, ["zebra"; 3]),
        (400, r#"{"detail":"zebra"}"#, ["zebra"; 3]),
        (400, r#"{"detail":[{"msg":"zebra"}]}"#, ["zebra"; 3]),
        (
            500,
            r#"{"error":"e","error_description":"zebra"}"#,
            ["zebra"; 3],
        ),
        (
            403,
            "<html><head><title>zebra</title></head></html>",
            ["zebra"; 3],
        ),
        (
            403,
            "<html><body><h1>zebra</h1></body></html>",
            ["zebra"; 3],
        ),
        (500, "zebra crossing", ["zebra"; 3]),
    ] {
        let error = read_bytes(status, body)
            .unwrap_err()
            .into_error(Tries::default())
            .to_string();
        for word in words {
            assert!(error.contains(word), "{word} in {error}");
        }
    }
    let headers = [
        ("x-ca-error-message", "Invalid zebra"),
        ("x-ca-request-id", "P-1"),
    ];
    let draft = read_reply(403, &headers, "").unwrap_err();
    let error = draft.into_error(Tries::default()).to_string();
    assert!(
        error.contains("Invalid zebra") && error.contains("P-1"),
        "{error}"
    );
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

/// JSON that looks like an answer, with anything anywhere.
fn answers() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![
            Just("InvalidFile.NoHuman"),
            Just("Throttling"),
            Just(""),
            Just("x")
        ]
        .prop_map(Value::from),
        prop::collection::vec(-3i64..9, 0..6).prop_map(Value::from),
    ];
    let field = prop_oneof![
        Just("output"),
        Just("check_pass"),
        Just("face_bbox"),
        Just("ext_bbox"),
        Just("code"),
        Just("message"),
        Just("usage"),
        Just("image_count"),
        Just("error"),
        Just("request_id"),
    ];
    leaf.prop_recursive(3, 24, 8, move |inner| {
        prop::collection::hash_map(field.clone().prop_map(str::to_owned), inner, 0..8)
            .prop_map(|fields| Value::Object(fields.into_iter().collect()))
    })
}

proptest! {
    #[test]
    fn no_bytes_panic_or_pass(status in 100u16..1000, body: Vec<u8>) {
        prop_assert!(!passes(&read_bytes(status, body)));
    }

    #[test]
    fn a_pass_is_a_200_with_a_true_flag_and_two_boxes(status in prop_oneof![Just(200u16), 200u16..600], answer in answers()) {
        let whole = (200..300).contains(&status)
            && answer.pointer("/output/check_pass") == Some(&Value::Bool(true))
            && [wire::FACE_BBOX, wire::EXT_BBOX].iter().all(|path| answer.pointer(path).and_then(BoundingBox::of).is_some());
        let read = read_bytes(status, answer.to_string());
        prop_assert_eq!(passes(&read), whole);
        match read {
            Ok(detection) => prop_assert!(detection.charge == Charge::Yes || status >= 300),
            // What is asked again was certainly not charged.
            Err(draft) => {
                let (_, charge, retry) = end(&draft);
                prop_assert!(retry == RetryClass::Never || charge == Charge::No);
            }
        }
    }

    #[test]
    fn a_prefix_of_a_pass_is_lost(cut in 0usize..100) {
        let whole = pass_with("/request_id", json!("r"));
        let draft = read_bytes(200, &whole[..cut.min(whole.len() - 1)]).unwrap_err();
        prop_assert_eq!(end(&draft), (OutcomeUnknown, Charge::Unknown, RetryClass::Never));
    }

    #[test]
    fn nothing_kept_holds_the_key(padding in 0usize..2100, spelling in 0usize..3, status in prop_oneof![Just(200u16), Just(401), Just(400), Just(404), Just(502)]) {
        let spelt = ["sk-SECRET-0123", "sk%2DSECRET%2D0123", r"sk\u002dSECRET-0123"][spelling];
        let echo = format!("{}{spelt} and {spelt}", "x".repeat(padding));
        for body in [
            echo.clone(),
            format!("<html><title>{echo}</title></html>"),
            json!({"code": echo, "message": echo, "request_id": echo}).to_string(),
            json!({"other": [echo]}).to_string(),
            json!({"output": {"check_pass": echo, "code": echo, "message": echo}, "request_id": echo}).to_string(),
            json!({"code": format!("InvalidFile.{echo}"), "message": echo, "request_id": echo}).to_string(),
            json!({"output": {"check_pass": true, "face_bbox": [echo], "ext_bbox": echo}}).to_string(),
        ] {
            let shown = match read_reply(status, &[("x-ca-error-message", &echo)], body) {
                Ok(detection) => format!("{detection:?}"),
                Err(draft) => {
                    let error = draft.into_error(Tries { attempts: 1, sent: 1 });
                    format!("{error} {error:?}")
                }
            };
            prop_assert!(!shown.contains("SECRET"), "{}", shown);
        }
    }
}
