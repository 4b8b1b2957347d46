//! Merges flags, environment, files and defaults into the settings in force.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use ipnet::IpNet;

use crate::args::{CheckArgs, CommonArgs, network};
use crate::config::error::ConfigError;
use crate::config::layers::Layers;
use crate::config::project::Project;
use crate::config::provenance::{Provenance, Setting};
use crate::config::{profile, remote_table};
use crate::environment::{ALLOW_NET, Environment, FORMAT};
use crate::settings::{ExcludeRule, FormatChoice, HttpSettings, Jobs, Settings};
use crate::suggest::{did_you_mean, hint};
use crate::units::Timeout;

/// How often a request for an image is repeated if it failed temporarily.
const DEFAULT_RETRIES: u32 = 2;
/// The most retries: more would be a load on the server.
const MAX_RETRIES: u32 = 10;
/// The longest time for an image at a URL.
const DEFAULT_TIMEOUT: Timeout = Timeout(Duration::from_secs(5));

/// The settings in force, and where each was set.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) settings: Settings,
    pub(crate) provenance: Provenance,
    /// The files that were read, as people see them.
    pub(crate) files: Vec<PathBuf>,
    /// A line for each setting of the checked project's file that was not taken from there.
    pub(crate) not_taken: Vec<String>,
}

/// The settings for a run in the folder `here`. Commands other than `check` have no flags.
///
/// # Errors
///
/// A file cannot be read, or a value of a file, a flag or a variable is invalid. Profiles of a file
/// are checked even if they are not in force.
pub(crate) fn resolve(
    common: &CommonArgs,
    flags: &CheckArgs,
    environment: &Environment,
    here: &Path,
) -> Result<Resolved, ConfigError> {
    let project = Project::of_run(common, environment, here)?;
    let user = Project::of_user(common, environment)?;
    let layers = Layers {
        flags,
        environment,
        project: project.as_ref(),
        user: user.as_ref(),
        here,
        not_taken: RefCell::default(),
    };
    let mut provenance = Provenance::default();
    let limits = profile::resolve(&layers, &mut provenance)?;
    let settings = Settings {
        inputs: flags.inputs.clone(),
        files_from: flags.files_from.clone(),
        null: flags.null,
        excludes: excludes(&layers, &mut provenance),
        no_ignore: flags.no_ignore,
        allow_empty: flags.allow_empty,
        resume: flags.resume.clone(),
        allow_net: provenance.record("allow-net", allow_net(&layers)?, |nets| list(nets)),
        http: http(&layers, &mut provenance)?,
        strict: flags.strict,
        decode: flags.decode,
        format: provenance.layered(
            "format",
            [
                flags.format.map(|format| Setting::new(format, "--format")),
                format(&layers)?,
            ],
            FormatChoice::default(),
            |format| format.name().to_owned(),
        ),
        outputs: flags.output.clone(),
        exit_zero: flags.exit_zero,
        remote: remote_table::resolve(&layers, &mut provenance)?,
        profile: limits.profile,
        decode_memory: limits.decode_memory.value.0,
        jobs: Jobs {
            asked: common.jobs,
            processors: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        },
        verbosity: common.verbosity(),
        environment: environment.clone(),
        settings_files: [&project, &user]
            .into_iter()
            .flatten()
            .map(|file| file.source.file.clone())
            .collect(),
    };
    let not_taken = layers.not_taken.take();
    let files = [project, user].into_iter().flatten();
    Ok(Resolved {
        files: files.map(|file| file.source.file).collect(),
        settings,
        provenance,
        not_taken,
    })
}

