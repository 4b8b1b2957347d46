//! Where the service finds an image.

use std::sync::atomic::Ordering;

use preflight::http::{FetchError, TargetUrl};
use remote::{ErrorKind, ImageUrl, OssUrl};

use super::verdict::not_uploaded;
use crate::finding::chain;
use crate::{
    Cleared, Code, Detector, Finding, Gate, ImageIdentity, Publication, Sha256, Source,
    UploadError, UploadFor, UrlIdentity, VIDEO_MODEL, fetch,
};

/// Where the service finds an image.
pub(super) struct Published {
    /// The address to ask about.
    pub(super) url: ImageUrl,
    /// The public copy that the verdict will be about, where it is not the image itself.
    pub(super) identity: Option<ImageIdentity>,
    /// Where the video call finds it, if elsewhere.
    pub(super) handed: Option<ImageUrl>,
}

impl From<ImageUrl> for Published {
    fn from(url: ImageUrl) -> Self {
        Self {
            url,
            identity: None,
            handed: None,
        }
    }
}

impl Gate {
    /// Publishes an image that is to be asked about.
    pub(super) async fn publish<F, P>(
        &self,
        detector: &Detector,
        cleared: &Cleared,
        publish: F,
    ) -> Result<Published, Finding>
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        if let Some(url) = cleared.url() {
            return image_url(url)
                .map(Published::from)
                .ok_or_else(|| not_for_the_service(url));
        }
        match publish().await {
            Publication::None => Err(Finding::new(
                Code::NoPublicUrl,
                "a local image that is public nowhere, and may not be uploaded",
            )),
            Publication::Vouched(url) => Ok(url.into()),
            Publication::At(url) => self.agree(cleared, &url).await,
            Publication::Upload(UploadFor::Detector) => detector
                .upload_for_detector(cleared)
                .await
                .map(Published::from),
            Publication::Upload(UploadFor::Video) => {
                let handed = detector.upload_checked(cleared, VIDEO_MODEL).await?;
                if detector.reads_video_uploads() {
                    return Ok(handed.into());
                }
                Ok(Published {
                    handed: Some(handed),
                    ..detector.upload_for_detector(cleared).await?.into()
                })
            }
            Publication::Failed(error) => Err(Finding::new(Code::UploadFailed, chain(&*error))),
        }
    }

    /// Where the video call finds an image whose verdict is known. Uploads nothing that it could
    /// not read.
    pub(super) async fn place_to_hand_over<F, P>(
        &self,
        detector: &Detector,
        cleared: &Cleared,
        publish: F,
    ) -> Result<Option<ImageUrl>, Finding>
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        if let Some(url) = cleared.url() {
            return Ok(image_url(url));
        }
        match publish().await {
            Publication::None | Publication::Upload(UploadFor::Detector) => Ok(None),
            Publication::Vouched(url) => Ok(Some(url)),
            Publication::At(url) => Ok(Some(self.agree(cleared, &url).await?.url)),
            Publication::Upload(UploadFor::Video) => detector
                .upload_checked(cleared, VIDEO_MODEL)
                .await
                .map(Some),
            Publication::Failed(error) => Err(Finding::new(Code::UploadFailed, chain(&*error))),
        }
    }

    /// Holds the public copy's header against the local image's. What the service will judge is the
    /// copy, so that the verdict is kept for the copy.
    async fn agree(&self, cleared: &Cleared, url: &TargetUrl) -> Result<Published, Finding> {
        let fetched = self.fetcher.probe(url).await;
        let facts = fetched.facts;
        let seen = fetched.outcome.map_err(|error| not_there(url, &error))?;
        let here = cleared.header();
        let mismatch = |there: String| {
            let message = format!(
                "expected {} x {} {} at {url}, but found {there}",
                here.width, here.height, here.format
            );
            Finding::new(Code::MapMismatch, message)
        };
        match seen.content {
            preflight::Content::Image(there)
                if (there.format, there.width, there.height)
                    == (here.format, here.width, here.height) => {}
            preflight::Content::Image(there) => {
                return Err(mismatch(format!(
                    "{} x {} {}",
                    there.width, there.height, there.format
                )));
            }
            preflight::Content::Foreign(there) => return Err(mismatch(there.to_string())),
            preflight::Content::NotAnImage(kind) => return Err(mismatch(kind.to_string())),
            preflight::Content::Broken(error) => return Err(mismatch(error.to_string())),
            _ => return Err(mismatch("nothing".to_owned())),
        }
        if let (Some(here), Some(there)) = (cleared.file_len(), seen.len)
            && here != there
        {
            return Err(Finding::new(
                Code::MapMismatch,
                format!("expected {here} bytes at {url}, but found {there} bytes"),
            ));
        }
        let validators = &facts.validators;
        let identity = UrlIdentity::new(
            &url.without_signature(),
            validators.etag.as_deref(),
            validators.last_modified.as_deref(),
            seen.len,
        );
        if identity.is_none() {
            self.agree_in_all(cleared, url).await?;
        }
        let published: Published = image_url(url)
            .ok_or_else(|| not_for_the_service(url))?
            .into();
        Ok(Published {
            identity: identity.map(|url| ImageIdentity {
                sha256: None,
                url: Some(url),
            }),
            ..published
        })
    }

    /// Holds all of the public copy against the local image: where its server says nothing that
    /// tells one version from the next, the verdict can only be kept for the image itself.
    async fn agree_in_all(&self, cleared: &Cleared, url: &TargetUrl) -> Result<(), Finding> {
        let max_bytes = cleared.file_len().unwrap_or_default();
        let downloaded = self.fetcher.download(url, max_bytes).await;
        let bytes = downloaded.outcome.map_err(|error| not_there(url, &error))?;
        let hashed = tokio::task::spawn_blocking(move || Sha256::of(&bytes)).await;
        if hashed.ok() == cleared.report.facts.sha256 {
            return Ok(());
        }
        let message = format!("expected the local image at {url}, but found other content");
        Err(Finding::new(Code::MapMismatch, message))
    }
}

