//! The temporary store: leave to upload one file, and the files, each for a while.
//!
//! Rules: an uploaded file resolves only for the model that its policy was made for (unless
//! [`UploadBinding::Lenient`] says more), for 48 hours; nothing in the store can be overwritten or
//! read back by a client.

mod binding;
pub(crate) mod form;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use crate::api_error::ApiError;
use crate::inspection;

pub use self::binding::UploadBinding;

/// "valid for 48 hours".
pub(crate) const OBJECT_LIFETIME: Duration = Duration::from_secs(48 * 60 * 60);

/// `expire_in_seconds` as recorded.
pub(crate) const POLICY_LIFETIME: Duration = Duration::from_secs(300);

/// Bytes of one upload: what the check would look at.
pub(crate) const MAX_UPLOAD_BYTES: u64 = inspection::MAX_BYTES;

/// Bytes in all, so that a runaway client cannot fill the disk.
pub(crate) const CAPACITY_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Policies that are out at one time: far more than any client has in use, and a bound on memory.
const MAX_GRANTS: usize = 10_000;

/// Not a key to anything: the policy names the account's uploader by it.
pub(crate) const ACCESS_KEY_ID: &str = "LTAI-standin";

pub(crate) const BYTES_PER_MB: u64 = 1024 * 1024;

/// The store and the grants to it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) lifetimes: Lifetimes,
    contents: Mutex<Contents>,
}

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetimes {
    pub(crate) policy: Duration,
    pub(crate) object: Duration,
}

#[derive(Debug, Default)]
struct Contents {
    grants: HashMap<String, UploadPolicy>,
    objects: HashMap<String, Object>,
}

/// Leave to put files under one folder, by the folder's name.
#[derive(Clone, Debug)]
pub(crate) struct UploadPolicy {
    pub(crate) upload_dir: String,
    model: String,
    /// Base64 of the policy document.
    pub(crate) policy: String,
    pub(crate) signature: String,
    expires_at: Instant,
}

#[derive(Debug)]
struct Object {
    model: String,
    file: Arc<StoredFile>,
    expires_at: Instant,
}

/// An uploaded file, deleted when nobody holds it any more.
#[derive(Debug)]
pub(crate) struct StoredFile {
    pub(crate) path: TempPath,
    pub(crate) bytes: u64,
    /// Lower-case hexadecimal.
    pub(crate) sha256: String,
}

impl Store {
    pub(crate) fn new(lifetimes: Lifetimes) -> Self {
        Self {
            lifetimes,
            contents: Mutex::default(),
        }
    }

    /// Grants leave to upload for `model`; None if too many grants are out.
    pub(crate) fn grant(&self, model: &str, request_id: &str) -> Option<UploadPolicy> {
        let mut contents = self.contents();
        if contents.grants.len() >= MAX_GRANTS {
            return None;
        }
        let now = Timestamp::now();
        let today = now.to_string().chars().take(10).collect::<String>();
        let upload_dir = format!("dashscope-instant/{:0>32}/{today}/{request_id}", "standin");
        let expiration = SignedDuration::try_from(self.lifetimes.policy)
            .ok()
            .and_then(|lifetime| now.checked_add(lifetime).ok())
            .unwrap_or(Timestamp::MAX);
        let document = json!({
            "expiration": format!("{expiration:.3}"),
            "conditions": [
                ["content-length-range", 0, MAX_UPLOAD_BYTES],
                ["starts-with", "$key", upload_dir],
                {"bucket": "standin"},
                {"x-oss-object-acl": "private"},
                {"x-oss-forbid-overwrite": "true"},
            ],
        });
        let policy = BASE64.encode(document.to_string());
        let grant = UploadPolicy {
            signature: BASE64.encode(Sha256::digest(format!("{request_id}:{policy}"))),
            policy,
            model: model.to_owned(),
            expires_at: Instant::now() + self.lifetimes.policy,
            upload_dir: upload_dir.clone(),
        };
        contents.grants.insert(upload_dir, grant.clone());
        Some(grant)
    }

