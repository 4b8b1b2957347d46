//! The temporary store: policy, upload, and what either may answer.

use std::time::SystemTime;

use remote::{Charge, ErrorKind, OssUrl, Retry};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::server::{Act, KEY, Server, http, json};

fn policy(host: &str) -> Value {
    json!({
        "request_id": "52f4383a",
        "data": {
            "policy": "eyJl", "signature": "eWy6", "upload_dir": "dashscope-instant/7d/2024-07-18/5b",
            "upload_host": host, "expire_in_seconds": 300, "max_file_size_mb": "1",
            "capacity_limit_mb": 999_999_999, "oss_access_key_id": "LTAI5tG", "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        },
    })
}

fn policy_for(store: &Server) -> Act {
    json(
        200,
        &policy(&format!("http://127.0.0.1:{}", store.port)).to_string(),
    )
}

#[tokio::test]
async fn a_file_goes_to_the_store_without_the_key_and_last_in_the_form() {
    let store = Server::start([json(200, "")]).await;
    let service = Server::start([policy_for(&store)]).await;
    let image = b"\xff\xd8 image";
    let file = file_of(image);
    let before = SystemTime::now();
    let uploading = service.client().temporary_store();
    let upload = uploading
        .upload_file(file, image.len() as u64, "Änna Müller.JPG")
        .await
        .unwrap();
    assert_eq!(upload.len, image.len() as u64);
    assert_eq!(upload.sha256, <[u8; 32]>::from(Sha256::digest(image)));
    let upload = upload.url;

    let asked = service.requests().remove(0);
    assert!(
        asked.starts_with("GET /api/v1/uploads?action=getPolicy&model=emo-detect-v1 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains(KEY));
    let sent = store.requests().remove(0);
    assert!(
        !sent.contains(KEY) && !sent.to_lowercase().contains("authorization"),
        "{sent}"
    );
    assert!(!sent.to_lowercase().contains("transfer-encoding"), "{sent}");
    let names: Vec<&str> = sent
        .split("; name=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .collect();
    assert_eq!(
        names,
        [
            "OSSAccessKeyId",
            "policy",
            "Signature",
            "key",
            "x-oss-object-acl",
            "x-oss-forbid-overwrite",
            "success_action_status",
            "x-oss-content-type",
            "file",
        ]
    );
    assert!(
        sent.contains("Content-Type: image/jpeg\r\n") && sent.contains("image\r\n--"),
        "{sent}"
    );

    let key = upload.as_str().strip_prefix("oss://").unwrap();
    assert!(
        key.starts_with("dashscope-instant/7d/2024-07-18/5b/")
            && key.ends_with(".jpg")
            && key.is_ascii()
    );
    assert!(
        sent.contains(&format!("\r\n\r\n{key}\r\n")),
        "{key} in {sent}"
    );
    assert_eq!(upload.model(), Some("emo-detect-v1"));
    let lives = upload.expires_at().unwrap().duration_since(before).unwrap();
    assert!(lives >= OssUrl::LIFETIME && lives.as_secs() < OssUrl::LIFETIME.as_secs() + 60);
}

#[tokio::test]
async fn an_expired_policy_is_replaced_by_a_new_one_and_no_name_is_used_twice() {
    let expired = "<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>";
    let store = Server::start([json(403, expired), Act::CloseAtOnce, json(204, "")]).await;
    let service = Server::start([policy_for(&store)]).await;
    service
        .client()
        .temporary_store()
        .upload_bytes(vec![0; 10], "png")
        .await
        .unwrap();
    assert_eq!((service.requests().len(), store.connections()), (3, 3));
    let names: Vec<String> = store
        .requests()
        .iter()
        .filter_map(|sent| {
            Some(
                sent.split("name=\"key\"\r\n\r\n")
                    .nth(1)?
                    .split('\r')
                    .next()?
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
}

#[tokio::test]
async fn the_stores_refusal_is_told_in_its_words() {
    let refusal = "<Error><Code>EntityTooLarge</Code><Message>too large</Message><RequestId>7A</RequestId></Error>";
    let store = Server::start([json(400, refusal)]).await;
    let service = Server::start([policy_for(&store)]).await;
    let error = service
        .client()
        .temporary_store()
        .upload_bytes(vec![0; 10], "png")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.charge(), error.api_code()),
        (ErrorKind::UploadFailed, Charge::No, Some("EntityTooLarge"))
    );
    assert_eq!(
        (error.http_status(), error.request_id(), store.connections()),
        (Some(400), Some("7A"), 1)
    );
}

#[tokio::test]
async fn a_senseless_policy_sends_nothing() {
    let store = Server::start([json(200, "")]).await;
    let sound = policy(&format!("http://127.0.0.1:{}", store.port));
    let with = |path: &str, value: Value| {
        let mut policy = sound.clone();
        *policy.pointer_mut(path).unwrap() = value;
        policy.to_string()
    };
    for body in [
        with("/data/upload_host", json!("http://store.example.com")),
        with("/data/upload_host", json!("file:///etc/passwd")),
        with("/data/upload_host", json!(null)),
        with("/data/upload_dir", json!("a b")),
        with("/data/max_file_size_mb", json!("many")),
        with("/data/signature", json!({})),
        with("/data", json!([])),
        "{}".to_owned(),
    ] {
        let service = Server::start([json(200, &body)]).await;
        let error = service
            .client()
            .temporary_store()
            .upload_bytes(vec![1], "png")
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.charge()),
            (ErrorKind::UploadFailed, Charge::No),
            "{body}: {error}"
        );
        assert!(error.to_string().contains("expected"), "{error}");
    }
    assert_eq!(store.connections(), 0);
}

#[tokio::test]
async fn what_the_policy_call_refuses_is_told_as_of_any_call() {
    let refused = Server::start([json(
        401,
        r#"{"code":"InvalidApiKey","message":"Invalid API-key provided."}"#,
    )])
    .await;
    let error = refused
        .client()
        .temporary_store()
        .upload_bytes(vec![1], "png")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.charge(), refused.requests().len()),
        (ErrorKind::KeyRefused, Charge::No, 1)
    );
    let gateway = Server::start([Act::Answer(http(502, "", "<html>"))]).await;
    let error = gateway
        .client()
        .temporary_store()
        .upload_bytes(vec![1], "png")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.charge(), gateway.requests().len()),
        (ErrorKind::UploadFailed, Charge::No, 3)
    );
}