impl Detector {
    /// Uploads an image for the detector's model.
    pub(super) async fn upload_for_detector(&self, cleared: &Cleared) -> Result<ImageUrl, Finding> {
        self.upload_checked(cleared, self.client().model()).await
    }

    /// Whether the detector may be able to read what was uploaded for the video model.
    fn reads_video_uploads(&self) -> bool {
        !self.video_uploads_refused().load(Ordering::Relaxed)
    }

    /// Uploads an image for a model. What left must be what was judged.
    async fn upload_checked(&self, cleared: &Cleared, model: &str) -> Result<ImageUrl, Finding> {
        let Some(source) = cleared.source() else {
            return Err(Finding::new(Code::NoPublicUrl, "the image is not at hand"));
        };
        let judged = cleared.report.facts.sha256;
        match self
            .upload(source, cleared.header.format.name(), model, judged)
            .await
        {
            Ok(oss) => Ok(oss.into()),
            Err(UploadError::Remote(error)) => {
                // An account without the video model may still have images checked.
                if model == self.client().model() || error.kind() != ErrorKind::Account {
                    self.halt_on(&error);
                }
                Err(not_uploaded(&error))
            }
            Err(error) => Err(Finding::new(Code::Unreadable, chain(&error))),
        }
    }

    /// Uploads an image for a model; an error if what left is not what was judged.
    pub(super) async fn upload(
        &self,
        source: &Source,
        extension: &str,
        model: &str,
        judged: Option<Sha256>,
    ) -> Result<OssUrl, UploadError> {
        let store = self.client().temporary_store().for_model(model);
        let upload = source.upload(&store, extension).await?;
        match judged {
            Some(judged) if *judged.as_bytes() != upload.sha256 => Err(UploadError::Changed),
            _ => Ok(upload.url),
        }
    }
}

/// The URL that was looked at, for the service.
pub(super) fn image_url(url: &TargetUrl) -> Option<ImageUrl> {
    ImageUrl::parse(url.as_str()).ok()
}

/// The image is sound; it is the map that leads nowhere.
fn not_there(url: &TargetUrl, error: &FetchError) -> Finding {
    let message = fetch::not_fetched(error).message;
    Finding::new(Code::MapMismatch, format!("at {url}: {message}"))
}

fn not_for_the_service(url: &TargetUrl) -> Finding {
    let message = format!("expected a URL that the service takes, but found {url}");
    Finding::new(Code::UrlInvalid, message)
}