    /// Checks a form against the policy that it carries.
    ///
    /// # Errors
    ///
    /// The store's own error, to be sent as XML.
    pub(crate) fn check(&self, fields: &form::Fields) -> Result<UploadPolicy, ApiError> {
        if fields.required("ossaccesskeyid")? != ACCESS_KEY_ID {
            return Err(store_error(
                403,
                "InvalidAccessKeyId",
                "The OSS Access Key Id you provided does not exist in our records.",
            ));
        }
        let policy = fields.required("policy")?;
        let signature = fields.required("signature")?;
        let key = fields.required("key")?;
        let grant = self
            .contents()
            .grants
            .values()
            .find(|grant| grant.policy == policy)
            .cloned();
        let Some(grant) = grant.filter(|grant| grant.signature == signature) else {
            return Err(store_error(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            ));
        };
        if grant.expires_at <= Instant::now() {
            return Err(denied("Policy expired."));
        }
        let name = key
            .strip_prefix(&grant.upload_dir)
            .and_then(|rest| rest.strip_prefix('/'));
        if name.is_none_or(str::is_empty) {
            let condition = json!(["starts-with", "$key", grant.upload_dir]);
            return Err(denied(&format!("Policy Condition failed: {condition}")));
        }
        for (field, granted) in [
            ("x-oss-object-acl", "private"),
            ("x-oss-forbid-overwrite", "true"),
        ] {
            if fields.optional(field) != Some(granted) {
                let condition = json!(["eq", format!("${field}"), granted]);
                return Err(denied(&format!("Policy Condition failed: {condition}")));
            }
        }
        if self.contents().objects.contains_key(key) {
            return Err(already_there());
        }
        Ok(grant)
    }

    /// Puts a whole uploaded file on the shelf.
    ///
    /// # Errors
    ///
    /// If another came first, or the store is full.
    pub(crate) fn put(
        &self,
        key: &str,
        grant: &UploadPolicy,
        file: StoredFile,
    ) -> Result<(), ApiError> {
        let mut contents = self.contents();
        if contents.objects.contains_key(key) {
            return Err(already_there());
        }
        let used: u64 = contents
            .objects
            .values()
            .map(|object| object.file.bytes)
            .sum();
        if used + file.bytes > CAPACITY_BYTES {
            return Err(denied("the capacity of the temporary store is used up."));
        }
        let expires_at = Instant::now() + self.lifetimes.object;
        let object = Object {
            model: grant.model.clone(),
            file: Arc::new(file),
            expires_at,
        };
        contents.objects.insert(key.to_owned(), object);
        Ok(())
    }

    /// The file behind `oss://<key>`, if `serves` is true of the model that it was uploaded for and
    /// it has not expired. It lives as long as it is held.
    pub(crate) fn resolve(
        &self,
        key: &str,
        serves: impl Fn(&str) -> bool,
    ) -> Option<Arc<StoredFile>> {
        let contents = self.contents();
        contents
            .objects
            .get(key)
            .filter(|object| serves(&object.model))
            .map(|object| Arc::clone(&object.file))
    }

    /// The contents, less what has expired. An expired policy is kept for as long again, to be told
    /// from a false one.
    fn contents(&self) -> MutexGuard<'_, Contents> {
        // Each entry is whole before it is put in.
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let kept = self.lifetimes.policy + Duration::from_secs(60);
        contents
            .grants
            .retain(|_, grant| now < grant.expires_at + kept);
        contents.objects.retain(|_, object| now < object.expires_at);
        contents
    }
}

fn already_there() -> ApiError {
    store_error(
        409,
        "FileAlreadyExists",
        "The object you specified already exists and can not be overwritten.",
    )
}

fn denied(why: &str) -> ApiError {
    store_error(
        403,
        "AccessDenied",
        &format!("Invalid according to Policy: {why}"),
    )
}

pub(crate) fn store_error(status: u16, code: &str, message: &str) -> ApiError {
    ApiError::new(code).status(status).message(message)
}
