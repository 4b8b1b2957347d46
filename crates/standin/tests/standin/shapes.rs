//! Answers in every dress that a client may meet.

use std::io::Read;

use serde_json::{Value, json};
use standin::{ApiError, ErrorStyle, Fault};

use crate::support::{Answer, Api};

fn numbers(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_box_is_whatever_the_script_says() {
    for (written, sent) in [
        ("[302, 286, 610, 593]", Some("[302,286,610,593]")),
        ("[-12, -3, 840, 849]", Some("[-12,-3,840,849]")),
        (
            "[302.4, 286.0, 610, 593.25]",
            Some("[302.4,286.0,610,593.25]"),
        ),
        ("[0, 0, 90000, 90000]", Some("[0,0,90000,90000]")),
        ("[610, 593, 302, 286]", Some("[610,593,302,286]")),
        ("[10, 20, 30]", Some("[10,20,30]")),
        ("[1, 2, 3, 4, 5]", Some("[1,2,3,4,5]")),
        ("[]", Some("[]")),
        ("\"null\"", Some("null")),
        ("\"missing\"", None),
    ] {
        for field in ["face_bbox", "ext_bbox"] {
            let api = Api::scripted(&format!(
                "[[image]]\nname = \"a.png\"\n{field} = {written}\n"
            ))
            .await;
            let answer = api.detect_named("a.png").await;
            let output = answer.json()["output"].clone();
            assert_eq!(output["check_pass"], true);
            assert_eq!(output.get(field).cloned(), sent.map(numbers), "{written}");
            // The other one is made up, and the call is charged whatever the boxes are.
            assert_eq!(
                output.as_object().unwrap().len(),
                if sent.is_some() { 3 } else { 2 }
            );
            assert_eq!(api.standin.stats().billable, 1);
        }
    }
}

#[tokio::test]
async fn a_paid_answer_may_be_compressed_or_marked() {
    for shape in ["gzip", "byte-order-mark"] {
        let api = Api::scripted(&format!(
            "[[image]]\nname = \"a.png\"\nfault = \"{shape}\"\n"
        ))
        .await;
        let lent = api.lend("a.png");
        let response = api.request(lent.url()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let encoding = response.headers().get("content-encoding").cloned();
        let bytes = response.bytes().await.unwrap();
        let text = if shape == "gzip" {
            assert_eq!(encoding.unwrap(), "gzip");
            let mut text = String::new();
            flate2::read::GzDecoder::new(&*bytes)
                .read_to_string(&mut text)
                .unwrap();
            text
        } else {
            assert_eq!(encoding, None);
            let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap();
            String::from_utf8(rest.to_vec()).unwrap()
        };
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body["output"]["check_pass"], true);
        assert_eq!(api.standin.stats().billable, 1);
    }
}

#[tokio::test]
async fn a_code_of_success_may_stand_beside_a_verdict() {
    let api = Api::start().await;
    for code in [json!(200), json!("200"), json!("Success"), json!(0)] {
        api.standin.next(Fault::set("/code", code.clone()));
        let body = api.detect_named("a.png").await.json();
        assert_eq!(
            (&body["code"], &body["output"]["check_pass"]),
            (&code, &json!(true))
        );
    }
    assert_eq!(api.standin.stats().billable, 4);
}

#[tokio::test]
async fn a_sentence_may_come_without_any_code() {
    for (shape, code) in [
        ("ok200-sentence", "/output/code"),
        ("bad400-sentence", "/code"),
    ] {
        let api = Api::scripted(&format!(
            "[[image]]\nname = \"a.png\"\nverdict = \"InvalidFile.Value\"\nshape = \"{shape}\"\n\
             fault = {{ remove = \"{code}\" }}\n"
        ))
        .await;
        let answer = api.detect_named("a.png").await;
        assert_eq!(answer.json().pointer(code), None);
        assert!(
            answer.text.contains("Please upload a clearer image."),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn errors_in_other_dialects() {
    let api = Api::start().await;
    for (style, name, pointers) in [
        (
            ErrorStyle::Native,
            "native",
            ["/code", "/message", "/request_id"],
        ),
        (
            ErrorStyle::Capitalized,
            "capitalized",
            ["/Code", "/Message", "/RequestId"],
        ),
        (
            ErrorStyle::Camel,
            "camel",
            ["/errorCode", "/errorMsg", "/requestId"],
        ),
        (
            ErrorStyle::OpenAi,
            "openai",
            ["/error/code", "/error/message", ""],
        ),
    ] {
        let error = ApiError::new("InvalidAccessKeyId.NotFound")
            .status(404)
            .message("Specified access key is not found.");
        api.standin.next(error.style(style));
        let ordered = api.detect_named("a.png").await;
        let scripted = Api::scripted(&format!(
            "[[image]]\nname = \"a.png\"\nfault = {{ error = {{ code = \"InvalidAccessKeyId.NotFound\", \
             status = 404, message = \"Specified access key is not found.\", style = \"{name}\" }} }}"
        ))
        .await;
        for answer in [ordered, scripted.detect_named("a.png").await] {
            assert_eq!(answer.status, 404);
            assert_eq!(answer.at(pointers[0]), "InvalidAccessKeyId.NotFound");
            assert_eq!(answer.at(pointers[1]), "Specified access key is not found.");
            if !pointers[2].is_empty() {
                assert_eq!(
                    Some(answer.at(pointers[2]).as_str()),
                    answer.header("x-request-id")
                );
            }
        }
    }
}

#[tokio::test]
async fn somebody_else_may_answer() {
    let api = Api::scripted(
        "[[image]]\nname = \"empty.png\"\nfault = { answer = { status = 404 } }\n\
         [[image]]\nname = \"gateway.png\"\n\
         fault = { answer = { status = 403, headers = { X-Ca-Error-Message = \"Unauthorized\", \"no header\" = \"x\" } } }\n\
         [[image]]\nname = \"own.png\"\n\
         fault = { answer = { status = 200, content_type = \"text/json\", body = '{\"request_id\":\"{id}\"}' } }\n",
    )
    .await;
    let empty = api.detect_named("empty.png").await;
    assert_eq!((empty.status, empty.text.as_str()), (404, ""));
    assert_eq!(empty.header("content-type"), None);
    let gateway = api.detect_named("gateway.png").await;
    assert_eq!(gateway.header("x-ca-error-message"), Some("Unauthorized"));
    let own: Answer = api.detect_named("own.png").await;
    assert_eq!(
        Some(own.at("/request_id").as_str()),
        own.header("x-request-id")
    );
    assert_eq!(own.header("content-type"), Some("text/json"));
    assert_eq!(api.standin.stats().billable, 0);
}
