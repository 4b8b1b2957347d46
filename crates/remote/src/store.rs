//! The service's temporary store: a public address for an image that has none.

mod content;
mod policy;
mod refusal;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use tokio::fs::File;
use tokio::time::sleep;
use url::Url;

use crate::attempts::Attempts;
use crate::charge::Charge;
use crate::error::classify::Classified;
use crate::error::{Error, ErrorDraft, ErrorKind};
use crate::image_url::OssUrl;
use crate::retry::{self, RetryClass};
use crate::shared::Shared;
use crate::trace;
use crate::transport::departure::Departure;
use crate::transport::{Payload, Reply, Request};
use content::{Content, Sent};
use policy::Policy;

/// How long one upload may take, its policy included: 10 MB over a line of 1 Mbit/s, and a retry.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(180);

/// The service's temporary store, bound to one model: the client's, unless told otherwise.
///
/// An upload lives for 48 hours, can be read by that model only, and can be neither listed
/// nor deleted. The vendor calls it a tool for trying things out, not for production. Uploads are
/// not charged.
///
/// ```no_run
/// # async fn demo(client: remote::Client, bytes: Vec<u8>) -> Result<(), Box<dyn
/// std::error::Error>> { use remote::Ratio;
///
/// let upload = client.temporary_store().upload_bytes(bytes, "anna.jpg").await?;
/// let detection = client.detect(&upload.url.into(), Ratio::Square).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TemporaryStore {
    shared: Arc<Shared>,
    model: String,
}

/// A finished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Where the model finds it.
    pub url: OssUrl,
    /// The SHA-256 of the bytes that were sent.
    pub sha256: [u8; 32],
    /// How many they were, in bytes.
    pub len: u64,
}

impl TemporaryStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let model = shared.model.clone();
        Self { shared, model }
    }

    /// The same store for another model: `emo-v1`, say, for the video call.
    #[must_use]
    pub fn for_model(self, model: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            ..self
        }
    }

    /// Uploads bytes, under a generated name with the extension of this one: `anna.jpg`, or just
    /// `jpg`.
    ///
    /// # Errors
    ///
    /// As [`upload_file`](Self::upload_file), but for the file.
    ///
    /// # Cancel safety
    ///
    /// As [`upload_file`](Self::upload_file).
    pub async fn upload_bytes(&self, bytes: impl Into<Bytes>, name: &str) -> Result<Upload, Error> {
        trace::upload(&self.model, self.upload(Content::Bytes(bytes.into()), name)).await
    }

    /// Uploads the first `len` bytes of an open file, under a generated name with the extension of
    /// this one: `anna.jpg`, or just `jpg`.
    ///
    /// The bytes are streamed, and hashed as they leave: what the hash names is what the store has.
    /// The file is read from its start; its position afterwards is not specified.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UploadFailed`] if the file cannot be read, ends before `len`, or is larger than
    /// the store takes, if the extension is not of 1 to 8 letters and digits, or if the store
    /// refuses it or cannot be made sense of; else as a check fails. Never charged.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves at most an object that nobody knows, and that is gone after 48 hours.
    pub async fn upload_file(&self, file: File, len: u64, name: &str) -> Result<Upload, Error> {
        trace::upload(&self.model, self.upload(Content::File { file, len }, name)).await
    }

    async fn upload(&self, content: Content, name: &str) -> Result<Upload, Error> {
        let extension = extension(name)?;
        let departure = Departure::new(UPLOAD_TIMEOUT, None);
        let mut attempts = Attempts::new(self.shared.tries);
        loop {
            attempts.tries.attempts += 1;
            let draft = match self.attempt(&content, &extension, &departure).await {
                Ok(upload) => return Ok(upload),
                Err(draft) => draft.cleaned(&self.shared.key),
            };
            let (error, pause) = attempts.failed(draft, &departure);
            let Some(pause) = pause else {
                return Err(error);
            };
            sleep(pause).await;
        }
    }

    /// A policy and an upload under it. The store takes one file a policy, and no name twice, so
    /// that each try begins with a policy of its own.
    async fn attempt(
        &self,
        content: &Content,
        extension: &str,
        departure: &Arc<Departure>,
    ) -> Result<Upload, Box<ErrorDraft>> {
        let policy = self.policy(departure).await?;
        let len = content.len();
        if len > policy.max_bytes {
            let most = policy.max_bytes;
            return Err(failed(format!(
                "expected a file of at most {most} bytes, but found {len}"
            )));
        }
        let name = format!("{:016x}.{extension}", retry::random());
        let key = format!("{}/{name}", policy.upload_dir.trim_end_matches('/'));
        let address = format!("oss://{}", key.trim_start_matches('/'));
        let url = OssUrl::uploaded(&address, &self.model, SystemTime::now())
            .map_err(|error| failed(format!("expected an upload_dir that makes a URL: {error}")))?;
        let media_type = media_type(extension);
        let (body, sent) = content.open().await?;
        let file = Part::stream_with_length(body, len)
            .file_name(name)
            .mime_str(media_type)
            .map_err(|error| failed(error.to_string()))?;
        let form = policy
            .fields(key, media_type)
            .into_iter()
            .fold(Form::new(), |form, (name, value)| form.text(name, value));
        // The file last: the store ignores whatever comes behind it.
        let payload = Payload::Form(form.part("file", file));
        let reply = self
            .send(policy.upload_host, HeaderMap::new(), payload, departure)
            .await
            .map_err(|draft| sent.blame(draft))?;
        if !(200..300).contains(&reply.status) {
            return Err(Box::new(refusal::read(reply)));
        }
        let Sent { sha256, len } = sent.finish();
        Ok(Upload { url, sha256, len })
    }

    async fn policy(&self, departure: &Arc<Departure>) -> Result<Policy, Box<ErrorDraft>> {
        let mut url = self.shared.base_url.join("uploads");
        url.query_pairs_mut()
            .append_pair("action", "getPolicy")
            .append_pair("model", &self.model);
        let departure = Departure::new(departure.left().min(self.shared.timeout), None);
        let reply = self
            .send(url, self.shared.headers(), Payload::Nothing, &departure)
            .await?;
        policy::read(reply)
    }

    async fn send(
        &self,
        url: Url,
        headers: HeaderMap,
        payload: Payload,
        departure: &Arc<Departure>,
    ) -> Result<Reply, Box<ErrorDraft>> {
        let request = Request {
            url,
            headers,
            payload,
        };
        let sent = self.shared.transport.send(request, departure).await;
        sent.map_err(|no_reply| Box::new(ErrorDraft::from(no_reply).uncharged()))
    }
}

impl fmt::Debug for TemporaryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryStore")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// The extension of a name, or the name itself, in lower case.
fn extension(name: &str) -> Result<String, Error> {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let is_sound = (1..=8).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_sound {
        Ok(extension.to_ascii_lowercase())
    } else {
        Err(Error::unsent(
            ErrorKind::UploadFailed,
            "expected an image's extension, such as jpg, but found no or another one",
        ))
    }
}

/// An upload that ended for this reason, and would end so again.
fn failed(detail: String) -> Box<ErrorDraft> {
    Box::new(ErrorDraft {
        detail: Some(detail),
        ..ErrorDraft::new(Classified {
            kind: ErrorKind::UploadFailed,
            charge: Charge::No,
            retry: RetryClass::Never,
        })
    })
}

/// The media types of the reference's five extensions, which the store tells whoever fetches the
/// image.
fn media_type(extension: &str) -> &'static str {
    match extension {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "bmp" => "image/bmp",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}
