//! The settings in force: what is left when flags, environment, `preflight.toml` and defaults have been merged.

mod output;

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use preflight::Profile;
use url::Url;

use crate::args::Ratio;
pub(crate) use crate::settings::output::{FormatChoice, OutputSpec};

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The limits.
    pub(crate) profile: Profile,
    /// Bytes of memory that `--decode` may take for one image.
    pub(crate) decode_memory: u64,
    /// What to leave out; a later rule wins over an earlier one of the same folder.
    pub(crate) excludes: Vec<ExcludeRule>,
    /// What standard output gets.
    pub(crate) format: FormatChoice,
    /// Networks that URLs may be fetched from besides the public ones.
    pub(crate) allow_net: Vec<IpNet>,
    /// The paid check.
    pub(crate) remote: RemoteSettings,
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

/// Settings of the paid check.
#[derive(Clone, Debug)]
pub(crate) struct RemoteSettings {
    pub(crate) ratio: Ratio,
    /// The most paid requests of this run.
    pub(crate) budget: u32,
    /// How long a known verdict counts; for good where there is none.
    pub(crate) max_age: Option<Duration>,
    pub(crate) map: Vec<MapRule>,
    /// The folder of the cache; absent where the system has no place for one.
    pub(crate) cache_dir: Option<PathBuf>,
    /// The longest that one call may take.
    pub(crate) timeout: Duration,
    pub(crate) model: String,
    pub(crate) workspace: Option<String>,
}

/// Local files under a folder are public at a URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct MapRule {
    /// Absolute.
    pub(crate) folder: PathBuf,
    pub(crate) url: Url,
}
