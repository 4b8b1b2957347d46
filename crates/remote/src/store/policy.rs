//! The upload policy: what the service lets us put where.

use serde_json::Value;
use url::Url;

use super::failed;
use crate::answer;
use crate::base_url::is_private_enough;
use crate::error::ErrorDraft;
use crate::transport::Reply;
use crate::wire;

/// `data` of `GET uploads?action=getPolicy`, as far as an upload needs it.
pub(super) struct Policy {
    pub(super) upload_host: Url,
    pub(super) upload_dir: String,
    /// From `max_file_size_mb`.
    pub(super) max_bytes: u64,
    policy: String,
    signature: String,
    oss_access_key_id: String,
    x_oss_object_acl: String,
    x_oss_forbid_overwrite: String,
}

impl Policy {
    /// The form's fields, but for `file`, in the vendor's order.
    pub(super) fn fields(&self, key: String, media_type: &str) -> [(&'static str, String); 8] {
        [
            ("OSSAccessKeyId", self.oss_access_key_id.clone()),
            ("policy", self.policy.clone()),
            ("Signature", self.signature.clone()),
            ("key", key),
            ("x-oss-object-acl", self.x_oss_object_acl.clone()),
            (
                "x-oss-forbid-overwrite",
                self.x_oss_forbid_overwrite.clone(),
            ),
            ("success_action_status", "200".to_owned()),
            ("x-oss-content-type", media_type.to_owned()),
        ]
    }
}

/// Reads the answer to `getPolicy`.
pub(super) fn read(reply: Reply) -> Result<Policy, Box<ErrorDraft>> {
    let head = reply.head();
    let read = || {
        let answer = answer::parse(reply)?;
        if head.status != 200 {
            return Err(Box::new(answer::refusal(head.status, &answer)));
        }
        from_answer(&answer).map_err(|detail| {
            let code = wire::error_code(&answer, head.status);
            let mut draft = failed(detail).with_api_error(code, wire::message(&answer));
            draft.request_id = wire::request_id(&answer);
            Box::new(draft)
        })
    };
    read().map_err(|draft| Box::new(draft.with_head(head).uncharged()))
}

fn from_answer(answer: &Value) -> Result<Policy, String> {
    let text = |path: &'static str| {
        wire::text(answer, path).ok_or_else(|| {
            format!(
                "expected a text in {path} of the upload policy, but found {}",
                wire::found(answer, path)
            )
        })
    };
    let host = text("/data/upload_host")?;
    let upload_host = Url::parse(&host).ok().filter(is_private_enough).ok_or(
        "expected an https URL in /data/upload_host of the upload policy, but found another text",
    )?;
    // Documented as a string, recorded as an integer; "MB" is MiB: 1024 comes with 1073741824.
    let most = "/data/max_file_size_mb";
    let megabytes = wire::number(answer, most).ok_or_else(|| {
        format!(
            "expected a number in {most} of the upload policy, but found {}",
            wire::found(answer, most)
        )
    })?;
    Ok(Policy {
        upload_host,
        upload_dir: text("/data/upload_dir")?,
        max_bytes: megabytes.saturating_mul(1024 * 1024),
        policy: text("/data/policy")?,
        signature: text("/data/signature")?,
        oss_access_key_id: text("/data/oss_access_key_id")?,
        x_oss_object_acl: text("/data/x_oss_object_acl")?,
        x_oss_forbid_overwrite: flag(answer, "/data/x_oss_forbid_overwrite")?,
    })
}

/// A flag that the vendor writes as a text, `"true"`.
fn flag(answer: &Value, path: &str) -> Result<String, String> {
    match answer.pointer(path) {
        Some(Value::Bool(flag)) => Ok(flag.to_string()),
        _ => wire::text(answer, path).ok_or_else(|| {
            format!(
                "expected \"true\" or \"false\" in {path} of the upload policy, but found {}",
                wire::found(answer, path)
            )
        }),
    }
}
