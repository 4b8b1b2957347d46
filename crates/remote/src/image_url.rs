//! The image's address, as the service will read it.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use url::Url;

/// `input.image_url`: http or https, or an [`OssUrl`] of the service's temporary store.
///
/// It is sent exactly as written: a signed URL may not survive being tidied up. `Debug` and
/// `Display` leave out the query, which is where signatures are.
///
/// ```
/// use remote::ImageUrl;
///
/// let url = ImageUrl::parse("https://example.com/anna.jpg?Signature=abc")?;
/// assert_eq!(url.as_str(), "https://example.com/anna.jpg?Signature=abc");
/// assert_eq!(url.to_string(), "https://example.com/anna.jpg?…");
/// assert!(ImageUrl::parse("anna.jpg").is_err()); // the service takes no local paths
/// # Ok::<(), remote::ImageUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ImageUrl(Address);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Address {
    Http(String),
    Oss(OssUrl),
}

impl ImageUrl {
    /// Longest URL taken, in bytes: four times what a signed URL of an object store needs, and
    /// about what servers take in a request line.
    pub const MAX_LEN: usize = 8192;

    /// Takes a URL that the service can be asked to fetch.
    ///
    /// # Errors
    ///
    /// If it is not an http, https or oss URL with a host, if it holds blanks, control characters or
    /// letters beyond ASCII (write them as %20), or if it is longer than [`ImageUrl::MAX_LEN`].
    pub fn parse(text: &str) -> Result<Self, ImageUrlError> {
        let url = parse(text)?;
        match url.scheme() {
            "http" | "https" => Ok(Self(Address::Http(text.to_owned()))),
            "oss" => OssUrl::parse(text).map(Self::from),
            scheme => Err(ImageUrlError::Scheme {
                scheme: scheme.chars().take(16).collect(),
            }),
        }
    }

    /// The URL as it goes to the service, its query included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Address::Http(text) => text,
            Address::Oss(oss) => oss.as_str(),
        }
    }

    /// The address in the temporary store, if that is what it is.
    #[must_use]
    pub const fn as_oss(&self) -> Option<&OssUrl> {
        match &self.0 {
            Address::Http(_) => None,
            Address::Oss(oss) => Some(oss),
        }
    }
}

impl From<OssUrl> for ImageUrl {
    fn from(oss: OssUrl) -> Self {
        Self(Address::Oss(oss))
    }
}

impl FromStr for ImageUrl {
    type Err = ImageUrlError;

    fn from_str(text: &str) -> Result<Self, ImageUrlError> {
        Self::parse(text)
    }
}

impl fmt::Debug for ImageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageUrl({self})")
    }
}

impl fmt::Display for ImageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str().split_once('?') {
            Some((before, _)) => write!(f, "{before}?…"),
            None => f.pad(self.as_str()),
        }
    }
}

/// An address in the service's temporary store: `oss://…`, good for 48 hours and for one model.
///
/// The store hands them out ([`TemporaryStore`](crate::TemporaryStore)); one that was kept as text
/// can be read back with [`OssUrl::parse`], without its model and expiry.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OssUrl {
    text: String,
    upload: Option<Uploaded>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Uploaded {
    model: String,
    expires_at: SystemTime,
}

impl OssUrl {
    /// How long an upload lives.
    pub const LIFETIME: Duration = Duration::from_secs(48 * 60 * 60);

    /// Takes an `oss://` address whose model and age are not known.
    ///
    /// # Errors
    ///
    /// As [`ImageUrl::parse`], and if the scheme is another or no object is named.
    pub fn parse(text: &str) -> Result<Self, ImageUrlError> {
        let url = parse(text)?;
        if url.scheme() != "oss" {
            return Err(ImageUrlError::Scheme {
                scheme: url.scheme().chars().take(16).collect(),
            });
        }
        if url.path().trim_matches('/').is_empty() {
            return Err(ImageUrlError::Object);
        }
        Ok(Self {
            text: text.to_owned(),
            upload: None,
        })
    }

    pub(crate) fn uploaded(
        text: &str,
        model: &str,
        uploaded_at: SystemTime,
    ) -> Result<Self, ImageUrlError> {
        let upload = Uploaded {
            model: model.to_owned(),
            expires_at: uploaded_at + Self::LIFETIME,
        };
        Ok(Self {
            upload: Some(upload),
            ..Self::parse(text)?
        })
    }

    /// The address as it goes to the service.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The only model that can read it, if this run uploaded it. Video generation is another model
    /// and needs an upload of its own.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.upload.as_ref().map(|upload| upload.model.as_str())
    }

    /// When the service forgets it, if this run uploaded it.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.upload.as_ref().map(|upload| upload.expires_at)
    }
}

impl fmt::Debug for OssUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OssUrl")
            .field("url", &self.text)
            .field("model", &self.model())
            .field("expires_at", &self.expires_at())
            .finish()
    }
}

