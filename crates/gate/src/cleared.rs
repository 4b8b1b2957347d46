//! The proof that an image passed every free stage.

use preflight::Header;

use crate::{Report, Source};

/// How the free stages ended: with a proof, or with a report.
#[derive(Clone, Debug)]
#[must_use = "a screening says whether the image is fit"]
#[expect(
    clippy::exhaustive_enums,
    reason = "a stage passes the image on, or ends the screening"
)]
pub enum Screening {
    /// Every free stage let the image through.
    Cleared(Cleared),
    /// A stage rejected it, could not find out, or was told not to look.
    Ended(Report),
}

/// The proof that an image passed every free stage that was asked for.
///
/// Only a [`Gate`](crate::Gate) makes one, and a paid call takes one: money cannot be spent on an
/// image that was not looked at.
#[derive(Clone, Debug)]
#[must_use = "it may be asked about, or turned into a report"]
pub struct Cleared {
    pub(crate) report: Report,
    pub(crate) header: Header,
    pub(crate) origin: Origin,
}

/// Where an image comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// It is at hand.
    Local(Source),
    /// It is behind this URL, in the form that the service is given.
    #[cfg(feature = "http")]
    Url(preflight::http::TargetUrl),
}

impl Screening {
    /// The report of the free stages.
    pub fn into_report(self) -> Report {
        match self {
            Self::Cleared(cleared) => cleared.into_report(),
            Self::Ended(report) => report,
        }
    }
}

impl Cleared {
    /// The proof, or the report of an image that did not pass.
    pub(crate) fn screening(report: Report, header: Option<Header>, origin: Origin) -> Screening {
        match header {
            Some(header) if !report.is_decided() => Screening::Cleared(Self {
                report,
                header,
                origin,
            }),
            _ => Screening::Ended(report.finish()),
        }
    }

    /// What the image's header says.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Bytes in the whole file, where known.
    #[must_use]
    pub const fn file_len(&self) -> Option<u64> {
        self.report.facts.bytes
    }

    /// The report so far: a pass of the free stages.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The image, where it is at hand.
    #[must_use]
    pub const fn source(&self) -> Option<&Source> {
        match &self.origin {
            Origin::Local(source) => Some(source),
            #[cfg(feature = "http")]
            Origin::Url(_) => None,
        }
    }

    /// The URL that was looked at, if it was one, in the form that the service is given.
    #[cfg(feature = "http")]
    #[must_use]
    pub const fn url(&self) -> Option<&preflight::http::TargetUrl> {
        match &self.origin {
            Origin::Local(_) => None,
            Origin::Url(url) => Some(url),
        }
    }

    /// The report of the free stages: a pass.
    pub fn into_report(self) -> Report {
        self.report.finish()
    }
}

#[cfg(feature = "remote")]
mod identity {
    use std::io;

    use super::{Cleared, Origin};
    use crate::finding::thousands;
    use crate::{Code, Effect, Finding, ImageIdentity, Stage, UrlIdentity, screen, source};

    /// Bytes of the longest image that is read for its hash: ten times what the service's store
    /// takes, and some two seconds of reading. No portrait is longer.
    const MAX_BYTES: u64 = 1_000_000_000;

    impl Cleared {
        /// The identity of this image: its hash, and its URL with its validators.
        pub(crate) fn identity(&self) -> ImageIdentity {
            ImageIdentity {
                sha256: self.report.facts.sha256,
                url: self.url_identity(),
            }
        }

        fn url_identity(&self) -> Option<UrlIdentity> {
            let (url, http) = (self.url()?, self.report.http.as_ref()?);
            UrlIdentity::new(
                &url.without_signature(),
                http.etag.as_deref(),
                http.last_modified.as_deref(),
                self.file_len(),
            )
        }

        /// Reads all of a local image for its hash, off the runtime's own threads.
        pub(crate) async fn identify(&mut self) -> Result<(), (Stage, Finding)> {
            let Origin::Local(source) = &self.origin else {
                return Ok(());
            };
            if self.report.facts.sha256.is_some() {
                return Ok(());
            }
            if source.len() > MAX_BYTES {
                return Err((Stage::Limits, too_long(source.len())));
            }
            let (source, header) = (source.clone(), self.header);
            let read = tokio::task::spawn_blocking(move || {
                let sha256 = source.hash()?;
                // Written over between the stages: the header is another one now.
                match source.probe()?.content {
                    preflight::Content::Image(found) if found == header => Ok(sha256),
                    _ => Err(io::Error::other(source::CHANGED)),
                }
            });
            match read
                .await
                .unwrap_or_else(|panic| Err(io::Error::other(panic)))
            {
                Ok(sha256) => {
                    self.report.facts.sha256 = Some(sha256);
                    Ok(())
                }
                Err(error) => Err((Stage::Input, screen::io_error(&error))),
            }
        }
    }

    fn too_long(len: u64) -> Finding {
        let message = format!(
            "expected at most {} bytes to ask about, but found {}",
            thousands(MAX_BYTES),
            thousands(len)
        );
        Finding::new(Code::FileTooLarge, message)
            .numbers(len, MAX_BYTES)
            .effect(Effect::Unknown)
    }
}
