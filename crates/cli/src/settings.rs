//! The settings of a run, merged from flags, environment, files and defaults. No other module reads
//! a flag, a variable or a settings file.

mod output;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use gate::{DecodeMemory, Gate};
use ipnet::IpNet;
use preflight::Profile;
use preflight::http::{AddressPolicy, Fetcher, FetcherBuilder, SetupError};
use remote::Ratio;
use report::Verbosity;
use url::Url;

use crate::environment::Environment;
pub(crate) use crate::settings::output::{FormatChoice, OutputSpec};

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Inputs named on the command line.
    pub(crate) inputs: Vec<OsString>,
    /// Lists of more inputs.
    pub(crate) files_from: Vec<PathBuf>,
    /// Entries of the lists end in NUL.
    pub(crate) null: bool,
    /// Rules that leave inputs out; a later rule overrides an earlier one of the same folder.
    pub(crate) excludes: Vec<ExcludeRule>,
    /// Also check hidden and git-ignored files.
    pub(crate) no_ignore: bool,
    /// Succeed if there is nothing to check.
    pub(crate) allow_empty: bool,
    /// A report of an earlier run: only inputs that it left open are checked.
    pub(crate) resume: Option<PathBuf>,
    /// Networks that URLs may be fetched from, besides public addresses.
    pub(crate) allow_net: Vec<IpNet>,
    pub(crate) http: HttpSettings,
    /// The limits.
    pub(crate) profile: Profile,
    /// Warnings reject.
    pub(crate) strict: bool,
    /// Also decode the pixels.
    pub(crate) decode: bool,
    /// The most memory in bytes that decoding may take.
    pub(crate) decode_memory: u64,
    /// The format of standard output.
    pub(crate) format: FormatChoice,
    /// Reports to files.
    pub(crate) outputs: Vec<OutputSpec>,
    /// Rejections do not change the exit code.
    pub(crate) exit_zero: bool,
    /// The paid check.
    pub(crate) remote: RemoteSettings,
    pub(crate) jobs: Jobs,
    pub(crate) verbosity: Verbosity,
    pub(crate) environment: Environment,
    /// The files that the settings came from, which no report may replace.
    pub(crate) settings_files: Vec<PathBuf>,
}

/// A pattern of inputs to leave out, by gitignore's rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ExcludeRule {
    /// The pattern.
    pub(crate) glob: String,
    /// The folder that it is anchored at, absolute.
    pub(crate) folder: PathBuf,
    /// The rule as people see it: `--exclude 'old*'`, `preflight.toml:6 exclude = 'old*'`.
    pub(crate) origin: String,
    /// Set by a flag of this run, not by a settings file.
    pub(crate) is_flag: bool,
}

/// How images are fetched from URLs.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    /// The longest time for one image, its retries included.
    pub(crate) timeout: Duration,
    /// How often a request is repeated if it failed temporarily.
    pub(crate) retries: u32,
    pub(crate) user_agent: Option<String>,
}

/// The number of images that are checked at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jobs {
    /// The number that the user asked for.
    pub(crate) asked: Option<NonZeroUsize>,
    pub(crate) processors: NonZeroUsize,
}

/// Settings of the paid check.
#[derive(Clone, Debug)]
pub(crate) struct RemoteSettings {
    /// The service that is asked, if any.
    pub(crate) detector: Option<Detector>,
    /// Show what would be sent, and send nothing.
    pub(crate) dry_run: bool,
    /// Upload local files without a public URL.
    pub(crate) upload: Option<UploadFor>,
    /// Ask again about images whose verdict is known.
    pub(crate) no_cache: bool,
    /// Keep no ledger.
    pub(crate) no_ledger: bool,
    pub(crate) ratio: Ratio,
    /// The most paid requests of this run.
    pub(crate) budget: u32,
    /// The most paid requests of a day, over all runs on this machine.
    pub(crate) budget_per_day: Option<u32>,
    /// The age up to which a known verdict counts; without limit if absent.
    pub(crate) max_age: Option<Duration>,
    pub(crate) map: Vec<MapRule>,
    /// The folder of the ledger; absent if the system has no folder for caches.
    pub(crate) cache_dir: Option<PathBuf>,
    /// The longest time for one call.
    pub(crate) timeout: Duration,
    pub(crate) model: String,
    pub(crate) workspace: Option<String>,
    /// A file of verdicts for the stand-in, by image; without it every image passes.
    pub(crate) standin_script: Option<PathBuf>,
}

/// The service that is asked in the paid stage.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Detector {
    /// The service itself.
    Service,
    /// The stand-in that is built in: made-up verdicts, nothing charged.
    Standin,
}

/// The model that an upload is for; no other model can read it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UploadFor {
    /// The detector that is asked.
    Detector,
    /// The video model, `emo-v1`.
    Video,
}

/// Local files under a folder are public at a URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct MapRule {
    /// Absolute.
    pub(crate) folder: PathBuf,
    pub(crate) url: Url,
}

impl Settings {
    /// The addresses that URLs may be fetched from.
    pub(crate) fn address_policy(&self) -> AddressPolicy {
        // The policy accepts every network that the command line accepts.
        let networks = self
            .allow_net
            .iter()
            .filter_map(|net| net.to_string().parse().ok());
        networks.fold(AddressPolicy::public(), AddressPolicy::allow)
    }

    /// The free stages.
    ///
    /// # Errors
    ///
    /// The fetcher does not accept the settings.
    pub(crate) fn gate(&self, memory: &DecodeMemory) -> Result<Gate, SetupError> {
        let fetcher = self.fetcher_to(self.address_policy()).build()?;
        Ok(self.gate_by(fetcher, memory))
    }

    /// The free stages, with a fetcher of their own.
    pub(crate) fn gate_by(&self, fetcher: Fetcher, memory: &DecodeMemory) -> Gate {
        let builder = Gate::builder(self.profile.clone())
            .strict(self.strict)
            .fetcher(fetcher);
        let builder = if self.decode {
            builder.decode(memory.clone())
        } else {
            builder
        };
        builder.build()
    }

    /// Fetches URLs from where a policy says: as many at once as `--jobs` says, else a number that
    /// servers welcome.
    pub(crate) fn fetcher_to(&self, policy: AddressPolicy) -> FetcherBuilder {
        let mut builder = Fetcher::builder()
            .policy(policy)
            .timeout(self.http.timeout)
            .retries(self.http.retries);
        if let Some(text) = &self.http.user_agent {
            builder = builder.user_agent(text);
        }
        match self.jobs.asked {
            Some(jobs) => builder.concurrency(jobs.get()).per_host(jobs.get()),
            None => builder,
        }
    }

    /// Whether a list comes from standard input, where it may come slowly.
    pub(crate) fn reads_a_list_from_stdin(&self) -> bool {
        self.files_from.iter().any(|list| list.as_os_str() == "-")
    }

    /// Whether the image on standard input is one of the inputs.
    pub(crate) fn reads_an_image_from_stdin(&self) -> bool {
        self.inputs.iter().any(|word| word == "-")
    }
}

impl RemoteSettings {
    /// The service that is asked, or that a dry run plans for.
    pub(crate) fn whom(&self) -> Option<Detector> {
        self.detector.or(self.dry_run.then_some(Detector::Service))
    }
}
