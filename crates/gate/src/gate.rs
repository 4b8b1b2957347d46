//! The facade: composes the stages in their order.

use std::borrow::Cow;
use std::io;
use std::path::Path;
#[cfg(feature = "http")]
use std::sync::{Arc, OnceLock};

#[cfg(feature = "http")]
use preflight::http::Fetcher;
use preflight::{Content, Probed, Profile};

use crate::report::Draft;
use crate::{Cleared, Report, Screening, Stage, screen};

/// Screens images: composes the free stages, and the paid one where it is asked for.
///
/// A gate is cheap to clone and may be shared by threads. A rejection is data in the [`Report`];
/// so is what could not be found out.
///
/// # Examples
///
/// ```
/// use gate::{Gate, Outcome};
/// use preflight::Profile;
///
/// let gate = Gate::builder(Profile::emo()).build();
/// let report = gate.screen_bytes(b"<!DOCTYPE html><title>404</title>");
///
/// assert_eq!(report.outcome(), Outcome::Reject);
/// assert_eq!(report.findings()[0].code.id(), "PF101");
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    pub(crate) profile: Profile,
    strict: bool,
    /// Bytes of memory to decode in, where the content stage is on.
    #[cfg(feature = "decode")]
    pub(crate) decode_memory: Option<u64>,
    /// Made when the first URL comes, unless the builder was given one; shared by clones.
    #[cfg(feature = "http")]
    pub(crate) fetcher: Arc<OnceLock<Fetcher>>,
}

/// Builds a [`Gate`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct GateBuilder {
    pub(crate) gate: Gate,
}

impl Gate {
    /// A gate that holds headers against a profile.
    pub fn builder(profile: Profile) -> GateBuilder {
        GateBuilder {
            gate: Self {
                profile,
                strict: false,
                #[cfg(feature = "decode")]
                decode_memory: None,
                #[cfg(feature = "http")]
                fetcher: Arc::default(),
            },
        }
    }

    /// The limits that images are held against.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Screens a whole image in memory. Reads its header only, unless the content stage is on.
    pub fn screen_bytes(&self, bytes: &[u8]) -> Report {
        self.clear_bytes(bytes).into_report()
    }

    /// Screens bytes as [`screen_bytes`](Self::screen_bytes) does, for the proof that they passed.
    pub fn clear_bytes(&self, bytes: &[u8]) -> Screening {
        let mut probed = preflight::probe_bytes(bytes);
        // The caller has read them all.
        probed.bytes_read = bytes.len() as u64;
        self.stages(&probed, None, || Ok(bytes.into()))
    }

    /// Screens a file. Reads its header only, unless the content stage is on.
    ///
    /// A file that is missing, unreadable or no regular file gives [`Outcome::Unknown`]; none is
    /// opened that could block.
    ///
    /// [`Outcome::Unknown`]: crate::Outcome::Unknown
    pub fn screen_file(&self, path: impl AsRef<Path>) -> Report {
        self.clear_file(path).into_report()
    }

    /// Screens a file as [`screen_file`](Self::screen_file) does, for the proof that it passed.
    pub fn clear_file(&self, path: impl AsRef<Path>) -> Screening {
        let path = path.as_ref();
        match preflight::measure_file(path) {
            Ok(probed) => self.stages(&probed, Some(path), || std::fs::read(path).map(Into::into)),
            Err(error) => {
                let mut draft = self.draft();
                draft.add(screen::io_error(&error));
                Screening::Ended(draft.finish(Stage::Input))
            }
        }
    }

    /// What was seen, through every free stage that is on. `read` gives the whole image.
    fn stages<'a>(
        &self,
        probed: &Probed,
        path: Option<&Path>,
        read: impl FnOnce() -> io::Result<Cow<'a, [u8]>>,
    ) -> Screening {
        let mut draft = self.draft();
        let mut stage = screen::probed(&mut draft, probed, path, &self.profile);
        if !draft.is_decided() {
            stage = self.examine(&mut draft, probed, stage, read);
        }
        match probed.content {
            Content::Image(header) if !draft.is_decided() => Screening::Cleared(Cleared {
                draft,
                stage,
                header,
                #[cfg(feature = "http")]
                url: None,
            }),
            _ => Screening::Ended(draft.finish(stage)),
        }
    }

    pub(crate) fn draft(&self) -> Draft {
        Draft {
            strict: self.strict,
            ..Draft::default()
        }
    }
}

#[cfg(feature = "decode")]
mod decode {
    use std::borrow::Cow;
    use std::io;

    use preflight::{Content, Probed};

    use super::{Gate, GateBuilder};
    use crate::report::Draft;
    use crate::{Stage, content, screen};

    impl GateBuilder {
        /// Turns the content stage on: the whole image is read and its pixels are decoded, in at
        /// most `max_memory` bytes of memory, the file's own included
        /// ([`DEFAULT_DECODE_MEMORY`](crate::DEFAULT_DECODE_MEMORY) is a good choice).
        pub const fn decode(mut self, max_memory: u64) -> Self {
            self.gate.decode_memory = Some(max_memory);
            self
        }
    }

    impl Gate {
        /// The content stage, where it is on. Returns the last stage that ran.
        pub(super) fn examine<'a>(
            &self,
            draft: &mut Draft,
            probed: &Probed,
            before: Stage,
            read: impl FnOnce() -> io::Result<Cow<'a, [u8]>>,
        ) -> Stage {
            let (Some(max_memory), Content::Image(header)) = (self.decode_memory, &probed.content)
            else {
                return before;
            };
            // The file alone may be too much to hold.
            if let Some(finding) = content::too_long(probed.len, max_memory) {
                draft.add(finding);
                return Stage::Content;
            }
            match read() {
                Ok(bytes) => {
                    draft.facts.bytes_read = Some(bytes.len() as u64);
                    if let Some(finding) = content::examine(&bytes, header, max_memory) {
                        draft.add(finding);
                    }
                    Stage::Content
                }
                Err(error) => {
                    draft.add(screen::io_error(&error));
                    Stage::Input
                }
            }
        }
    }
}

#[cfg(not(feature = "decode"))]
impl Gate {
    /// There is no content stage in this build.
    #[expect(clippy::unused_self, reason = "the same call as with the stage")]
    fn examine<'a>(
        &self,
        _: &mut Draft,
        _: &Probed,
        before: Stage,
        _: impl FnOnce() -> io::Result<Cow<'a, [u8]>>,
    ) -> Stage {
        before
    }
}

impl GateBuilder {
    /// Treats warnings as rejections.
    pub const fn strict(mut self, strict: bool) -> Self {
        self.gate.strict = strict;
        self
    }

    /// The gate.
    pub fn build(self) -> Gate {
        self.gate
    }
}
