//! Signed URLs: by AWS Signature Version 4, in the query.

use std::fmt;
use std::time::Duration;

use preflight::http::shown_url;
use rusty_s3::actions::GetObject;
use rusty_s3::{Bucket, S3Action as _};

use crate::{Account, Object, Prefix};

/// How long a signed URL of an object holds: 12 hours.
///
/// The image is fetched at once, the service fetches it when its turn comes (4,096 images that wait,
/// at five requests a second, take 14 minutes), and the video call may come at the end of the working
/// day. Temporary credentials may end earlier, and the URL with them. The most that stores take is 7
/// days.
pub const EXPIRY: Duration = Duration::from_secs(12 * 60 * 60);

/// How long the signed URL of a page of a listing holds: 15 minutes. It is used at once; the rest is
/// for clocks that differ, as much as stores allow them to.
const LIST_EXPIRY: Duration = Duration::from_secs(15 * 60);

/// A URL that opens an object to whoever has it, for [`EXPIRY`].
///
/// `Display` and `Debug` leave the signature out.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct SignedUrl(String);

/// An object that no URL can name at this store.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A bucket that cannot be a part of the store's host, where that is the only way.
    #[error(
        "expected a bucket of lower-case letters, digits and hyphens, which can be part of a host, but found another name"
    )]
    Bucket,
    /// A key with a part that URLs take for a way up: what reads a URL takes it out.
    #[error(
        "expected a key without \".\" or \"..\" between slashes, which no URL can hold, but found one"
    )]
    DotSegment,
}

impl SignedUrl {
    /// The URL, exact, with its signature.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Account {
    /// Signs a URL for an object: the store gives the object to whoever asks with it, for [`EXPIRY`].
    /// Nothing is sent.
    ///
    /// # Errors
    ///
    /// No URL can name the object.
    pub fn sign(&self, object: &Object) -> Result<SignedUrl, SignError> {
        let is_dots = |segment: &str| matches!(segment, "." | "..");
        if object.key().split('/').any(is_dots) {
            return Err(SignError::DotSegment);
        }
        let bucket = self.bucket(object.bucket())?;
        let action = bucket.get_object(Some(self.credentials()), object.key());
        Ok(SignedUrl(action.sign(EXPIRY).into()))
    }

    /// Signs a request for one page of a listing: a GET of the bucket itself (`ListObjectsV2`).
    pub(crate) fn sign_page(
        &self,
        prefix: &Prefix,
        token: Option<&str>,
        most: u16,
    ) -> Result<SignedUrl, SignError> {
        let bucket = self.bucket(prefix.bucket())?;
        let most = most.to_string();
        let mut action = GetObject::new(&bucket, Some(self.credentials()), "");
        let query = action.query_mut();
        query.insert("list-type", "2");
        // Keys may hold characters that XML cannot.
        query.insert("encoding-type", "url");
        query.insert("max-keys", most.as_str());
        if !prefix.prefix().is_empty() {
            query.insert("prefix", prefix.prefix());
        }
        if let Some(token) = token {
            query.insert("continuation-token", token);
        }
        Ok(SignedUrl(action.sign(LIST_EXPIRY).into()))
    }

    fn bucket(&self, name: &str) -> Result<Bucket, SignError> {
        self.endpoint().bucket(name).ok_or(SignError::Bucket)
    }
}

impl fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_url(&self.0))
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedUrl({self})")
    }
}
