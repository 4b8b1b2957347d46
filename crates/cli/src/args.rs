//! The command line.

mod offered;

use std::ffi::OsString;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Parser, Subcommand, ValueEnum, ValueHint};
use gate::Language;
use ipnet::IpNet;
use remote::Ratio;
use report::Verbosity;

use crate::environment::Environment;
use crate::one_of::OneOf;
use crate::settings::{Detector, FormatChoice, OutputSpec, UploadFor};
use crate::units::Timeout;

/// Checks images against EMO's limits by their headers, in CI and before anything is paid for
#[derive(Debug, Parser)]
#[command(
    name = "preflight",
    version,
    max_term_width = 110,
    disable_help_subcommand = true
)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check files, directories, globs and URLs
    Check(Box<CheckArgs>),
    /// Explain a code and how to put it right
    Explain {
        /// a code (PF202), its name (side-too-small) or the service's own (InvalidFile.NoHuman);
        /// lists all if left out
        #[arg(value_name = "CODE", value_parser = offered::codes(), hide_possible_values = true)]
        code: Option<String>,
        /// en or zh [default: the language of the locale in LC_ALL, LC_MESSAGES or LANG]
        #[arg(long, value_name = "LANG", value_parser = offered::language())]
        lang: Option<Language>,
    },
    /// Print the settings in force and where each was set
    Config,
    /// Show or clear the ledger of paid calls: verdicts, charges, open calls
    #[command(visible_alias = "cache")]
    Ledger {
        #[command(subcommand)]
        action: LedgerAction,
    },
    /// Write a manual page, a shell's completions or the JSON Schema of the reports
    #[command(hide = true)]
    Generate {
        #[arg(value_enum)]
        what: Generated,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum LedgerAction {
    /// Print its path, its verdicts, the money spent and the open calls
    Info {
        /// print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print every entry, one JSON object a line
    Export,
    /// Forget every verdict
    Clear {
        /// also forget calls that were never answered, and what was spent
        #[arg(long)]
        yes: bool,
    },
}

/// When text has colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorWhen {
    /// Applies the choice to every stream of this process.
    pub(crate) fn write_global(self, environment: &Environment) {
        let choice = match self {
            Self::Always => anstream::ColorChoice::AlwaysAnsi,
            Self::Never => anstream::ColorChoice::Never,
            // The library knows NO_COLOR, which wins, but not FORCE_COLOR.
            Self::Auto if environment.forces_color() => anstream::ColorChoice::AlwaysAnsi,
            Self::Auto => anstream::ColorChoice::Auto,
        };
        choice.write_global();
    }
}

/// The texts that `preflight generate` writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Generated {
    Man,
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Elvish,
    /// The JSON Schema of any line of a JSONL report.
    Schema,
    /// The JSON Schema of `preflight.toml`.
    ConfigSchema,
    /// The tables of the page of codes.
    Codes,
    /// The tables of the page of settings.
    Settings,
}

/// Flags of every command.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "General")]
pub(crate) struct CommonArgs {
    /// check N images at once [default: one per processor; 4 URLs per host]
    #[arg(short, long, value_name = "N", value_parser = jobs, global = true)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// -q: only failures and totals; -qq: nothing
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: u8,
    /// -v: also images that passed; -vv: also log requests
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// colours: auto, always, never
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        global = true
    )]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) color: ColorWhen,
    /// read the settings from FILE instead of the nearest preflight.toml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, global = true)]
    pub(crate) config: Option<PathBuf>,
    /// read no settings from files
    #[arg(long, global = true, conflicts_with = "config")]
    pub(crate) no_config: bool,
}

impl CommonArgs {
    /// The verbosity, from `-q` and `-v`.
    pub(crate) const fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (0, 0) => Verbosity::Normal,
            (0, 1) => Verbosity::Verbose,
            (0, _) => Verbosity::Debug,
            (1, _) => Verbosity::Quiet,
            (_, _) => Verbosity::Silent,
        }
    }
}

