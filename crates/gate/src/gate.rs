//! The facade: composes the stages in their order.

use std::path::Path;

use bytes::Bytes;
use preflight::{Content, Orientation, Probe, Probed, Profile, Step, Window};

use crate::cleared::Origin;
use crate::{Cleared, Report, Screening, Source, screen};

/// Screens images: composes the free stages, and the paid one where it is asked for.
///
/// A gate is cheap to clone and may be shared by threads. A rejection is data in the [`Report`];
/// so is what could not be found out.
///
/// | an image | the free stages | all stages (feature `remote`) |
/// |---|---|---|
/// | in memory | [`screen_bytes`](Self::screen_bytes) | `admit_bytes` |
/// | in a file | [`screen_file`](Self::screen_file) | `admit_file` |
/// | behind a URL (feature `http`) | `screen_url` | `admit_url` |
/// | opened already | [`screen`](Self::screen) | `screen`, then `ask` |
/// | still arriving | [`screen_prefix`](Self::screen_prefix) | |
///
/// # Examples
///
/// ```
/// use gate::{Code, Gate, Outcome, Profile};
///
/// let gate = Gate::builder(Profile::emo()).build();
/// let report = gate.screen_bytes(&b"<!DOCTYPE html><title>404</title>"[..]).into_report();
///
/// assert_eq!(report.outcome(), Outcome::Reject);
/// assert_eq!(report.findings()[0].code, Code::NotAnImage);
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    pub(crate) profile: Profile,
    strict: bool,
    /// The memory to decode in, where the content stage is on.
    #[cfg(feature = "decode")]
    pub(crate) decode_memory: Option<crate::DecodeMemory>,
    #[cfg(feature = "http")]
    pub(crate) fetcher: preflight::http::Fetcher,
}

/// Builds a [`Gate`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct GateBuilder {
    gate: Gate,
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
                fetcher: preflight::http::Fetcher::default(),
            },
        }
    }

    /// The limits that images are held against.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Screens a whole image in memory. Takes microseconds, and reads its header only, unless the
    /// content stage is on: then it blocks for as long as decoding takes.
    pub fn screen_bytes(&self, bytes: impl Into<Bytes>) -> Screening {
        self.screen(Source::bytes(bytes))
    }

    /// Screens a file. Reads its header only, unless the content stage is on. Blocks.
    ///
    /// A file that is missing, unreadable or not a regular file gives [`Outcome::Unknown`]; none is
    /// opened that could block for ever.
    ///
    /// [`Outcome::Unknown`]: crate::Outcome::Unknown
    pub fn screen_file(&self, path: impl AsRef<Path>) -> Screening {
        match Source::open(path) {
            Ok(source) => self.screen(source),
            Err(error) => {
                let mut report = self.begin();
                report.add(screen::io_error(&error));
                Screening::Ended(report.finish())
            }
        }
    }

    /// What fetches the URLs.
    #[cfg(feature = "http")]
    #[must_use]
    pub const fn fetcher(&self) -> &preflight::http::Fetcher {
        &self.fetcher
    }

    /// Screens an image that is opened already. Blocks, as [`screen_file`](Self::screen_file) does.
    pub fn screen(&self, source: Source) -> Screening {
        let mut report = self.begin();
        let seen = match source.probe() {
            Ok(seen) => seen,
            Err(error) => {
                report.add(screen::io_error(&error));
                return Screening::Ended(report.finish());
            }
        };
        let header = self.look(&mut report, &seen, source.name());
        #[cfg(feature = "decode")]
        if let Some(header) = header
            && !report.is_decided()
        {
            self.examine(&mut report, &source, &seen, &header);
        }
        Cleared::screening(report, header, Origin::Local(source))
    }

    /// Judges an upload that is still arriving by its first bytes, where `total_len` is known (its
    /// `Content-Length`) also by its length. `None` says that these are too few: come back with more.
    /// 4 KiB decide about most images, and 16 KiB about everything else; the metadata of a JPEG may
    /// be longer.
    ///
    /// A pass is one of the header and the limits: the rest has yet to arrive, and whole images are
    /// for [`screen_bytes`](Self::screen_bytes).
    ///
    /// ```
    /// use gate::{Code, Gate, Profile};
    ///
    /// let gate = Gate::builder(Profile::emo()).build();
    /// assert!(gate.screen_prefix(b"\x89PNG\r\n", Some(70_000)).is_none());
    /// let gif = b"GIF89a\x90\x01\xF4\x01\0\0\0".repeat(2000);
    /// let report = gate.screen_prefix(&gif, Some(70_000)).expect("nothing else can come of it");
    /// assert_eq!(report.errors().next().map(|finding| finding.code), Some(Code::FormatNotAccepted));
    /// ```
    #[must_use]
    pub fn screen_prefix(&self, bytes: &[u8], total_len: Option<u64>) -> Option<Report> {
        if total_len.is_some_and(|len| len <= bytes.len() as u64) {
            return Some(self.see(preflight::probe_bytes(bytes)));
        }
        let mut probe = Probe::new();
        if let Some(len) = total_len {
            probe.tell_len(len);
        }
        let Step::Done(content) = probe.feed(Window::new(0, bytes)) else {
            return None;
        };
        let mut seen = preflight::probe_bytes(bytes);
        seen.content = content;
        seen.orientation = Orientation::find(bytes);
        seen.len = total_len;
        Some(self.see(seen))
    }

    /// Judges what was found by a probe that the caller drove: what it made of the bytes, and how
    /// long the file is, where that is known.
    pub fn judge(&self, content: &Content, len: Option<u64>) -> Report {
        let mut seen = preflight::probe_bytes(&[]);
        seen.content = *content;
        seen.len = len;
        self.see(seen)
    }

    fn see(&self, seen: Probed) -> Report {
        let mut report = self.begin();
        self.look(&mut report, &seen, None);
        report.finish()
    }

    /// The input, header and limits stages; the header of an image that has one.
    pub(crate) fn look(
        &self,
        report: &mut Report,
        seen: &Probed,
        name: Option<&Path>,
    ) -> Option<preflight::Header> {
        let stage = screen::probed(report, seen, name, &self.profile);
        report.enter(stage);
        match seen.content {
            Content::Image(header) => Some(header),
            _ => None,
        }
    }

    pub(crate) fn begin(&self) -> Report {
        Report::begin(self.strict)
    }
}

