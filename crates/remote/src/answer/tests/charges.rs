//! What an answer without a verdict costs, and whether to ask again, where no code of the table says
//! so. And which texts of it are kept.

use reqwest::header::HeaderMap;

use super::*;
use crate::transport::BodyFault;

/// What a status says by itself, and what it says with an error of the API that is not listed.
/// Found by mutation testing: no test told the two apart.
#[test]
fn a_status_means_one_thing_alone_and_another_with_an_unlisted_code() {
    let no = Charge::No;
    let maybe = Charge::Unknown;
    let (never, again) = (RetryClass::Never, RetryClass::Yes);
    for (status, alone, coded) in [
        (
            400,
            (RequestRefused, no, never),
            (RequestRefused, no, never),
        ),
        (401, (KeyRefused, no, never), (KeyRefused, no, never)),
        (404, (NotTheApi, no, never), (RequestRefused, no, never)),
        (405, (NotTheApi, no, never), (RequestRefused, no, never)),
        (
            408,
            (OutcomeUnknown, maybe, never),
            (OutcomeUnknown, maybe, never),
        ),
        (
            413,
            (RequestRefused, no, never),
            (RequestRefused, no, never),
        ),
        (429, (Throttled, no, again), (Throttled, no, again)),
        (
            500,
            (ServiceFailed, maybe, never),
            (ServiceFailed, no, never),
        ),
        (
            501,
            (ServiceFailed, maybe, never),
            (ServiceFailed, maybe, never),
        ),
        (
            502,
            (OutcomeUnknown, maybe, never),
            (OutcomeUnknown, maybe, never),
        ),
        (
            503,
            (ServiceFailed, maybe, never),
            (ServiceFailed, no, again),
        ),
        (
            504,
            (OutcomeUnknown, maybe, never),
            (OutcomeUnknown, maybe, never),
        ),
    ] {
        for body in ["", "upstream connect error", "[1]"] {
            let draft = read_bytes(status, body).unwrap_err();
            assert_eq!(end(&draft), alone, "{status} {body}");
        }
        let body = json!({"code": "TeaPot", "message": "short and stout"}).to_string();
        let draft = read_bytes(status, body).unwrap_err();
        assert_eq!(end(&draft), coded, "{status} with a code");
    }
}

/// A gateway that gives the service's code in a header of its own does not speak for the service:
/// whether a 500 was charged is as little known as without it.
#[test]
fn a_code_in_a_gateways_header_changes_no_charge() {
    for status in [200, 400, 401, 408, 429, 500, 502, 503, 504] {
        let silent = read_bytes(status, "").unwrap_err();
        let headers = [("x-ca-error-code", "Throttling")];
        let named = read_reply(status, &headers, "").unwrap_err();
        assert_eq!(end(&named), end(&silent), "{status}");
        assert_eq!(named.api_code.as_deref(), Some("Throttling"));
    }
}

/// "Later" is believed of an answer that says so by its status; "once more" of any refusal.
#[test]
fn a_code_that_allows_another_try_does_so_under_its_own_statuses() {
    for (status, code, retry) in [
        (400, "InvalidURL.Timeout", RetryClass::Once),
        (404, "BadRequest.InputDownloadFailed", RetryClass::Once),
        (429, "InvalidURL.Timeout", RetryClass::Once),
        (400, "Throttling", RetryClass::Never),
        (403, "Throttling.BurstRate", RetryClass::Never),
        (429, "Throttling", RetryClass::Yes),
        (503, "Throttling", RetryClass::Yes),
    ] {
        let draft = read_bytes(status, json!({"code": code}).to_string()).unwrap_err();
        assert_eq!(draft.classified.charge, Charge::No, "{status} {code}");
        assert_eq!(draft.classified.retry, retry, "{status} {code}");
    }
    for code in ["InvalidURL.Timeout", "InternalError", "TeaPot"] {
        for status in [408, 504] {
            let draft = read_bytes(status, json!({"code": code}).to_string()).unwrap_err();
            let lost = (OutcomeUnknown, Charge::Unknown, RetryClass::Never);
            assert_eq!(end(&draft), lost, "{status} {code}");
        }
    }
}

#[test]
fn words_of_arrears_mean_the_account_under_codes_that_mean_anything() {
    for code in [
        json!("InternalError"),
        json!("InvalidParameter"),
        json!(null),
    ] {
        let message = "Access denied, your account is in arrears.";
        let body = json!({"code": code, "message": message}).to_string();
        let draft = read_bytes(400, body).unwrap_err();
        assert_eq!(
            end(&draft),
            (Account, Charge::No, RetryClass::Never),
            "{code}"
        );
    }
}