const INPUTS: &str = "What to check";
const LIMITS: &str = "Limits";
const REPORT: &str = "Report";
const REMOTE: &str = "Remote check (paid)";

/// Flags of `preflight check`.
#[derive(Debug, Default, clap::Args)]
#[command(next_display_order = 1)] // The inputs have order 0 and come first.
pub(crate) struct CheckArgs {
    /// files, directories, globs, URLs, or - for one image on standard input [default: .]
    #[arg(value_name = "INPUT", help_heading = INPUTS, display_order = 0)]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<OsString>,
    /// read more inputs from FILE, one per line; # starts a comment; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = INPUTS)]
    pub(crate) files_from: Vec<PathBuf>,
    /// entries of --files-from end in NUL, as from git diff -z or find -print0
    #[arg(short = '0', long, requires = "files_from", help_heading = INPUTS)]
    pub(crate) null: bool,
    /// leave out files and URLs that match; overrides every other rule
    #[arg(long, value_name = "GLOB", help_heading = INPUTS)]
    pub(crate) exclude: Vec<String>,
    /// also check hidden and git-ignored files
    #[arg(long, help_heading = INPUTS)]
    pub(crate) no_ignore: bool,
    /// do not fail when there is nothing to check
    #[arg(long, help_heading = INPUTS)]
    pub(crate) allow_empty: bool,
    /// check only inputs that this earlier report (.jsonl) left unknown or did not reach
    #[arg(long, value_name = "REPORT", value_hint = ValueHint::FilePath, help_heading = INPUTS)]
    pub(crate) resume: Option<PathBuf>,
    /// also fetch URLs from these addresses, any port, e.g. 10.2.0.0/16
    #[arg(long, value_name = "CIDR", value_parser = network, help_heading = INPUTS)]
    pub(crate) allow_net: Vec<IpNet>,
    /// longest time for one URL, retries included [default: 5s]
    #[arg(long, value_name = "TIME", help_heading = INPUTS)]
    pub(crate) timeout: Option<Timeout>,
    /// repeat a request for an image up to N times if it failed temporarily [default: 2]
    #[arg(long, value_name = "N", help_heading = INPUTS)]
    pub(crate) retries: Option<u32>,
    /// the User-Agent header of requests for images
    #[arg(long, value_name = "TEXT", help_heading = INPUTS)]
    pub(crate) user_agent: Option<String>,

    #[arg(short, long, value_name = "NAME", value_parser = offered::profiles())]
    #[arg(hide_possible_values = true, help = offered::profile_help(), help_heading = LIMITS)]
    pub(crate) profile: Option<String>,
    /// override one setting of the profile, e.g. --set min-side=512
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment, help_heading = LIMITS)]
    pub(crate) set: Vec<(String, String)>,
    /// treat warnings as rejections
    #[arg(long, help_heading = LIMITS)]
    pub(crate) strict: bool,
    /// also decode the pixels of each image that passed
    #[arg(long, help_heading = LIMITS)]
    pub(crate) decode: bool,

    #[arg(short, long, value_name = "FORMAT", value_parser = format(), ignore_case = true)]
    #[arg(hide_possible_values = true, help = offered::format_help(), help_heading = REPORT)]
    pub(crate) format: Option<FormatChoice>,
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(help = offered::output_help(), help_heading = REPORT)]
    pub(crate) output: Vec<OutputSpec>,
    /// exit 0 even if images were rejected
    #[arg(long, help_heading = REPORT)]
    pub(crate) exit_zero: bool,

    /// ask the detector about images that passed: service (the default) or standin (built in, no
    /// key, made-up verdicts)
    #[arg(long, value_name = "WHERE", value_parser = detector, help_heading = REMOTE)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "service")]
    pub(crate) remote: Option<Detector>,
    /// show what --remote would send and cost; send nothing
    #[arg(long, help_heading = REMOTE)]
    pub(crate) dry_run: bool,
    /// send at most N paid requests [default: 100]
    #[arg(long, value_name = "N", help_heading = REMOTE)]
    pub(crate) budget: Option<u32>,
    /// send at most N paid requests a day (UTC), over all runs on this machine
    #[arg(long, value_name = "N", help_heading = REMOTE, conflicts_with = "no_ledger")]
    pub(crate) budget_per_day: Option<u32>,
    /// local files under DIR are public at URL
    #[arg(long, value_name = "DIR=URL", value_parser = mapping, help_heading = REMOTE)]
    pub(crate) map: Vec<(String, String)>,
    /// upload local files to the service's temporary store (deleted after 48 h), for emo-detect-v1
    /// or emo-v1
    #[arg(long, value_name = "MODEL", value_parser = upload_for, help_heading = REMOTE)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "emo-detect-v1")]
    pub(crate) upload: Option<UploadFor>,
    /// ratio of the video: 1:1 or 3:4 [default: 1:1]
    #[arg(long, value_name = "RATIO", help_heading = REMOTE)]
    pub(crate) ratio: Option<OneOf<Ratio>>,
    /// ask again about images whose verdict is known
    #[arg(long, help_heading = REMOTE)]
    pub(crate) no_cache: bool,
    /// keep no ledger of verdicts and charges
    #[arg(long, help_heading = REMOTE)]
    pub(crate) no_ledger: bool,
}