#[tokio::test]
async fn files_that_cannot_be_sent_are_refused_at_home() {
    let store = Server::start([json(200, "")]).await;
    let service = Server::start([policy_for(&store)]).await;
    let lending = service.client().temporary_store();
    let large = lending
        .upload_bytes(vec![0; 1024 * 1024 + 1], "png")
        .await
        .unwrap_err();
    assert!(
        large
            .to_string()
            .contains("at most 1048576 bytes, but found 1048577"),
        "{large}"
    );
    let nameless = lending.upload_bytes(vec![1], "a/b").await.unwrap_err();
    for error in [large, nameless] {
        assert_eq!(
            (error.kind(), error.charge()),
            (ErrorKind::UploadFailed, Charge::No),
            "{error}"
        );
    }
    assert_eq!(store.connections(), 0);
}

/// An open file of these bytes.
fn file_of(bytes: &[u8]) -> tokio::fs::File {
    use std::io::Write;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    tokio::fs::File::from_std(file)
}

#[tokio::test]
async fn a_file_is_sent_from_its_start_at_each_try_and_no_longer_than_told() {
    let store = Server::start([json(503, ""), json(200, "")]).await;
    let service = Server::start([policy_for(&store)]).await;
    let uploading = service.client().temporary_store();
    let upload = uploading
        .upload_file(file_of(b"first, then grown"), 5, "png")
        .await
        .unwrap();
    assert_eq!(
        (upload.len, upload.sha256),
        (5, <[u8; 32]>::from(Sha256::digest(b"first")))
    );
    for sent in store.requests() {
        assert!(sent.contains("\r\n\r\nfirst\r\n--"), "{sent}");
    }
    assert_eq!(store.requests().len(), 2);
}