impl fmt::Display for OssUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Why a text cannot be an [`ImageUrl`]. It repeats no more of it than the scheme.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageUrlError {
    /// A blank, a control character or a letter beyond ASCII.
    #[error(
        "expected visible ASCII in the image URL (a blank is %20), but found another character at byte {at}"
    )]
    Character {
        /// Where, in bytes.
        at: usize,
    },
    /// `http://` and nothing, or no host in it.
    #[error("expected a host in the image URL, but found none")]
    Host,
    /// An `oss://` address of a bucket only.
    #[error("expected an object's name in the oss URL, but found none")]
    Object,
    /// A scheme that the service does not fetch.
    #[error("expected an image URL with http, https or oss, but found {scheme}")]
    Scheme {
        /// The scheme found, at most 16 characters of it.
        scheme: String,
    },
    /// No URL at all: a path, perhaps.
    #[error(
        "expected an image URL such as https://example.com/anna.jpg, but found no URL (the service takes no local paths)"
    )]
    Syntax(#[source] url::ParseError),
    /// Longer than [`ImageUrl::MAX_LEN`].
    #[error(
        "expected an image URL of at most {} bytes, but found {len}",
        ImageUrl::MAX_LEN
    )]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
}

/// The rules that all schemes share. The URL is only looked at; the text is sent.
fn parse(text: &str) -> Result<Url, ImageUrlError> {
    if text.len() > ImageUrl::MAX_LEN {
        return Err(ImageUrlError::TooLong { len: text.len() });
    }
    if let Some((at, _)) = text.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        return Err(ImageUrlError::Character { at });
    }
    let url = match Url::parse(text) {
        Err(url::ParseError::EmptyHost) => return Err(ImageUrlError::Host),
        other => other.map_err(ImageUrlError::Syntax)?,
    };
    if matches!(url.scheme(), "http" | "https" | "oss") && url.host_str().is_none_or(str::is_empty)
    {
        return Err(ImageUrlError::Host);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_service_cannot_fetch_is_refused() {
        let scheme = |scheme: &str| ImageUrlError::Scheme {
            scheme: scheme.to_owned(),
        };
        for (text, error) in [
            ("file:///etc/passwd", scheme("file")),
            ("data:image/png;base64,AAAA", scheme("data")),
            ("C:/anna.jpg", scheme("c")),
            ("https://a/an na.jpg", ImageUrlError::Character { at: 12 }),
            ("https://a/图.jpg", ImageUrlError::Character { at: 10 }),
            ("http://", ImageUrlError::Host),
            ("oss://bucket/", ImageUrlError::Object),
            ("oss:/bucket/a", ImageUrlError::Host),
        ] {
            assert_eq!(ImageUrl::parse(text), Err(error), "{text}");
        }
        assert!(matches!(
            ImageUrl::parse("anna.jpg"),
            Err(ImageUrlError::Syntax(_))
        ));
        let long = format!("https://a/{}", "x".repeat(ImageUrl::MAX_LEN));
        assert_eq!(
            ImageUrl::parse(&long),
            Err(ImageUrlError::TooLong { len: 8202 })
        );
        assert!(ImageUrl::parse(&long[..ImageUrl::MAX_LEN]).is_ok());
        let over = ImageUrl::parse(&long[..=ImageUrl::MAX_LEN]);
        assert_eq!(over, Err(ImageUrlError::TooLong { len: 8193 }));
    }

    #[test]
    fn the_documents_example_is_taken_as_it_is() {
        assert_eq!(
            ImageUrl::parse("http://a/a.jpg").unwrap().as_str(),
            "http://a/a.jpg"
        );
    }

    #[test]
    fn an_oss_address_knows_its_model_only_from_the_store() {
        let text = "oss://dashscope-instant/a/b/c.jpg";
        let parsed = ImageUrl::parse(text).unwrap();
        assert_eq!(parsed.as_oss().map(OssUrl::model), Some(None));
        assert!(OssUrl::parse(text).is_ok());
        let scheme = "https".to_owned();
        assert_eq!(
            OssUrl::parse("https://a/b.jpg"),
            Err(ImageUrlError::Scheme { scheme })
        );
        let then = SystemTime::UNIX_EPOCH;
        let uploaded = OssUrl::uploaded(text, "emo-detect-v1", then).unwrap();
        assert_eq!(uploaded.model(), Some("emo-detect-v1"));
        assert_eq!(
            uploaded.expires_at(),
            Some(then + Duration::from_secs(172_800))
        );
    }

    proptest! {
        #[test]
        fn text_is_sent_as_it_was_written_and_shown_without_its_query(text in "https?://[a-z]{1,9}/[!-~]{0,60}") {
            if let Ok(url) = ImageUrl::parse(&text) {
                prop_assert_eq!(url.as_str(), &text);
                let shown = format!("{url} {url:?}");
                prop_assert!(shown.split('?').skip(1).all(|tail| tail.starts_with('…')), "{}", shown);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = ImageUrl::parse(&text);
        }
    }
}
