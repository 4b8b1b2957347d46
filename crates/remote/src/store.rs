//! The service's temporary store: a public address for a picture that has none.

mod policy;
mod refusal;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Body;
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use tokio::fs::File;
use tokio::time::{Instant, sleep};
use tracing::debug;
use url::Url;

use crate::answer::{Fault, Tries};
use crate::api_code::Again;
use crate::client::Shared;
use crate::detection::Charge;
use crate::error::{Error, ErrorKind, Inner, Retry};
use crate::image_url::OssUrl;
use crate::retry;
use crate::transport::{Payload, Reply, Request};
use policy::Policy;

/// How long one upload may take, its policy included: 10 MB over a line of 1 Mbit/s, and a retry.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(180);

/// The service's temporary store, bound to the client's model.
///
/// What is uploaded lives for 48 hours, can be read by that model only, and can be neither listed
/// nor deleted. The vendor calls it a tool for trying things out, not for production. Uploads are
/// not charged.
///
/// ```no_run
/// # async fn demo(client: remote::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use remote::Ratio;
///
/// let lent = client.temporary_store().upload("anna.jpg".as_ref()).await?;
/// let detection = client.detect(&lent.into(), Ratio::Square).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TemporaryStore {
    shared: Arc<Shared>,
}

impl TemporaryStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Uploads a file, under a generated name with the file's own extension.
    ///
    /// # Errors
    ///
    /// As [`upload_as`](Self::upload_as).
    pub async fn upload(&self, file: &Path) -> Result<OssUrl, Error> {
        let extension = file
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        self.upload_as(file, extension).await
    }

    /// Uploads a file, under a generated name with this extension: `jpg`, say, for a file whose
    /// own name does not tell what it is.
    ///
    /// The file is streamed, at its length when it was opened.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Caller`] if the file cannot be read, is larger than the store takes, or if the
    /// extension is not of 1 to 8 letters and digits; [`ErrorKind::Store`] if the store refuses it
    /// or cannot be made sense of; else as a check fails. Never charged.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves at most an object that nobody knows, and that is gone after 48 hours.
    pub async fn upload_as(&self, file: &Path, extension: &str) -> Result<OssUrl, Error> {
        self.upload_content(&Content::File(file), extension).await
    }

    /// Uploads bytes, under a generated name with this extension.
    ///
    /// # Errors
    ///
    /// As [`upload_as`](Self::upload_as).
    pub async fn upload_bytes(
        &self,
        bytes: impl Into<Vec<u8>>,
        extension: &str,
    ) -> Result<OssUrl, Error> {
        self.upload_content(&Content::Bytes(bytes.into().into()), extension)
            .await
    }

    async fn upload_content(
        &self,
        content: &Content<'_>,
        extension: &str,
    ) -> Result<OssUrl, Error> {
        let extension = extension.to_ascii_lowercase();
        if !(1..=8).contains(&extension.len())
            || !extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(Error::unsent(
                ErrorKind::Caller,
                "expected a picture's extension, such as jpg, but found no or another one",
            ));
        }
        let deadline = Instant::now() + UPLOAD_TIMEOUT;
        let mut tries = Tries::default();
        loop {
            tries.attempts += 1;
            let (fault, retry_after) = match self.try_upload(content, &extension, deadline).await {
                Ok(lent) => return Ok(lent),
                Err(Failed::Local(error)) => return Err(error),
                Err(Failed::Remote(fault, head)) => (fault, head),
            };
            let due = retry::is_due(fault.again, tries.attempts);
            let error = fault.into_error(&self.shared.key, retry_after, tries);
            debug!(attempt = tries.attempts, %error, retry = due, "not uploaded");
            match error.retry() {
                Retry::After(pause) if due && Instant::now() + pause < deadline => {
                    sleep(pause).await;
                }
                _ => return Err(error),
            }
        }
    }

    /// A policy and an upload under it. The store takes one file a policy, and no name twice, so
    /// that each try begins with a policy of its own.
    async fn try_upload(
        &self,
        content: &Content<'_>,
        extension: &str,
        deadline: Instant,
    ) -> Result<OssUrl, Failed> {
        let policy = self
            .policy(deadline.min(Instant::now() + self.shared.timeout))
            .await?;
        let (body, length) = content.open().await?;
        if length > policy.max_bytes {
            let most = policy.max_bytes;
            return Err(Failed::Local(Error::unsent(
                ErrorKind::Caller,
                format!("expected a file of at most {most} bytes, but found {length}"),
            )));
        }
        let name = format!("{:016x}.{extension}", retry::random());
        let key = format!("{}/{name}", policy.upload_dir.trim_end_matches('/'));
        let address = format!("oss://{}", key.trim_start_matches('/'));
        let lent =
            OssUrl::leased(&address, &self.shared.model, SystemTime::now()).map_err(|error| {
                Failed::Remote(
                    senseless(format!("expected an upload_dir that makes a URL: {error}")),
                    None,
                )
            })?;
        let file = Part::stream_with_length(body, length).file_name(name);
        let media_type = media_type(extension);
        let file = file
            .mime_str(media_type)
            .map_err(|error| Failed::Remote(senseless(error.to_string()), None))?;
        let form = policy
            .fields(key, media_type)
            .into_iter()
            .fold(Form::new(), |form, (name, value)| form.text(name, value));
        // The file last: the store ignores whatever comes behind it.
        let reply = self
            .send(
                policy.upload_host,
                HeaderMap::new(),
                Payload::Form(form.part("file", file)),
                deadline,
            )
            .await?;
        if (200..300).contains(&reply.status) {
            return Ok(lent);
        }
        let head = (reply.status, reply.retry_after);
        Err(Failed::Remote(refusal::read(reply), Some(head)))
    }

    async fn policy(&self, deadline: Instant) -> Result<Policy, Failed> {
        let mut url = self.shared.base_url.join("uploads");
        url.query_pairs_mut()
            .append_pair("action", "getPolicy")
            .append_pair("model", &self.shared.model);
        let reply = self
            .send(url, self.shared.headers(), Payload::Nothing, deadline)
            .await?;
        let head = (reply.status, reply.retry_after);
        policy::read(reply).map_err(|fault| Failed::Remote(fault, Some(head)))
    }

    async fn send(
        &self,
        url: Url,
        headers: HeaderMap,
        payload: Payload,
        deadline: Instant,
    ) -> Result<Reply, Failed> {
        self.shared
            .transport
            .send(
                Request {
                    url,
                    headers,
                    payload,
                },
                deadline,
            )
            .await
            .map_err(|lost| {
                // Nothing of this is charged, so that a lost answer may be asked for again.
                let kind = if lost.sent {
                    ErrorKind::Store
                } else {
                    ErrorKind::Unreachable
                };
                Failed::Remote(
                    Fault {
                        kind,
                        charge: Charge::No,
                        again: Again::Yes,
                        ..lost.into()
                    },
                    None,
                )
            })
    }
}

