//! Answers that were paid for, and came in another form than the reference's.

use reqwest::header::HeaderMap;

use super::*;
use crate::transport::BodyFault;

/// Found with a proxy that gave a paid answer the status 429: it was asked three times, and nothing
/// of the three charges was told.
#[test]
fn a_verdict_that_was_paid_for_is_one_under_any_status() {
    let boxes = json!({"check_pass": true, "face_bbox": [1, 2, 3, 4], "ext_bbox": [1, 2, 3, 4]});
    for (output, is_pass) in [
        (boxes, true),
        (
            json!({"check_pass": false, "code": "", "message": ""}),
            false,
        ),
    ] {
        let paid = json!({"output": output, "usage": {"image_count": 1}}).to_string();
        let unpaid = json!({"output": output}).to_string();
        for status in [201, 301, 302, 307, 400, 404, 408, 429, 500, 502, 503, 504] {
            let read = read_bytes(status, paid.clone());
            assert_eq!(passes(&read), is_pass, "{status}");
            let read = read.unwrap();
            assert_eq!((read.charge, read.http_status), (Charge::Yes, status));
            if status >= 300 {
                read_bytes(status, unpaid.clone()).unwrap_err();
            }
        }
    }
}

#[test]
fn an_error_that_was_paid_for_is_told_so_and_not_asked_again() {
    let body = json!({"code": "Throttling", "message": "m", "usage": {"image_count": 1}});
    for status in [302, 400, 429, 500, 503, 504] {
        let draft = read_bytes(status, body.to_string()).unwrap_err();
        let (_, charge, retry) = end(&draft);
        assert_eq!(
            (charge, retry),
            (Charge::Yes, RetryClass::Never),
            "{status}"
        );
    }
}

/// Found by sending a paid pass in every dress that a gateway or a program for Windows could give
/// it: each was told as PF505, maybe charged, and paid for again by the next run.
#[test]
fn a_paid_pass_is_read_however_it_is_dressed() {
    let plain = String::from_utf8(pass_with("/request_id", json!("r"))).unwrap();
    let utf16 = |mark: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{plain}")
            .encode_utf16()
            .flat_map(unit)
            .collect()
    };
    for dressed in [
        utf16("\u{feff}", u16::to_le_bytes),
        utf16("\u{feff}", u16::to_be_bytes),
        utf16("", u16::to_le_bytes),
        format!("id:1\nevent:result\n:HTTP_STATUS/200\ndata:{plain}\n\n").into(),
        format!("{plain}\0\0\0\r\n").into(),
        format!("{plain}</html>").into(),
        plain.replace("\"r\"", "\"r\", \"score\": NaN").into(),
        plain.replace('{', "{ # comment\n").into(),
        [plain.as_bytes(), b"\xff\xfe"].concat(),
    ] {
        for status in [200, 302] {
            let read = read_bytes(status, dressed.clone());
            assert!(
                passes(&read),
                "{} {read:?}",
                String::from_utf8_lossy(&dressed)
            );
            let read = read.unwrap();
            assert_eq!(read.charge, Charge::Yes);
            assert_eq!(read.request_id.as_deref(), Some("r"));
        }
    }
    let huge = plain.replace("[1,2,3,4]", "[1.10,-0,1e400,4]");
    let read = read_bytes(200, huge).unwrap();
    let face = read.boxes().unwrap().face.to_string();
    assert_eq!(face, "[1.1,-0.0,1.7976931348623157e+308,4]");
}

/// The reference's own samples hold comments, and a comma too many.
#[test]
fn the_samples_of_the_reference_are_read_as_printed() {
    let passed = r#"{
        "output":{
            "check_pass": true,
            "face_bbox":[10,20,30,40], # Face bbox
            "ext_bbox": [40,60,80,90] # Dynamic area bbox
        },
        "usage":{ "image_count":1 },
        "request_id":"c56f62df-724e-9c19-96bd-308627cf5262"
    }"#;
    assert!(passes(&read_bytes(200, passed)));
    let failed = r#"{
        "output":{ "check_pass": false, "code": "", "message": "", },
        "usage":{ "image_count":1 },
        "request_id":"c56f62df-724e-9c19-96bd-308627cf5262"
    }"#;
    let failed = read_bytes(200, failed).unwrap();
    assert!(matches!(failed.verdict, Verdict::Fail(_)));
    assert_eq!(failed.charge, Charge::Yes);
}

#[test]
fn a_verdict_in_a_body_that_ended_early_is_kept() {
    let read = |body: &[u8]| {
        let reply = Reply {
            status: 200,
            headers: HeaderMap::new(),
            body: Err(BrokenBody {
                received: Bytes::copy_from_slice(body),
                fault: BodyFault::TimedOut,
            }),
        };
        read_whole_reply(reply)
    };
    let pass = pass_with("/request_id", json!("r"));
    assert!(passes(&read(&pass)));
    let lost = read(&pass[..pass.len() - 1]).unwrap_err();
    assert_eq!(
        end(&lost),
        (OutcomeUnknown, Charge::Unknown, RetryClass::Never)
    );
    let refused = read(br#"{"code":"InvalidApiKey"}"#).unwrap_err();
    assert_eq!(
        end(&refused),
        (OutcomeUnknown, Charge::Unknown, RetryClass::Never)
    );
}