/// The words of `--remote`.
fn detector(word: &str) -> Result<Detector, String> {
    match word {
        "service" => Ok(Detector::Service),
        "standin" => Ok(Detector::Standin),
        _ => Err("expected service or standin".to_owned()),
    }
}

/// The words of `--upload`: the models that may read the address of an upload.
fn upload_for(word: &str) -> Result<UploadFor, String> {
    match word {
        "emo-detect-v1" => Ok(UploadFor::Detector),
        "emo-v1" => Ok(UploadFor::Video),
        _ => Err("expected emo-detect-v1 or emo-v1".to_owned()),
    }
}

/// More at once than any machine can use or any server welcomes; each costs a thread.
const MAX_JOBS: usize = 1024;

/// A word of `--format`, which completions offer.
fn format() -> impl TypedValueParser<Value = FormatChoice> {
    PossibleValuesParser::new(FormatChoice::names()).try_map(|word| word.parse::<FormatChoice>())
}

fn jobs(word: &str) -> Result<NonZeroUsize, String> {
    let jobs = word.parse().ok().filter(|jobs| *jobs <= MAX_JOBS);
    jobs.and_then(NonZeroUsize::new)
        .ok_or_else(|| format!("expected a number from 1 to {MAX_JOBS}"))
}

/// A network, or one address.
pub(crate) fn network(word: &str) -> Result<IpNet, String> {
    let address = || word.parse::<IpAddr>().map(IpNet::from);
    word.parse()
        .or_else(|_| address())
        .map_err(|_| "expected a network such as 10.2.0.0/16".to_owned())
}

/// Splits `KEY=VALUE` at the first `=`.
fn assignment(word: &str) -> Result<(String, String), String> {
    pair(word).ok_or_else(|| "expected KEY=VALUE, such as min-side=512".to_owned())
}

/// Splits `DIR=URL` at the first `=`.
fn mapping(word: &str) -> Result<(String, String), String> {
    let expected = "expected DIR=URL, such as assets=https://cdn.example.com/assets";
    pair(word).ok_or_else(|| expected.to_owned())
}

fn pair(word: &str) -> Option<(String, String)> {
    let (key, value) = word.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_whole = !key.is_empty() && !value.is_empty();
    is_whole.then(|| (key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_numbers_and_networks_are_refused_with_what_is_expected() {
        for word in ["0", "-1", "1025", "18446744073709551616", "two"] {
            assert_eq!(
                jobs(word),
                Err("expected a number from 1 to 1024".to_owned())
            );
        }
        assert_eq!(jobs("1024").map(NonZeroUsize::get), Ok(1024));
        assert_eq!(network("10.2.0.5"), network("10.2.0.5/32"));
        assert!(network("intranet").is_err());
    }
}