impl fmt::Debug for TemporaryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryStore")
            .field("model", &self.shared.model)
            .finish_non_exhaustive()
    }
}

/// What is uploaded; opened anew for each try.
enum Content<'a> {
    Bytes(bytes::Bytes),
    File(&'a Path),
}

impl Content<'_> {
    async fn open(&self) -> Result<(Body, u64), Failed> {
        match self {
            Self::Bytes(bytes) => Ok((Body::from(bytes.clone()), bytes.len() as u64)),
            Self::File(path) => {
                let opened = async {
                    let file = File::open(path).await?;
                    let length = file.metadata().await?.len();
                    Ok((Body::from(file), length))
                };
                opened.await.map_err(|error: std::io::Error| {
                    let mut inner = Inner::unsent(ErrorKind::Caller, "the file cannot be read");
                    inner.source = Some(error.into());
                    Failed::Local(Error::new(inner))
                })
            }
        }
    }
}

/// Why a try ended.
enum Failed {
    /// At our end: another try would end there as well.
    Local(Error),
    /// At the other, with the status and `Retry-After` of the answer, if there was one.
    Remote(Fault, Option<(u16, Option<Duration>)>),
}

/// A policy that cannot be followed.
pub(super) fn senseless(detail: String) -> Fault {
    Fault {
        kind: ErrorKind::Store,
        charge: Charge::No,
        again: Again::Never,
        api_code: None,
        api_message: None,
        request_id: None,
        detail: Some(detail),
        source: None,
    }
}

/// The media types of the reference's five extensions, which the store tells whoever fetches the
/// picture.
fn media_type(extension: &str) -> &'static str {
    match extension {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "bmp" => "image/bmp",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}