/// A rejection that is new to us is one all the same; an error that is listed is none, though it
/// speaks like one.
#[test]
fn a_rejection_is_known_by_its_prefix_or_its_sentence_and_not_against_a_listed_code() {
    let sentence = FailureReason::NoHuman.sentences()[0];
    for (code, message) in [
        ("InvalidFile.Sunglasses", "The person wears sunglasses."),
        ("InvalidFile.Sunglasses", ""),
        ("InvalidFile.NoHuman", "Failed to download the image."),
        ("Rejected", sentence),
    ] {
        let body = json!({"code": code, "message": message}).to_string();
        let detection = read_bytes(400, body).unwrap();
        let Verdict::Fail(failure) = &detection.verdict else {
            panic!("{code}: {detection:?}");
        };
        assert_eq!((failure.code(), detection.charge), (Some(code), Charge::No));
    }
    for (code, message, kind) in [
        (
            "InvalidFile.Gone",
            "Failed to download the image.",
            NotFetched,
        ),
        ("InvalidParameter", sentence, RequestRefused),
        ("InvalidApiKey", sentence, KeyRefused),
    ] {
        let body = json!({"code": code, "message": message}).to_string();
        let draft = read_bytes(400, body).unwrap_err();
        assert_eq!(end(&draft), (kind, Charge::No, RetryClass::Never), "{code}");
    }
}

#[test]
fn a_broken_contract_is_told_by_what_stands_there_instead() {
    for (value, found) in [
        (json!(null), "null"),
        (json!("true"), "a string"),
        (json!(1), "a number"),
        (json!([true, 2.5]), "[?, 2.5]"),
        (json!([1, 2, 3, 4, 5, 6, 7, 8]), "[1, 2, 3, 4, 5, 6, 7, 8]"),
        (
            json!([1, 2, 3, 4, 5, 6, 7, 8, 9]),
            "[1, 2, 3, 4, 5, 6, 7, 8, …]",
        ),
        (json!({}), "an object"),
    ] {
        let draft = read_bytes(200, pass_with(wire::CHECK_PASS, value)).unwrap_err();
        let detail = draft.detail.unwrap();
        let said = format!("expected true or false in /output/check_pass, but found {found} in ");
        assert!(detail.starts_with(&said), "{detail}");
    }
    let draft = read_bytes(200, pass_with(wire::FACE_BBOX, json!(false))).unwrap_err();
    let detail = draft.detail.unwrap();
    assert!(
        detail.ends_with("in /output/face_bbox, but found a boolean"),
        "{detail}"
    );
    let draft = read_bytes(200, json!({"output": {}}).to_string()).unwrap_err();
    assert!(draft.detail.unwrap().contains("but found nothing in "));
    for empty in ["", " \r\n\t"] {
        let draft = read_bytes(200, empty).unwrap_err();
        let said = "expected JSON, but found an empty body";
        assert_eq!(draft.detail.as_deref(), Some(said));
    }
}

/// The service said why: our own words would only repeat the answer.
#[test]
fn a_check_that_says_that_it_could_not_fetch_is_told_in_the_services_words() {
    let body = json!({"output": {"check_pass": false, "message": "Failed to download the image"}});
    let draft = read_bytes(200, body.to_string()).unwrap_err();
    assert_eq!((draft.classified.kind, draft.detail), (NotFetched, None));
}

#[test]
fn a_code_may_be_a_number() {
    let draft = read_bytes(400, json!({"code": 40_001, "message": "m"}).to_string()).unwrap_err();
    assert_eq!(draft.api_code.as_deref(), Some("40001"));
}

#[test]
fn a_body_that_was_cut_tells_what_cut_it() {
    let reply = Reply {
        status: 200,
        headers: HeaderMap::new(),
        body: Err(BrokenBody {
            received: Bytes::from_static(b"{\"output\":"),
            fault: BodyFault::Cut("reset by peer".into()),
        }),
    };
    let draft = read_whole_reply(reply).unwrap_err();
    assert_eq!(
        draft.detail.as_deref(),
        Some("the answer's body ended early")
    );
    assert_eq!(draft.source.unwrap().to_string(), "reset by peer");
}

/// Each text that a draft keeps, without the key and not too long.
#[test]
fn no_kept_text_holds_the_key_or_goes_on_for_ever() {
    let echo = format!("sk-SECRET-0123 {}", "x".repeat(3_000));
    let named = json!({"code": echo, "message": echo, "request_id": echo}).to_string();
    let draft = read_bytes(401, named).unwrap_err();
    let quoted = read_bytes(500, echo.as_str()).unwrap_err();
    for (text, most) in [
        (draft.api_code, 2_000),
        (draft.api_message, 2_000),
        (draft.request_id, 2_000),
        (quoted.detail, 240),
    ] {
        let text = text.unwrap();
        assert!(text.contains("[key] xxx") && text.ends_with("x…"), "{text}");
        assert_eq!(text.chars().count(), most + 1);
    }
}
