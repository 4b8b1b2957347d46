//! Merges flags, environment, file and defaults into the settings in force.

use std::path::{Path, PathBuf};

use crate::args::{CheckArgs, CommonArgs};
use crate::config::discover::Project;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::ledger::{Ledger, Sourced};
use crate::config::suggest::{did_you_mean, hint};
use crate::config::{inputs, limits, remote};
use crate::settings::{FormatChoice, Settings};

/// The settings in force, and where each came from.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) settings: Settings,
    pub(crate) ledger: Ledger,
    /// The file that was read, as it is shown.
    pub(crate) file: Option<PathBuf>,
}

/// What settings are made of.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// The flags of `check`, where that is what runs.
    pub(crate) check: Option<&'a CheckArgs>,
    pub(crate) environment: &'a Environment,
    pub(crate) project: Option<&'a Project>,
    /// The working directory, absolute.
    pub(crate) here: &'a Path,
}

/// The settings for a run in the folder `here`. Without the arguments of `check`, those that hold
/// for a run without flags.
///
/// # Errors
///
/// The file cannot be read, or something in it, in a flag or in a variable is not what it should
/// be. A profile of the file is looked at whether it is in force or not.
pub(crate) fn resolve(
    common: &CommonArgs,
    check: Option<&CheckArgs>,
    environment: &Environment,
    here: &Path,
) -> Result<InForce, ConfigError> {
    let project = project(common, environment, here)?;
    let sources = Sources {
        check,
        environment,
        project: project.as_ref(),
        here,
    };
    let mut ledger = Ledger::default();
    let limits = limits::resolve(sources, &mut ledger)?;
    let settings = Settings {
        excludes: inputs::excludes(sources, &mut ledger),
        format: ledger.enter("format", format(sources)?, |format| {
            format.name().to_owned()
        }),
        allow_net: ledger.enter("allow-net", inputs::allow_net(sources)?, |nets| list(nets)),
        remote: remote::resolve(sources, &mut ledger)?,
        profile: limits.profile,
        decode_memory: limits.decode_memory.0,
    };
    let file = project.map(|project| project.source.file);
    Ok(InForce {
        settings,
        ledger,
        file,
    })
}

/// The words of a list, with blanks between them; `(none)` for none.
pub(crate) fn list<T: ToString>(items: &[T]) -> String {
    if items.is_empty() {
        return "(none)".to_owned();
    }
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

fn project(
    common: &CommonArgs,
    environment: &Environment,
    here: &Path,
) -> Result<Option<Project>, ConfigError> {
    if common.no_config {
        return Ok(None);
    }
    match common.config.as_ref().or(environment.config.as_ref()) {
        Some(path) => Project::named(path).map(Some),
        None => Project::nearest(here),
    }
}

fn format(sources: Sources<'_>) -> Result<Sourced<FormatChoice>, ConfigError> {
    const VARIABLE: &str = "PREFLIGHT_FORMAT";
    if let Some(format) = sources.check.and_then(|check| check.format) {
        return Ok(Sourced::new(format, "--format"));
    }
    let Some(word) = &sources.environment.format else {
        return Ok(Sourced::default(FormatChoice::default()));
    };
    word.parse()
        .map(|format| Sourced::new(format, VARIABLE))
        .map_err(|_| {
            let known: Vec<_> = FormatChoice::names().collect();
            let hint = hint(did_you_mean(word, known.iter().copied()));
            let message = format!(
                "expected one of {}, but found \"{word}\"{hint}",
                known.join(", ")
            );
            ConfigError::Value {
                origin: VARIABLE.to_owned(),
                message,
            }
        })
}

#[cfg(test)]
mod tests;
