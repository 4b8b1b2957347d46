//! Answers that are no verdict.

use super::*;

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
fn an_answer_of_somebody_else_stops_the_run() {
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
        (200, r#"{"status":"failed","reason":"zebra"}"#, ["zebra"; 3]),
        (
            400,
            r#"{"code":400,"error":{"code":"E42","message":"zebra"},"request_id":"P-1"}"#,
            ["E42", "zebra", "P-1"],
        ),
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

/// A gateway's status, with an error of the API: whether the service worked is not known.
#[test]
fn an_error_beyond_the_documented_statuses_may_be_charged() {
    for status in [501, 502, 505, 599] {
        let body = json!({"code": "InternalError", "message": "m"}).to_string();
        let draft = read_bytes(status, body).unwrap_err();
        let (_, charge, retry) = end(&draft);
        assert_eq!(
            (charge, retry),
            (Charge::Unknown, RetryClass::Never),
            "{status}"
        );
    }
}

#[test]
fn a_usage_of_zero_images_was_not_charged() {
    let said = |count: u64| {
        let body = json!({"code": "Throttling", "message": "m", "usage": {"image_count": count}});
        let (_, charge, retry) = end(&read_bytes(429, body.to_string()).unwrap_err());
        (charge, retry)
    };
    assert_eq!(said(0), (Charge::No, RetryClass::Yes));
    assert_eq!(said(1), (Charge::Yes, RetryClass::Never));
}