#[cfg(feature = "decode")]
impl Gate {
    /// The content stage, where it is on. Waits for its share of the memory before it reads.
    fn examine(
        &self,
        report: &mut Report,
        source: &Source,
        seen: &Probed,
        header: &preflight::Header,
    ) {
        use crate::{Stage, content};

        let Some(memory) = &self.decode_memory else {
            return;
        };
        report.enter(Stage::Content);
        let needed = content::estimate(header, &seen.starts, source.len());
        let Some(_permit) = memory.permit_blocking(needed) else {
            return report.add(content::too_large(needed, memory.limit()));
        };
        match source.read() {
            Ok(bytes) => {
                report.facts.bytes_read = Some(bytes.len() as u64);
                report.facts.sha256 = crate::Sha256::if_paid(&bytes);
                if let Some(finding) = content::examine(&bytes, header) {
                    report.add(finding);
                }
            }
            Err(error) => {
                report.enter(Stage::Input);
                report.add(screen::io_error(&error));
            }
        }
    }
}

impl GateBuilder {
    /// Treats warnings as rejections.
    pub const fn strict(mut self, strict: bool) -> Self {
        self.gate.strict = strict;
        self
    }

    /// Turns the content stage on: the whole image is read, and every pixel of it is looked for. All
    /// images of this gate and its clones together take at most so much memory at a time, their files
    /// included; each waits for its share. A number is a ceiling in bytes of its own.
    ///
    /// ```
    /// use gate::{DecodeMemory, Gate, Profile};
    ///
    /// let gate = Gate::builder(Profile::emo()).decode(DecodeMemory::default()).build();
    /// # let _ = gate;
    /// ```
    #[cfg(feature = "decode")]
    pub fn decode(mut self, memory: impl Into<crate::DecodeMemory>) -> Self {
        self.gate.decode_memory = Some(memory.into());
        self
    }

    /// Fetches URLs with this fetcher, which holds the address policy, the limits and how many run at
    /// once. Without it: public addresses only, and the fetcher's own defaults.
    #[cfg(feature = "http")]
    pub fn fetcher(mut self, fetcher: preflight::http::Fetcher) -> Self {
        self.gate.fetcher = fetcher;
        self
    }

    /// The gate.
    pub fn build(self) -> Gate {
        self.gate
    }
}