#[tokio::test]
async fn a_file_that_ends_early_is_no_upload() {
    let store = Server::start([json(200, "")]).await;
    let service = Server::start([policy_for(&store)]).await;
    let uploading = service.client().temporary_store();
    let error = uploading
        .upload_file(file_of(b"short"), 50, "png")
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("ended 45 bytes early"),
        "{error}"
    );
    assert_eq!(
        (error.kind(), error.charge(), error.attempts()),
        (ErrorKind::UploadFailed, Charge::No, 1)
    );
    assert_eq!((service.requests().len(), store.requests().len()), (1, 0));
}

#[tokio::test]
async fn a_file_of_just_the_size_that_the_store_takes_is_sent() {
    let store = Server::start([json(200, "")]).await;
    let service = Server::start([policy_for(&store)]).await;
    let whole = vec![7; 1024 * 1024];
    let upload = service.client().temporary_store();
    let upload = upload.upload_bytes(whole, "png").await.unwrap();
    assert_eq!(upload.len, 1024 * 1024);
}

#[tokio::test]
async fn each_extension_of_the_reference_has_its_media_type() {
    for (name, media_type) in [
        ("a.jpeg", "image/jpeg"),
        ("a.PNG", "image/png"),
        ("a.bmp", "image/bmp"),
        ("a.webp", "image/webp"),
        ("a.gif", "application/octet-stream"),
    ] {
        let store = Server::start([json(200, "")]).await;
        let service = Server::start([policy_for(&store)]).await;
        let uploading = service.client().temporary_store();
        uploading.upload_bytes(vec![1], name).await.unwrap();
        let sent = store.requests().remove(0);
        assert!(
            sent.contains(&format!("Content-Type: {media_type}\r\n")),
            "{sent}"
        );
        assert!(
            sent.contains(&format!("\r\n\r\n{media_type}\r\n")),
            "{sent}"
        );
    }
}

/// The vendor documents a text, and a boolean is no less clear.
#[tokio::test]
async fn a_flag_of_the_policy_may_be_a_boolean() {
    let store = Server::start([json(200, "")]).await;
    let mut policy = policy(&format!("http://127.0.0.1:{}", store.port));
    *policy.pointer_mut("/data/x_oss_forbid_overwrite").unwrap() = true.into();
    let service = Server::start([json(200, &policy.to_string())]).await;
    let uploading = service.client().temporary_store();
    uploading.upload_bytes(vec![1], "png").await.unwrap();
    let sent = store.requests().remove(0);
    let flag = "name=\"x-oss-forbid-overwrite\"\r\n\r\ntrue\r\n";
    assert!(sent.contains(flag), "{sent}");
}

/// A store that was not reached, and one that took the bytes and said nothing.
#[tokio::test]
async fn an_upload_that_left_has_failed_and_one_that_did_not_has_no_store() {
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let mute = Server::start([Act::Answer(Vec::new())]).await;
    for (port, kind) in [
        (gone, ErrorKind::Unreachable),
        (mute.port, ErrorKind::UploadFailed),
    ] {
        let policy = policy(&format!("http://127.0.0.1:{port}")).to_string();
        let service = Server::start([json(200, &policy)]).await;
        let once = service.builder().tries(std::num::NonZeroU32::MIN);
        let uploading = once.build().unwrap().temporary_store();
        let error = uploading.upload_bytes(vec![1], "png").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.charge()),
            (kind, Charge::No),
            "{error}"
        );
        // Nothing is paid for an upload: it may be tried again.
        assert!(matches!(error.retry(), Retry::After(_)), "{error}");
    }
}

#[tokio::test]
async fn an_upload_is_for_the_model_that_it_was_asked_for() {
    let store = Server::start([json(200, "")]).await;
    let service = Server::start([policy_for(&store)]).await;
    let uploading = service.client().temporary_store().for_model("emo-v1");
    let upload = uploading.upload_bytes(vec![1], "anna.png").await.unwrap();
    assert_eq!(upload.url.model(), Some("emo-v1"));
    assert!(service.requests().remove(0).contains("&model=emo-v1 "));
}
