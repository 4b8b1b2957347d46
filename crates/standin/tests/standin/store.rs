//! The temporary store: policy, upload, `oss://`.

mod refusals;

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use standin::{Cut, Endpoint, Fault, Standin};

use crate::support::{Answer, Api, portrait};

impl Api {
    async fn policy(&self, model: &str) -> Answer {
        let url = format!(
            "{}/uploads?action=getPolicy&model={model}",
            self.standin.base_url()
        );
        Answer::read(
            self.client
                .get(url)
                .bearer_auth(self.standin.key())
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    async fn granted(&self) -> Value {
        self.policy("emo-detect-v1")
            .await
            .json()
            .pointer("/data")
            .unwrap()
            .clone()
    }

    async fn upload(&self, data: &Value, form: Form) -> Answer {
        let request = self
            .client
            .post(data["upload_host"].as_str().unwrap())
            .multipart(form);
        Answer::read(request.send().await.unwrap()).await
    }

    /// Uploads an image for a model, and gives its `oss://` address.
    pub(crate) async fn uploaded(&self, model: &str, image: impl Into<Vec<u8>>) -> String {
        let data = self.policy(model).await.json()["data"].clone();
        let key = key(&data, "a.png");
        let answer = self.upload(&data, form(fields(&data, &key), image)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        format!("oss://{key}")
    }

    pub(crate) async fn detect_stored(&self, url: &str, model: &str) -> Answer {
        let body =
            json!({"model": model, "input": {"image_url": url}, "parameters": {"ratio": "1:1"}});
        let request = self
            .post(&body.to_string())
            .header("content-type", "application/json")
            .header("X-DashScope-OssResourceResolve", "enable");
        Answer::read(request.send().await.unwrap()).await
    }
}

fn key(data: &Value, name: &str) -> String {
    format!("{}/{name}", data["upload_dir"].as_str().unwrap())
}

/// The fields of the documented form, in its order.
fn fields(data: &Value, key: &str) -> Vec<(&'static str, String)> {
    let text = |name: &str| data[name].as_str().unwrap().to_owned();
    vec![
        ("OSSAccessKeyId", text("oss_access_key_id")),
        ("Signature", text("signature")),
        ("policy", text("policy")),
        ("x-oss-object-acl", text("x_oss_object_acl")),
        ("x-oss-forbid-overwrite", text("x_oss_forbid_overwrite")),
        ("key", key.to_owned()),
        ("success_action_status", "200".to_owned()),
    ]
}

fn form(fields: Vec<(&'static str, String)>, file: impl Into<Vec<u8>>) -> Form {
    let form = fields
        .into_iter()
        .fold(Form::new(), |form, (name, value)| form.text(name, value));
    form.part("file", Part::bytes(file.into()).file_name("a.png"))
}

#[tokio::test]
async fn a_policy_has_the_documented_fields() {
    let api = Api::start().await;
    let answer = api.policy("emo-detect-v1").await;
    assert_eq!(answer.status, 200);
    assert!(answer.at("/request_id").starts_with("standin-"));
    let data = answer.json()["data"].clone();
    for text in [
        "policy",
        "signature",
        "upload_dir",
        "upload_host",
        "oss_access_key_id",
    ] {
        assert!(
            data[text].as_str().is_some_and(|text| !text.is_empty()),
            "{text}"
        );
    }
    for number in ["expire_in_seconds", "max_file_size_mb", "capacity_limit_mb"] {
        assert!(
            data[number].as_u64().is_some_and(|number| number > 0),
            "{number}"
        );
    }
    assert_eq!(data["expire_in_seconds"], 300);
    assert_eq!(data["x_oss_object_acl"], "private");
    assert_eq!(data["x_oss_forbid_overwrite"], "true");
    assert_ne!(
        data["upload_dir"],
        api.granted().await["upload_dir"],
        "unique to a policy"
    );
}

#[tokio::test]
async fn a_policy_is_given_for_a_key_an_action_and_a_model() {
    let api = Api::with(Standin::builder().key("sk-right")).await;
    let base = api.standin.base_url();
    let ask = async |query: &str, key: Option<&str>| {
        let mut request = api.client.get(format!("{base}/uploads{query}"));
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let answer = Answer::read(request.send().await.unwrap()).await;
        (answer.status, answer.at("/code"))
    };
    let whole = "?action=getPolicy&model=emo-detect-v1";
    assert_eq!(ask(whole, None).await, (401, "InvalidApiKey".to_owned()));
    assert_eq!(
        ask(whole, Some("sk-wrong")).await,
        (401, "InvalidApiKey".to_owned())
    );
    assert_eq!(
        ask("?action=getPolicy", Some("sk-right")).await,
        (400, "InvalidParameter".to_owned())
    );
    assert_eq!(
        ask("?model=emo-detect-v1", Some("sk-right")).await,
        (400, "InvalidParameter".to_owned())
    );
    assert_eq!(ask(whole, Some("sk-right")).await, (200, String::new()));
}

#[tokio::test]
async fn an_upload_resolves_for_its_model_and_with_the_header_only() {
    let api = Api::with(Standin::builder().model("emo-detect-own")).await;
    let data = api.granted().await;
    let key = key(&data, "a.png");
    let stored = api
        .upload(&data, form(fields(&data, &key), portrait()))
        .await;
    assert_eq!((stored.status, stored.text.as_str()), (200, ""));

    let url = format!("oss://{key}");
    assert_eq!(
        api.detect_stored(&url, "emo-detect-v1").await.json()["output"]["check_pass"],
        true
    );
    assert_eq!(
        api.detect_stored(&url, "emo-detect-own").await.at("/code"),
        "InvalidURL"
    );
    assert_eq!(
        api.detect_stored("oss://no/such.png", "emo-detect-v1")
            .await
            .at("/code"),
        "InvalidURL"
    );
    assert_eq!(
        api.detect(&url).await.at("/code"),
        "invalid_parameter_error"
    );
    let stats = api.standin.stats();
    assert_eq!((stats.policy, stats.upload, stats.billable), (1, 1, 1));
}

#[tokio::test]
async fn what_is_stored_expires_and_so_does_a_policy() {
    let api = Api::with(Standin::builder().object_lifetime(Duration::ZERO)).await;
    let data = api.granted().await;
    let name = key(&data, "a.png");
    assert_eq!(
        api.upload(&data, form(fields(&data, &name), portrait()))
            .await
            .status,
        200
    );
    assert_eq!(
        api.detect_stored(&format!("oss://{name}"), "emo-detect-v1")
            .await
            .at("/code"),
        "InvalidURL"
    );

    let api = Api::with(Standin::builder().policy_lifetime(Duration::ZERO)).await;
    let data = api.granted().await;
    let answer = api
        .upload(&data, form(fields(&data, &key(&data, "a.png")), portrait()))
        .await;
    assert_eq!(answer.status, 403);
    assert!(answer.text.contains("<Code>AccessDenied</Code>"));
    assert!(
        answer
            .text
            .contains("<Message>Invalid according to Policy: Policy expired.</Message>")
    );
}

#[tokio::test]
async fn the_file_is_the_last_field_and_never_overwritten() {
    let api = Api::start().await;
    let data = api.granted().await;
    let key = key(&data, "a.png");

    let early = fields(&data, &key).into_iter().fold(
        Form::new().part("file", Part::bytes(portrait().to_vec())),
        |form, (name, value)| form.text(name, value),
    );
    let answer = api.upload(&data, early).await;
    assert_eq!(answer.status, 400, "the fields come too late");

    let mut plain = fields(&data, &key);
    plain.retain(|field| field.0 != "success_action_status");
    assert_eq!(api.upload(&data, form(plain, portrait())).await.status, 204);
    let again = api
        .upload(&data, form(fields(&data, &key), portrait()))
        .await;
    assert_eq!(again.status, 409);
    assert!(again.text.contains("<Code>FileAlreadyExists</Code>"));
}

#[tokio::test]
async fn the_store_wants_a_length_and_no_key_of_the_api() {
    let api = Api::start().await;
    let data = api.granted().await;
    let key = key(&data, "a.png");
    let host = data["upload_host"].as_str().unwrap();

    let request = api
        .client
        .post(host)
        .bearer_auth("sk-secret")
        .multipart(form(fields(&data, &key), "x"));
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text.contains("<Code>InvalidArgument</Code>") && !answer.text.contains("sk-secret")
    );

    let chunked = Form::new().part(
        "file",
        Part::stream(reqwest::Body::wrap_stream(futures_util::stream::iter([
            Ok::<_, std::io::Error>("x"),
        ]))),
    );
    let answer = api.upload(&data, chunked).await;
    assert_eq!(answer.status, 411);
    assert!(answer.text.contains("<Code>MissingContentLength</Code>"));

    let request = api
        .client
        .post(host)
        .header("content-type", "text/plain")
        .body("x");
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert!(
        answer.text.contains("<Code>MalformedPOSTRequest</Code>"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn faults_have_their_endpoint() {
    let api = Api::start().await;
    api.standin
        .next_at(Endpoint::Policy, Fault::error("Throttling.RateQuota"));
    api.standin
        .next_at(Endpoint::Upload, Fault::error("InternalError"));
    api.standin
        .next_at(Endpoint::Upload, Fault::Cut(Cut::Worked));
    assert_eq!(api.detect_named("a.png").await.status, 200);
    assert_eq!(
        api.policy("emo-detect-v1").await.at("/code"),
        "Throttling.RateQuota"
    );

    let data = api.granted().await;
    let key = key(&data, "a.png");
    let answer = api
        .upload(&data, form(fields(&data, &key), portrait()))
        .await;
    assert_eq!(answer.status, 500);
    assert!(answer.text.contains("<Code>InternalError</Code>"));
    // Stored, but the answer is lost: a second upload finds the name taken.
    let request = api.client.post(data["upload_host"].as_str().unwrap());
    assert!(
        request
            .multipart(form(fields(&data, &key), portrait()))
            .send()
            .await
            .is_err()
    );
    assert_eq!(
        api.upload(&data, form(fields(&data, &key), portrait()))
            .await
            .status,
        409
    );
}
