//! The script: the verdict of a face detector about each image, and the faults on the way.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use crate::api_error::ApiError;
use crate::boxes::ScriptedBox;
use crate::fault::Fault;
use crate::store::UploadBinding;
use crate::verdict::{FailureShape, Verdict};

/// Verdicts and faults by image, from a TOML file.
///
/// ```
/// # fn main() -> Result<(), standin::ScriptError> {
/// let script = standin::Script::parse(r#"
///     shape = "ok200"     # of every failed check: a FailureShape
///     uploads = "strict"  # or "lenient": an UploadBinding
///
///     [[image]]
///     name = "crowd.jpg"                  # last part of the URL's path …
///     verdict = "InvalidFile.MultiHuman"  # "pass", the default, or any code
///     message = "own words"               # instead of the code's
///     shape = "bad400"
///
///     [[image]]                           # … or the content, which wins
///     sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
///     face_bbox = [302.5, 286, -610]      # any numbers, of any count
///     ext_bbox = "missing"                # or "null"
///     humanoid = true
///     video = "InternalError.Algo"        # how a video task about it fails; else it succeeds
///
///     [[image]]
///     name = "flaky.png"
///     faults = [                          # one a request, in this order
///         { error = { code = "Throttling", retry_after = 1 } },
///         { gateway = { status = 504 } },
///     ]
///     fault = { delay-ms = 50 }           # on every request after those
/// "#)?;
/// # let _ = script;
/// # Ok(())
/// # }
/// ```
///
/// A verdict is given only about an image that the stand-in could fetch and whose format and size
/// are accepted. Faults are those of face-detect.
#[derive(Debug, Default)]
pub struct Script {
    shape: Option<FailureShape>,
    uploads: Option<UploadBinding>,
    by_name: HashMap<String, ImageScript>,
    by_sha256: HashMap<String, ImageScript>,
}

/// Why a script cannot be used.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// An image is named by neither or both of `name` and `sha256`.
    #[error("image {index} of the script: expected either name or sha256, but found {found}")]
    Named {
        /// Which `[[image]]`, from 1.
        index: usize,
        /// `both` or `neither`.
        found: &'static str,
    },
    /// It is not TOML, or holds what a script does not.
    #[error("the script cannot be read")]
    Parse(#[source] Box<toml::de::Error>),
    /// The file cannot be read.
    #[error("the script {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's own error.
        source: std::io::Error,
    },
    /// A text that is not a sha256.
    #[error(
        "image {index} of the script: expected 64 hexadecimal digits as sha256, but found {found:?}"
    )]
    Sha256 {
        /// Which `[[image]]`, from 1.
        index: usize,
        /// The text that stands there.
        found: String,
    },
    /// Two entries for one image.
    #[error("image {index} of the script: {name:?} has an entry already")]
    Twice {
        /// Which `[[image]]`, from 1.
        index: usize,
        /// Its name or sha256.
        name: String,
    },
}

impl Script {
    /// Reads a script from its text.
    ///
    /// # Errors
    ///
    /// If it is not TOML, has an unknown key, or is not clear about which image it means.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let written: Written =
            toml::from_str(text).map_err(|error| ScriptError::Parse(Box::new(error)))?;
        let mut script = Self {
            shape: written.shape,
            uploads: written.uploads,
            ..Self::default()
        };
        for (index, image) in (1..).zip(written.image) {
            script.add(index, image)?;
        }
        Ok(script)
    }

    /// Reads a script from a file.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and if the file cannot be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ScriptError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| ScriptError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    pub(crate) fn shape(&self) -> Option<FailureShape> {
        self.shape
    }

    pub(crate) fn uploads(&self) -> Option<UploadBinding> {
        self.uploads
    }

    /// The entry for an image: by its content, else by its name.
    pub(crate) fn part(&self, name: &str, sha256: Option<&str>) -> Option<&ImageScript> {
        sha256
            .and_then(|sha256| self.by_sha256(sha256))
            .or_else(|| self.by_name(name))
    }

    /// The faults that have not happened yet, by image.
    pub(crate) fn unmet_faults(&self) -> Vec<(&str, Fault)> {
        let parts = self.by_name.iter().chain(&self.by_sha256);
        parts
            .flat_map(|(name, part)| {
                let unmet = part.unmet_faults();
                unmet.into_iter().map(|fault| (name.as_str(), fault))
            })
            .collect()
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&ImageScript> {
        self.by_name.get(name)
    }

    pub(crate) fn by_sha256(&self, sha256: &str) -> Option<&ImageScript> {
        self.by_sha256.get(sha256)
    }

    fn add(&mut self, index: usize, image: WrittenImage) -> Result<(), ScriptError> {
        let (parts, name) = match (&image.name, &image.sha256) {
            (Some(name), None) => (&mut self.by_name, name.clone()),
            (None, Some(sha256)) => {
                if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(ScriptError::Sha256 {
                        index,
                        found: sha256.clone(),
                    });
                }
                (&mut self.by_sha256, sha256.to_ascii_lowercase())
            }
            (Some(_), Some(_)) => {
                return Err(ScriptError::Named {
                    index,
                    found: "both",
                });
            }
            (None, None) => {
                return Err(ScriptError::Named {
                    index,
                    found: "neither",
                });
            }
        };
        if parts.contains_key(&name) {
            return Err(ScriptError::Twice { index, name });
        }
        parts.insert(name, ImageScript::from(image));
        Ok(())
    }
}

