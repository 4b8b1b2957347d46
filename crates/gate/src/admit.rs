//! Every stage in one call: free first, paid last.

use std::io;
use std::path::{Path, PathBuf};

use preflight::http::TargetUrl;
use remote::{ImageUrl, Ratio};
use sha2::{Digest as _, Sha256};

use crate::detector::{Detector, Located, unasked};
use crate::verdicts::hex;
use crate::{
    Cleared, Code, Finding, Gate, Report, Screening, Stage, Validators, VerdictKey, fetch, screen,
};

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
    /// The file is lent through the service's temporary store, for 48 hours and to the detector's
    /// model alone: for video generation it must be lent anew.
    Upload,
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
        let url = match fetch::parse(|| self.draft(), url) {
            Ok(url) => url,
            Err(report) => return *report,
        };
        match self.clear_url(&url).await {
            Screening::Cleared(cleared) => self.ask_about_url(detector, cleared, &url, ratio).await,
            Screening::Ended(report) => report,
        }
    }

    /// Puts a local file through every stage. `publish` is asked how the service gets at it only
    /// once it has passed the free ones.
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
        let path = path.into();
        let screening = {
            let (gate, path) = (self.clone(), path.clone());
            // Reading a file blocks, and decoding it takes a processor.
            blocking(move || gate.clear_whole_file(path)).await
        };
        match screening {
            Screening::Cleared(cleared) => self.ask(detector, cleared, path, publish, ratio).await,
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

    /// The paid stage of a file that passed the free ones. `publish` is asked only if the verdict is
    /// not known and something may still be sent.
    ///
    /// # Cancel safety
    ///
    /// As [`admit`](Self::admit).
    pub async fn ask(
        &self,
        detector: &Detector,
        cleared: Cleared,
        path: impl AsRef<Path>,
        publish: impl FnOnce() -> Publication,
        ratio: Ratio,
    ) -> Report {
        // Neither a look at the public copy nor an upload is due where the verdict is known, or
        // nothing may be sent.
        let cleared = match detector.settle(cleared, ratio) {
            Ok(cleared) => cleared,
            Err(report) => return *report,
        };
        let located = self
            .locate(detector, &cleared, path.as_ref(), publish())
            .await;
        match located {
            Ok(url) => {
                let sha256 = cleared.draft.facts.sha256.as_deref();
                let question = detector.question(ratio);
                let key = sha256.map(|sha256| VerdictKey::of_content(sha256, &question));
                detector.ask(cleared, Located { url, key }, ratio).await
            }
            Err(finding) => unasked(cleared, finding),
        }
    }

    async fn ask_about_url(
        &self,
        detector: &Detector,
        cleared: Cleared,
        url: &TargetUrl,
        ratio: Ratio,
    ) -> Report {
        let image = match ImageUrl::parse(url.as_str()) {
            Ok(image) => image,
            Err(error) => {
                let finding = Finding::new(Code::SERVICE_ERROR, error.to_string());
                return unasked(cleared, finding);
            }
        };
        let http = cleared.draft.http.as_ref();
        let validators = Validators {
            etag: http.and_then(|http| http.etag.as_deref()),
            last_modified: cleared.draft.last_modified.as_deref(),
            len: cleared.file_len(),
        };
        let key = VerdictKey::of_url(url.as_str(), &validators, &detector.question(ratio));
        detector
            .ask(cleared, Located { url: image, key }, ratio)
            .await
    }

    /// The address at which the service finds a local file.
    async fn locate(
        &self,
        detector: &Detector,
        cleared: &Cleared,
        path: &Path,
        publication: Publication,
    ) -> Result<ImageUrl, Finding> {
        match publication {
            Publication::None => Err(Finding::new(
                Code::NO_PUBLIC_URL,
                "a local file: say where it is public with --map, or lend it with --upload",
            )),
            Publication::Lent(url) => Ok(url),
            Publication::At(url) => self.agree(cleared, &url).await,
            Publication::Upload => match detector.lend(path, cleared.header().format).await {
                Ok(oss) => Ok(oss.into()),
                Err(error) => Err(detector.failed_to_lend(&error)),
            },
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
            _ => ImageUrl::parse(url.as_str())
                .map_err(|error| Finding::new(Code::SERVICE_ERROR, error.to_string())),
        }
    }
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
