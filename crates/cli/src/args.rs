//! The command line.

use std::ffi::OsString;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;

use crate::settings::{FormatChoice, OutputSpec};

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
    /// Say what a code means and how to put it right
    Explain {
        /// a code (PF202), its name (side-too-small) or the service's own (InvalidFile.NoHuman); without one, list all
        #[arg(value_name = "CODE")]
        code: Option<String>,
    },
    /// Print the settings in force, and where each came from
    Config,
    /// The cache of paid verdicts
    Cache {
        #[command(subcommand)]
        action: CacheAction,
    },
    /// Write a manual page, a shell's completions or the JSON Schema of the reports
    #[command(hide = true)]
    Generate {
        #[arg(value_enum)]
        what: Generated,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum CacheAction {
    /// Say where it is and what it holds
    Info,
    /// Forget every verdict
    Clear,
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` says otherwise.
    Auto,
    Always,
    Never,
}

impl ColorWhen {
    /// Has every stream of this process heed it.
    pub(crate) fn write_global(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::AlwaysAnsi,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// The arguments of this process. Help and errors end it, in the colours that the arguments ask for.
pub(crate) fn parse() -> Args {
    let color = match color_of(std::env::args_os()) {
        ColorWhen::Auto => clap::ColorChoice::Auto,
        ColorWhen::Always => clap::ColorChoice::Always,
        ColorWhen::Never => clap::ColorChoice::Never,
    };
    let matches = Args::command().color(color).get_matches();
    Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// What `--color` says among words that may not be sound otherwise.
fn color_of(words: impl Iterator<Item = OsString>) -> ColorWhen {
    let mut words = words.take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let when = match word.to_str().and_then(|word| word.strip_prefix("--color")) {
            Some("") => words.next().and_then(|word| word.into_string().ok()),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(when) = when.and_then(|when| ColorWhen::from_str(&when, false).ok()) {
            return when;
        }
    }
    ColorWhen::Auto
}

/// What `preflight generate` can write.
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
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Speed and talk")]
pub(crate) struct CommonArgs {
    /// check N images at a time [default: one a processor]
    #[arg(short, long, value_name = "N", value_parser = jobs, global = true)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// -q: only failures and the totals; -qq: nothing
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: u8,
    /// -v: images that passed, too; -vv: and what was asked of servers
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// colours: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) color: ColorWhen,
    /// take the settings from FILE instead of the nearest preflight.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// take no settings from a file
    #[arg(long, global = true, conflicts_with = "config")]
    pub(crate) no_config: bool,
}

/// Flags of `preflight check`.
#[derive(Debug, clap::Args)]
#[command(next_display_order = 1)] // The inputs stand above their flags, with order 0.
pub(crate) struct CheckArgs {
    /// files, directories, globs, URLs, or - for one image on standard input [default: .]
    #[arg(
        value_name = "INPUT",
        help_heading = "What to check",
        display_order = 0
    )]
    pub(crate) inputs: Vec<OsString>,
    /// more inputs from FILE, one a line; # comments; - for standard input
    #[arg(long, value_name = "FILE", help_heading = "What to check")]
    pub(crate) files_from: Vec<PathBuf>,
    /// names in --files-from end in NUL (git diff -z, find -print0)
    #[arg(
        short = '0',
        long,
        requires = "files_from",
        help_heading = "What to check"
    )]
    pub(crate) null: bool,
    /// leave out what matches; wins over every other rule
    #[arg(long, value_name = "GLOB", help_heading = "What to check")]
    pub(crate) exclude: Vec<String>,
    /// also look in hidden and git-ignored places
    #[arg(long, help_heading = "What to check")]
    pub(crate) no_ignore: bool,
    /// do not fail when there is nothing to check
    #[arg(long, help_heading = "What to check")]
    pub(crate) allow_empty: bool,
    /// also fetch URLs from these addresses, any port, e.g. 10.2.0.0/16
    #[arg(long, value_name = "CIDR", value_parser = network, help_heading = "What to check")]
    pub(crate) allow_net: Vec<IpNet>,

    /// limits to check against: emo, emoji, s2v, liveportrait or one of preflight.toml [default: emo]
    #[arg(short, long, value_name = "NAME", help_heading = "Limits")]
    pub(crate) profile: Option<String>,
    /// override one setting, e.g. --set min-side=512
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment, help_heading = "Limits")]
    pub(crate) set: Vec<(String, String)>,
    /// treat warnings as rejections
    #[arg(long, help_heading = "Limits")]
    pub(crate) strict: bool,
    /// also read each whole image that passed and decode its pixels
    #[arg(long, help_heading = "Limits")]
    pub(crate) decode: bool,

    /// standard output: auto human compact jsonl sarif junit github gitlab markdown
    #[arg(short, long, value_name = "FORMAT", value_parser = format())]
    #[arg(
        ignore_case = true,
        hide_possible_values = true,
        help_heading = "Report"
    )]
    pub(crate) format: Option<FormatChoice>,
    /// also write FILE; .jsonl .sarif .xml .md .txt, or FORMAT:FILE
    #[arg(short, long, value_name = "FILE", help_heading = "Report")]
    pub(crate) output: Vec<OutputSpec>,
    /// exit 0 even if images were rejected
    #[arg(long, help_heading = "Report")]
    pub(crate) exit_zero: bool,

    /// after the free checks, ask the detector about what passed: service (the default) or standin (built in, no key, made-up verdicts)
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "service", hide_possible_values = true)]
    #[arg(help_heading = "Remote check (paid)")]
    pub(crate) remote: Option<Detector>,
    /// say what --remote would send and cost, and send nothing
    #[arg(long, help_heading = "Remote check (paid)")]
    pub(crate) dry_run: bool,
    /// send at most N paid requests [default: 100]
    #[arg(long, value_name = "N", help_heading = "Remote check (paid)")]
    pub(crate) budget: Option<u32>,
    /// local files under DIR are public at URL
    #[arg(long, value_name = "DIR=URL", value_parser = assignment)]
    #[arg(help_heading = "Remote check (paid)")]
    pub(crate) map: Vec<(String, String)>,
    /// lend local files to the service through its temporary store (48 h)
    #[arg(long, help_heading = "Remote check (paid)")]
    pub(crate) upload: bool,
    /// 1:1 or 3:4 [default: 1:1]
    #[arg(long, value_name = "RATIO", hide_possible_values = true)]
    #[arg(help_heading = "Remote check (paid)")]
    pub(crate) ratio: Option<Ratio>,
    /// ask again about images whose verdict is known
    #[arg(long, help_heading = "Remote check (paid)")]
    pub(crate) no_cache: bool,
}

/// Who answers the paid question.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Detector {
    /// The service itself.
    Service,
    /// The stand-in that is built in: made-up verdicts, nothing charged.
    Standin,
}

/// The ratio of the video to come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Ratio {
    /// `1:1`, a head.
    #[default]
    #[value(name = "1:1")]
    Square,
    /// `3:4`, a half-length portrait.
    #[value(name = "3:4")]
    ThreeFour,
}

/// More at a time than any machine or polite guest has use for; each costs a thread.
const MAX_JOBS: usize = 1024;

/// A word of `--format`, which completions can offer.
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
    match word.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected a name, an equals sign and a value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_is_known_before_the_other_words_are() {
        for (words, when) in [
            (
                &["check", "--bogus", "--color", "never"][..],
                ColorWhen::Never,
            ),
            (&["--color=always", "--bogus"], ColorWhen::Always),
            (&["check", "--color"], ColorWhen::Auto),
            (&["check", "--color=pink"], ColorWhen::Auto),
            (&["check", "--", "--color=never"], ColorWhen::Auto),
        ] {
            let words = words.iter().map(OsString::from);
            assert_eq!(color_of(words), when);
        }
    }

    #[test]
    fn numbers_and_networks_are_said_to_be_none_with_what_they_should_be() {
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