/// One image's part in the script.
#[derive(Debug)]
pub(crate) struct ImageScript {
    pub(crate) verdict: Verdict,
    pub(crate) humanoid: Option<bool>,
    /// How the task of a video call about it fails.
    pub(crate) video: Option<ApiError>,
    first_faults: Mutex<VecDeque<Fault>>,
    fault: Option<Fault>,
    /// Whether `fault` has happened.
    has_happened: AtomicBool,
}

impl ImageScript {
    /// The fault of the next request about this image.
    pub(crate) fn next_fault(&self) -> Option<Fault> {
        let first = self.first_faults().pop_front();
        first.or_else(|| {
            let fault = self.fault.clone()?;
            self.has_happened.store(true, Ordering::Release);
            Some(fault)
        })
    }

    fn unmet_faults(&self) -> Vec<Fault> {
        let mut unmet: Vec<Fault> = self.first_faults().iter().cloned().collect();
        if !self.has_happened.load(Ordering::Acquire) {
            unmet.extend(self.fault.clone());
        }
        unmet
    }

    fn first_faults(&self) -> MutexGuard<'_, VecDeque<Fault>> {
        self.first_faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<WrittenImage> for ImageScript {
    fn from(image: WrittenImage) -> Self {
        let verdict = match image.verdict.as_deref() {
            None | Some("pass") => Verdict::Pass {
                face: image.face_bbox,
                ext: image.ext_bbox,
            },
            Some(code) => {
                let error = ApiError::new(code);
                let error = match image.message {
                    Some(message) => error.message(message),
                    None => error,
                };
                Verdict::of(error, image.shape)
            }
        };
        Self {
            verdict,
            humanoid: image.humanoid,
            video: image.video,
            first_faults: Mutex::new(image.faults.into()),
            fault: image.fault,
            has_happened: AtomicBool::new(false),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    shape: Option<FailureShape>,
    uploads: Option<UploadBinding>,
    #[serde(default)]
    image: Vec<WrittenImage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenImage {
    name: Option<String>,
    sha256: Option<String>,
    verdict: Option<String>,
    message: Option<String>,
    shape: Option<FailureShape>,
    face_bbox: Option<ScriptedBox>,
    ext_bbox: Option<ScriptedBox>,
    humanoid: Option<bool>,
    video: Option<ApiError>,
    #[serde(default)]
    faults: Vec<Fault>,
    fault: Option<Fault>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fault::Cut;

    #[test]
    fn faults_come_in_order_and_the_last_one_stays() {
        let script = Script::parse(
            r#"
            [[image]]
            name = "a.jpg"
            faults = ["doubled", { cut = "worked" }, { set = { at = "/output/face_bbox" } }]
            fault = { delay-ms = 5 }
            "#,
        )
        .unwrap();
        let part = script.by_name("a.jpg").unwrap();
        assert_eq!(part.next_fault(), Some(Fault::Doubled));
        assert_eq!(part.next_fault(), Some(Fault::Cut(Cut::Worked)));
        assert_eq!(
            part.next_fault(),
            Some(Fault::set("/output/face_bbox", serde_json::Value::Null))
        );
        for _ in 0..2 {
            assert_eq!(
                part.next_fault(),
                Some(Fault::Delay(Duration::from_millis(5)))
            );
        }
    }

    #[test]
    fn an_error_is_a_code_or_a_table() {
        let script = Script::parse(
            r#"
            [[image]]
            name = "a.jpg"
            faults = [
                { error = "PrepaidBillOverdue" },
                { error = { code = "Throttling", retry_after = 2 } },
                { error = { code = "X", status = 418, message = "m", retry_after = "soon", style = "openai" } },
            ]
            "#,
        )
        .unwrap();
        let part = script.by_name("a.jpg").unwrap();
        assert_eq!(part.next_fault(), Some(Fault::error("PrepaidBillOverdue")));
        assert_eq!(
            part.next_fault(),
            Some(Fault::error(ApiError::new("Throttling").retry_after("2")))
        );
        let own = ApiError::new("X")
            .status(418)
            .message("m")
            .retry_after("soon");
        assert_eq!(
            part.next_fault(),
            Some(Fault::error(own.style(crate::ErrorStyle::OpenAi)))
        );
        assert_eq!(part.next_fault(), None);
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        let refused = |text: &str| Script::parse(text).unwrap_err().to_string();
        assert!(refused("[[image]]\nverdict = \"pass\"").contains("neither"));
        assert!(refused("[[image]]\nname = \"a\"\nsha256 = \"b\"").contains("both"));
        assert!(refused("[[image]]\nsha256 = \"abc\"").contains("64 hexadecimal digits"));
        assert!(refused("[[image]]\nname = \"a\"\n[[image]]\nname = \"a\"").contains("image 2"));
        assert!(refused("[[image]]\nname = \"a\"\nverdct = \"pass\"").contains("cannot be read"));
        assert!(refused("[[image]]\nname = \"a\"\nfault = \"explode\"").contains("cannot be read"));
    }
}
