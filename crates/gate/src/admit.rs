//! Every stage in one call: free first, paid last.

use std::io;
use std::path::{Path, PathBuf};

use preflight::http::TargetUrl;
use remote::{ImageUrl, Ratio};
use sha2::{Digest as _, Sha256};

use crate::detector::{Detector, unasked};
use crate::verdicts::hex;
use crate::{Cleared, Code, Finding, Gate, Report, Screening, Stage, fetch, screen};

/// How the service gets at a local file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Publication {
    /// It does not: an image that passes the free stages ends as [`Code::NO_PUBLIC_URL`].
    None,
    /// The file is public at this URL. Its header is looked at there, and must agree with the file's.
    At(TargetUrl),
    /// The file is served at this URL to the service alone, which is ours: the stand-in.
    Lent(ImageUrl),
    /// This file is lent through the service's temporary store, for 48 hours and to the detector's
    /// model alone: for video generation it must be lent anew.
    Upload(PathBuf),
}

impl Gate {
    /// Puts a URL through every stage: the free ones, and what passes them through the paid one.
    ///
    /// A rejection is data in the report, and so is what could not be found out. The URL is sent to
    /// the service in its normalised form, which is the one that was looked at.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: sockets close and permits return. If the paid request was on
    /// its way by then, the detector counts it as maybe charged.
    pub async fn admit(&self, detector: &Detector, url: &str, ratio: Ratio) -> Report {
        match self.clear_url(url).await {
            Screening::Cleared(cleared) => {
                self.ask(detector, cleared, || Publication::None, ratio)
                    .await
            }
            Screening::Ended(report) => report,
        }
    }

    /// Puts a local file through every stage. `publish` is asked how the service gets at it only
    /// once it has passed the free ones, and only if its verdict is not known.
    ///
    /// # Cancel safety
    ///
    /// As [`admit`](Self::admit).
    pub async fn admit_file(
        &self,
        detector: &Detector,
        path: impl Into<PathBuf>,
        publish: impl FnOnce() -> Publication,
        ratio: Ratio,
    ) -> Report {
        let (gate, path) = (self.clone(), path.into());
        // Reading a file blocks, and decoding it takes a processor.
        match blocking(move || gate.clear_whole_file(path)).await {
            Screening::Cleared(cleared) => self.ask(detector, cleared, publish, ratio).await,
            Screening::Ended(report) => report,
        }
    }

    /// Screens a file as [`clear_file`](Self::clear_file) does, and reads all of what passes for its
    /// SHA-256, under which its verdict is known. Blocks.
    pub fn clear_whole_file(&self, path: impl AsRef<Path>) -> Screening {
        let path = path.as_ref();
        match self.clear_file(path) {
            Screening::Cleared(mut cleared) => match hash(path) {
                Ok(sha256) => {
                    cleared.draft.facts.sha256 = Some(sha256);
                    Screening::Cleared(cleared)
                }
                Err(error) => {
                    cleared.draft.add(screen::io_error(&error));
                    Screening::Ended(cleared.draft.finish(Stage::Input))
                }
            },
            ended => ended,
        }
    }

    /// The paid stage of what passed the free ones. `publish` is asked about local images only, and
    /// only if the verdict is not known and something may still be sent.
    ///
    /// # Cancel safety
    ///
    /// As [`admit`](Self::admit).
    pub async fn ask(
        &self,
        detector: &Detector,
        cleared: Cleared,
        publish: impl FnOnce() -> Publication,
        ratio: Ratio,
    ) -> Report {
        // Neither a look at the public copy nor an upload is due where the verdict is known, or
        // nothing may be sent.
        let ticket = match detector.ticket(cleared, ratio).await {
            Ok(ticket) => ticket,
            Err(report) => return *report,
        };
        match self.locate(detector, &ticket.cleared, publish).await {
            Ok(url) => detector.ask(ticket, &url, ratio).await,
            Err(finding) => unasked(ticket.cleared, finding),
        }
    }

    /// The address at which the service finds an image.
    async fn locate(
        &self,
        detector: &Detector,
        cleared: &Cleared,
        publish: impl FnOnce() -> Publication,
    ) -> Result<ImageUrl, Finding> {
        if let Some(url) = &cleared.url {
            return image_url(url);
        }
        match publish() {
            Publication::None => Err(Finding::new(
                Code::NO_PUBLIC_URL,
                "a local image: say where it is public with --map, or lend it with --upload",
            )),
            Publication::Lent(url) => Ok(url),
            Publication::At(url) => self.agree(cleared, &url).await,
            Publication::Upload(path) => {
                match detector.lend(&path, cleared.header().format).await {
                    Ok(oss) => Ok(oss.into()),
                    Err(error) => Err(detector.failed_to_lend(&error)),
                }
            }
        }
    }

    /// Holds the public copy's header against the local file's.
    async fn agree(&self, cleared: &Cleared, url: &TargetUrl) -> Result<ImageUrl, Finding> {
        let fetched = self.fetcher().probe_target(url).await;
        let seen = fetched
            .outcome
            .map_err(|error| fetch::not_fetched(&error))?;
        let here = cleared.header();
        let mismatch = |there: String| {
            let message = format!(
                "expected {} x {} {} at {url}, but found {there}",
                here.width, here.height, here.format
            );
            Finding::new(Code::MAP_MISMATCH, message)
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
        match (cleared.file_len(), seen.len) {
            (Some(here), Some(there)) if here != there => Err(Finding::new(
                Code::MAP_MISMATCH,
                format!("expected {here} bytes at {url}, but found {there} bytes"),
            )),
            _ => image_url(url),
        }
    }
}

/// The URL that was looked at, for the service.
fn image_url(url: &TargetUrl) -> Result<ImageUrl, Finding> {
    ImageUrl::parse(url.as_str())
        .map_err(|error| Finding::new(Code::SERVICE_ERROR, error.to_string()))
}

/// SHA-256 of a file in lower-case hex, read in pieces.
fn hash(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut HashWriter(&mut hash))?;
    Ok(hex(&hash.finalize()))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs what blocks off the runtime's own threads. A panic in it is passed on.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        // Never cancelled: the handle is awaited here and aborted nowhere.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
