//! How the service gets at a local image.

use std::error::Error;

use preflight::http::TargetUrl;
use remote::ImageUrl;

/// How the service gets at a local image. It is asked for only where it is needed: once the image
/// has passed the free stages, and is to be asked about or handed over.
#[derive(Debug)]
#[non_exhaustive]
pub enum Publication {
    /// It does not: an image that is to be asked about ends as [`Code::NoPublicUrl`].
    ///
    /// [`Code::NoPublicUrl`]: crate::Code::NoPublicUrl
    None,
    /// The image is public at this URL. Its header is looked at there, and must agree with the
    /// local one's; a verdict is kept for what the service finds there.
    At(TargetUrl),
    /// The caller has put these very bytes there, and vouches for it: nobody looks. For a bucket of
    /// one's own, or the stand-in's own server.
    Vouched(ImageUrl),
    /// It is uploaded to the service's temporary store, where it stays for 48 hours.
    Upload(UploadFor),
    /// It could not be published: it ends as [`Code::UploadFailed`](crate::Code::UploadFailed).
    Failed(Box<dyn Error + Send + Sync>),
}

/// The model that may read an upload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an image is judged, and then it is in the video"
)]
pub enum UploadFor {
    /// The detector's model. The video call needs another upload.
    Detector,
    /// The video model, so that a pass can be handed over as it is. The documents say that the
    /// detector cannot read it, and in practice it was seen to (2026-06). Where it answers that it
    /// cannot, a second upload is made for it.
    Video,
}