/// The items, separated by spaces, or `(none)`.
fn list<T: ToString>(items: &[T]) -> String {
    if items.is_empty() {
        return "(none)".to_owned();
    }
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

/// The format that the environment sets.
fn format(layers: &Layers<'_>) -> Result<Option<Setting<FormatChoice>>, ConfigError> {
    let Some(Setting { value: word, .. }) = layers.variable(FORMAT) else {
        return Ok(None);
    };
    let format = word.parse().map_err(|_| {
        let known: Vec<_> = FormatChoice::names().collect();
        let hint = hint(did_you_mean(&word, known.iter().copied()));
        let known = known.join(", ");
        ConfigError::Value {
            set_by: FORMAT.to_owned(),
            message: format!("expected one of {known}, but found \"{word}\"{hint}"),
        }
    })?;
    Ok(Some(Setting::new(format, FORMAT)))
}

/// Rules that leave inputs out: those of the files, then those of flags.
fn excludes(layers: &Layers<'_>, provenance: &mut Provenance) -> Vec<ExcludeRule> {
    // The user's own patterns apply to every project, so they are relative to the working
    // directory.
    let project = layers.project.map(|file| (file, file.folder.as_path()));
    let user = layers.user.map(|file| (file, layers.here));
    let of_files = user.into_iter().chain(project).flat_map(|(file, folder)| {
        file.file.exclude.iter().map(move |glob| {
            let line = file.source.line(&glob.span());
            let glob = glob.get_ref();
            let rule = ExcludeRule {
                glob: glob.clone(),
                folder: folder.to_owned(),
                origin: format!("{line} exclude = '{glob}'"),
                is_flag: false,
            };
            Setting::new(rule, line)
        })
    });
    let of_flags = layers.flags.exclude.iter().map(|glob| {
        let rule = ExcludeRule {
            glob: glob.clone(),
            folder: layers.here.to_owned(),
            origin: format!("--exclude '{glob}'"),
            is_flag: true,
        };
        Setting::new(rule, "--exclude")
    });
    provenance.each("exclude", of_files.chain(of_flags), |rule| {
        rule.glob.clone()
    })
}

/// The networks that URLs may be fetched from, besides public addresses.
fn allow_net(layers: &Layers<'_>) -> Result<Setting<Vec<IpNet>>, ConfigError> {
    if !layers.flags.allow_net.is_empty() {
        return Ok(Setting::new(layers.flags.allow_net.clone(), "--allow-net"));
    }
    let Some(Setting { value: words, .. }) = layers.variable(ALLOW_NET) else {
        return Ok(Setting::default(Vec::new()));
    };
    let words = words.split([',', ' ']).filter(|word| !word.is_empty());
    let nets = words.map(|word| {
        network(word).map_err(|expected| ConfigError::Value {
            set_by: ALLOW_NET.to_owned(),
            message: format!("{expected}, but found \"{word}\""),
        })
    });
    Ok(Setting::new(nets.collect::<Result<_, _>>()?, ALLOW_NET))
}

/// How images are fetched.
fn http(layers: &Layers<'_>, provenance: &mut Provenance) -> Result<HttpSettings, ConfigError> {
    let flags = layers.flags;
    let timeout = layers.flag_or_files("--timeout", flags.timeout.as_ref(), |file| {
        file.http.timeout.as_ref()
    });
    let retries = layers.flag_or_files("--retries", flags.retries.as_ref(), |file| {
        file.http.retries.as_ref()
    });
    let user_agent = layers.flag_or_files("--user-agent", flags.user_agent.as_ref(), |file| {
        file.http.user_agent.as_ref()
    });
    if let Some(Setting { value, set_by }) = &retries
        && *value > MAX_RETRIES
    {
        return Err(ConfigError::Value {
            set_by: set_by.clone(),
            message: format!("expected at most {MAX_RETRIES}, but found {value}"),
        });
    }
    if let Some(Setting { value, set_by }) = &user_agent
        && (value.trim().is_empty() || !value.bytes().all(|b| matches!(b, b' '..=b'~')))
    {
        return Err(ConfigError::Value {
            set_by: set_by.clone(),
            message: format!(
                "expected a user agent of printable ASCII characters, but found {value:?}"
            ),
        });
    }
    Ok(HttpSettings {
        timeout: provenance
            .layered(
                "http.timeout",
                [timeout],
                DEFAULT_TIMEOUT,
                Timeout::to_string,
            )
            .0,
        retries: provenance.layered("http.retries", [retries], DEFAULT_RETRIES, u32::to_string),
        user_agent: provenance.optional("http.user-agent", [user_agent], String::clone),
    })
}

#[cfg(test)]
mod tests;
