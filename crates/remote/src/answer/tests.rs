//! Every body that a stranger may send, as a pure function of status and bytes.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read_bytes(status: u16, body: impl Into<Vec<u8>>) -> Result<Judged, Fault> {
    read(Reply {
        status,
        request_id: None,
        retry_after: None,
        body: Ok(Bytes::from(body.into())),
    })
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
fn a_pass_without_sound_boxes_breaks_the_contract_and_was_charged() {
    for path in [wire::FACE_BBOX, wire::EXT_BBOX] {
        for value in [
            json!(null),
            json!([]),
            json!([1, 2, 3]),
            json!([1, 2, 3, 4, 5]),
            json!([3, 4, 1, 2]),
            json!([1, 2, 1, 4]),
            json!([1.5, 2, 3, 4]),
            json!([-1, 2, 3, 4]),
            json!([1, 2, 3, 4_294_967_296_u64]),
            json!([1, 2, 3, 1e300]),
            json!(["1", "2", "3", "4"]),
            json!([[1, 2], [3, 4]]),
            json!({"x1": 1, "y1": 2, "x2": 3, "y2": 4}),
            json!("1,2,3,4"),
        ] {
            let fault = read_bytes(200, pass_with(path, value.clone())).unwrap_err();
            assert_eq!(
                (fault.kind, fault.charge),
                (ErrorKind::Contract, Charge::Yes),
                "{path} {value}"
            );
            assert!(
                fault.detail.is_some_and(|detail| detail.contains(path)),
                "{path} {value}"
            );
            assert_eq!(fault.request_id.as_deref(), Some("r"));
        }
    }
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
        let fault = read_bytes(200, pass_with(wire::CHECK_PASS, value.clone())).unwrap_err();
        assert_eq!(
            (fault.kind, fault.charge),
            (ErrorKind::Contract, Charge::Yes),
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
            let judged = read_bytes(200, pass_with(path, value.clone())).unwrap();
            assert!(matches!(judged.verdict, Verdict::Pass(_)), "{path} {value}");
            assert_eq!(judged.charge, Charge::Yes);
        }
    }
}

#[test]
fn a_200_with_an_error_code_is_charged_if_it_says_so() {
    let code = json!({"code": "InternalError", "message": "m"});
    let usage = json!({"code": "InternalError", "message": "m", "usage": {"image_count": 1}});
    for (body, charge) in [(code, Charge::Unknown), (usage, Charge::Yes)] {
        let fault = read_bytes(200, body.to_string()).unwrap_err();
        assert_eq!(
            (fault.kind, fault.charge, fault.again),
            (ErrorKind::Contract, charge, Again::Never)
        );
        assert_eq!(fault.api_code.as_deref(), Some("InternalError"));
    }
    let blank = pass_with("/request_id", json!("r"));
    let mut answer: Value = serde_json::from_slice(&blank).unwrap();
    answer["code"] = json!("");
    answer["message"] = json!("");
    assert!(
        read_bytes(200, answer.to_string()).is_ok(),
        "blank is as good as absent"
    );
}

#[test]
fn a_rejections_code_outweighs_the_flag() {
    let mut answer: Value = serde_json::from_slice(&pass_with("/request_id", json!("r"))).unwrap();
    answer["output"]["code"] = json!("InvalidFile.NoHuman");
    assert!(matches!(
        read_bytes(200, answer.to_string()).unwrap().verdict,
        Verdict::Fail(_)
    ));
}

#[test]
fn openais_dialect_is_understood() {
    let body = r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"},"request_id":"q"}"#;
    let fault = read_bytes(401, body).unwrap_err();
    assert_eq!(
        (fault.kind, fault.api_code.as_deref()),
        (ErrorKind::Key, Some("invalid_api_key"))
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
fn a_charged_refusal_is_not_repeated() {
    let body = r#"{"code":"Throttling","message":"m","usage":{"image_count":1}}"#;
    let fault = read_bytes(429, body).unwrap_err();
    assert_eq!((fault.charge, fault.again), (Charge::Yes, Again::Never));
}

#[test]
fn the_id_is_the_bodys_else_the_headers_on_verdicts_and_faults_alike() {
    let id = |status: u16, body: &'static str| {
        let reply = Reply {
            status,
            request_id: Some("header".to_owned()),
            retry_after: None,
            body: Ok(Bytes::from(body)),
        };
        match read(reply) {
            Ok(judged) => judged.request_id,
            Err(fault) => fault.request_id,
        }
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
        let pass = read_bytes(status, body).is_ok_and(|judged| matches!(judged.verdict, Verdict::Pass(_)));
        prop_assert!(!pass);
    }

    #[test]
    fn a_pass_is_a_200_with_a_true_flag_and_two_boxes(status in prop_oneof![Just(200u16), 200u16..600], answer in answers()) {
        match read_bytes(status, answer.to_string()) {
            Ok(Judged { verdict: Verdict::Pass(boxes), charge, .. }) => {
                prop_assert!((200..300).contains(&status) && charge == Charge::Yes);
                prop_assert_eq!(answer.pointer("/output/check_pass"), Some(&Value::Bool(true)));
                for (path, corners) in [(wire::FACE_BBOX, boxes.face.corners()), (wire::EXT_BBOX, boxes.ext.corners())] {
                    let sent: Vec<f64> = answer.pointer(path).unwrap().as_array().unwrap().iter().filter_map(Value::as_f64).collect();
                    prop_assert_eq!(sent, corners.map(f64::from).to_vec());
                }
            }
            Ok(_) => {}
            // What is asked again was certainly not charged.
            Err(fault) => prop_assert!(fault.again == Again::Never || fault.charge == Charge::No),
        }
    }

    #[test]
    fn a_prefix_of_a_pass_is_lost(cut in 0usize..100) {
        let whole = pass_with("/request_id", json!("r"));
        let fault = read_bytes(200, &whole[..cut.min(whole.len() - 1)]).unwrap_err();
        prop_assert_eq!((fault.kind, fault.charge), (ErrorKind::Lost, Charge::Unknown));
    }

    #[test]
    fn nothing_kept_holds_the_key(padding in 0usize..2100, status in prop_oneof![Just(200u16), Just(401), Just(400), Just(502)]) {
        let key = ApiKey::new("sk-SECRET-0123").unwrap();
        let echo = format!("{}sk-SECRET-0123 and sk-SECRET-0123", "x".repeat(padding));
        for body in [
            echo.clone(),
            json!({"code": echo, "message": echo, "request_id": echo}).to_string(),
            json!({"output": {"check_pass": echo, "code": echo, "message": echo}, "request_id": echo}).to_string(),
            json!({"code": format!("InvalidFile.{echo}"), "message": echo, "request_id": echo}).to_string(),
            json!({"output": {"check_pass": true, "face_bbox": [echo], "ext_bbox": echo}}).to_string(),
        ] {
            let shown = match read_bytes(status, body) {
                Ok(judged) => format!("{:?}", judged.cleaned(&key)),
                Err(fault) => {
                    let error = fault.into_error(&key, Some((status, None)), Tries { attempts: 1, sent: 1 });
                    format!("{error} {error:?}")
                }
            };
            prop_assert!(!shown.contains("SECRET"), "{}", shown);
        }
    }
}
