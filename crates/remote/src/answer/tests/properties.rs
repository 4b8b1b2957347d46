//! What holds of any bytes.

use proptest::prelude::*;

use super::*;

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
    fn a_pass_is_a_200_or_paid_for_with_a_true_flag_and_two_boxes(status in prop_oneof![Just(200u16), 200u16..600], answer in answers()) {
        let text = answer.to_string();
        let answer = match json::find(&text) {
            Found::Object(answer) => answer,
            Found::Other | Found::Nothing => Value::Null,
        };
        let whole = ((200..300).contains(&status) || wire::is_charged(&answer))
            && answer.pointer("/output/check_pass") == Some(&Value::Bool(true))
            && [wire::FACE_BBOX, wire::EXT_BBOX].iter().all(|path| answer.pointer(path).and_then(BoundingBox::of).is_some());
        let read = read_bytes(status, text);
        prop_assert_eq!(passes(&read), whole);
        match read {
            Ok(detection) => prop_assert!(detection.charge == Charge::Yes || status >= 300),
            // Only a call that was certainly not charged is repeated.
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
