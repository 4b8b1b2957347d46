//! Uploads that the store refuses, in XML as object stores do.

use super::*;

#[tokio::test]
async fn the_store_refuses_in_xml() {
    let api = Api::start().await;
    let data = api.granted().await;
    let own = key(&data, "a.png");
    let with = |name: &str, value: &str| {
        let mut fields = fields(&data, &own);
        for field in &mut fields {
            if field.0 == name {
                field.1 = value.to_owned();
            }
        }
        form(fields, "x")
    };
    let without = |name: &str| {
        let mut fields = fields(&data, &own);
        fields.retain(|field| field.0 != name);
        form(fields, "x")
    };
    for (what, form, status, code) in [
        (
            "another's key",
            with("OSSAccessKeyId", "LTAI-other"),
            403,
            "InvalidAccessKeyId",
        ),
        (
            "another's signature",
            with("Signature", "AAAA"),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "another policy",
            with("policy", "e30="),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "another folder",
            with("key", "elsewhere/a.png"),
            403,
            "AccessDenied",
        ),
        (
            "the folder itself",
            with("key", data["upload_dir"].as_str().unwrap()),
            403,
            "AccessDenied",
        ),
        (
            "another acl",
            with("x-oss-object-acl", "public-read"),
            403,
            "AccessDenied",
        ),
        (
            "overwriting",
            with("x-oss-forbid-overwrite", "false"),
            403,
            "AccessDenied",
        ),
        ("no policy", without("policy"), 400, "InvalidArgument"),
        ("no key", without("key"), 400, "InvalidArgument"),
        (
            "no overwrite",
            without("x-oss-forbid-overwrite"),
            403,
            "AccessDenied",
        ),
        (
            "no file",
            Form::new().text("key", own.clone()),
            400,
            "InvalidArgument",
        ),
        (
            "a long field",
            with("key", &"x".repeat(20_000)),
            400,
            "InvalidArgument",
        ),
    ] {
        let answer = api.upload(&data, form).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        assert!(
            answer.text.contains(&format!("<Code>{code}</Code>")),
            "{what}: {}",
            answer.text
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/xml"),
            "{what}"
        );
    }
}
