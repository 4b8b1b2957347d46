//! The user's will: what is left when flags, environment, files and defaults have been merged.
//! Nothing behind it looks at a flag, a variable or a file with settings.

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

use crate::config::Environment;
pub(crate) use crate::settings::output::{FormatChoice, OutputSpec};

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The words of the command line.
    pub(crate) inputs: Vec<OsString>,
    /// Lists of more inputs.
    pub(crate) files_from: Vec<PathBuf>,
    /// Names in the lists end in NUL.
    pub(crate) null: bool,
    /// What to leave out; a later rule wins over an earlier one of the same folder.
    pub(crate) excludes: Vec<ExcludeRule>,
    /// Look in hidden and git-ignored folders, too.
    pub(crate) no_ignore: bool,
    /// Nothing to check is no failure.
    pub(crate) allow_empty: bool,
    /// A report of an earlier run: only what that left open is checked.
    pub(crate) resume: Option<PathBuf>,
    /// Networks that URLs may be fetched from besides the public ones.
    pub(crate) allow_net: Vec<IpNet>,
    pub(crate) http: HttpSettings,
    /// The limits.
    pub(crate) profile: Profile,
    /// Warnings reject.
    pub(crate) strict: bool,
    /// Decode the pixels, too.
    pub(crate) decode: bool,
    /// Bytes of memory that decoding may take.
    pub(crate) decode_memory: u64,
    /// What standard output gets.
    pub(crate) format: FormatChoice,
    /// Reports into files.
    pub(crate) outputs: Vec<OutputSpec>,
    /// Rejections end with exit code 0.
    pub(crate) exit_zero: bool,
    /// The paid check.
    pub(crate) remote: RemoteSettings,
    pub(crate) jobs: Jobs,
    pub(crate) verbosity: Verbosity,
    pub(crate) environment: Environment,
    /// The files that the settings came from, which no report may replace.
    pub(crate) settings_files: Vec<PathBuf>,
}

/// One pattern of what to leave out, by gitignore's rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ExcludeRule {
    /// The pattern.
    pub(crate) glob: String,
    /// The folder that it is anchored at, absolute.
    pub(crate) folder: PathBuf,
    /// Where it was set, for people: `--exclude 'old*'`, `preflight.toml:6 exclude = 'old*'`.
    pub(crate) origin: String,
    /// A flag of this run, and no setting of the project.
    pub(crate) is_flag: bool,
}

/// How images are fetched from URLs.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    /// The longest that one image may take, its retries included.
    pub(crate) timeout: Duration,
    /// How often a request that failed for the moment is sent again.
    pub(crate) retries: u32,
    pub(crate) user_agent: Option<String>,
}

/// How many images are checked at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jobs {
    /// What the user asked for.
    pub(crate) asked: Option<NonZeroUsize>,
    pub(crate) processors: NonZeroUsize,
}

/// Settings of the paid check.
#[derive(Clone, Debug)]
pub(crate) struct RemoteSettings {
    /// Who answers; nobody unless it was asked for.
    pub(crate) detector: Option<Detector>,
    /// Say what would be asked, and ask nothing.
    pub(crate) dry_run: bool,
    /// Upload local files that no map rule covers.
    pub(crate) upload: Option<UploadFor>,
    /// Ask again about images whose verdict is known.
    pub(crate) no_cache: bool,
    /// Keep no ledger at all.
    pub(crate) no_ledger: bool,
    pub(crate) ratio: Ratio,
    /// The most paid requests of this run.
    pub(crate) budget: u32,
    /// The most paid requests of a day, over all runs of this machine.
    pub(crate) budget_per_day: Option<u32>,
    /// How long a known verdict counts; for good where there is none.
    pub(crate) max_age: Option<Duration>,
    pub(crate) map: Vec<MapRule>,
    /// The folder of the ledger; absent where the system has no place for one.
    pub(crate) cache_dir: Option<PathBuf>,
    /// The longest that one call may take.
    pub(crate) timeout: Duration,
    pub(crate) model: String,
    pub(crate) workspace: Option<String>,
    /// A file of verdicts for the stand-in, by image; without it everything passes.
    pub(crate) standin_script: Option<PathBuf>,
}

/// Who answers the paid question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Detector {
    /// The service itself.
    Service,
    /// The stand-in that is built in: made-up verdicts, nothing charged.
    Standin,
}

/// The model that an upload is for: no other may read it.
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
    /// Where URLs may be fetched from.
    pub(crate) fn address_policy(&self) -> AddressPolicy {
        // Every network that clap took is one that the policy takes.
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
    /// URLs cannot be fetched as the settings say.
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

    /// Fetches URLs from where a policy says: as many at a time as `--jobs` says, else as many as a
    /// polite guest.
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
    /// Who would answer: the service in a dry run that names nobody.
    pub(crate) fn whom(&self) -> Option<Detector> {
        self.detector.or(self.dry_run.then_some(Detector::Service))
    }
}
