//! Merges the settings of the paid check.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum as _;
use remote::BaseUrl;
use toml::Spanned;
use url::Url;

use crate::args::Ratio;
use crate::config::discover::Project;
use crate::config::error::ConfigError;
use crate::config::file::RemoteTable;
use crate::config::ledger::{Ledger, Sourced};
use crate::config::resolve::Sources;
use crate::config::units::Span;
use crate::path::without_detours;
use crate::settings::{MapRule, RemoteSettings};

const DEFAULT_BUDGET: u32 = 100;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// Nobody waits longer for one call; times without end overflow a clock.
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);
const DEFAULT_MODEL: &str = "emo-detect-v1";

/// The settings of the paid check.
///
/// # Errors
///
/// A value of the file or of a flag that its setting does not take.
pub(crate) fn resolve(
    sources: Sources<'_>,
    ledger: &mut Ledger,
) -> Result<RemoteSettings, ConfigError> {
    enter_service(sources, ledger);
    Ok(RemoteSettings {
        ratio: ledger.enter("remote.ratio", ratio(sources)?, |ratio| {
            ratio
                .to_possible_value()
                .map_or_else(String::new, |value| value.get_name().to_owned())
        }),
        budget: ledger.enter("remote.budget", budget(sources), u32::to_string),
        max_age: ledger.enter_option("remote.max-age", max_age(sources), |age| {
            Span(*age).to_string()
        }),
        map: map(sources, ledger)?,
        cache_dir: ledger.enter_option("remote.cache-dir", cache_dir(sources)?, |dir| {
            dir.display().to_string()
        }),
        timeout: ledger.enter("remote.timeout", timeout(sources)?, |time| {
            Span(*time).to_string()
        }),
        model: ledger.enter("remote.model", model(sources)?, String::clone),
        workspace: ledger.enter_option("remote.workspace", workspace(sources), String::clone),
    })
}

/// Who is asked and with which key: what only the environment says, and what nobody but the client
/// reads.
fn enter_service(sources: Sources<'_>, ledger: &mut Ledger) {
    let base_url = match &sources.environment.base_url {
        Some(url) => Sourced::new(url.clone(), "DASHSCOPE_HTTP_BASE_URL"),
        None => Sourced::default(BaseUrl::default().as_str().to_owned()),
    };
    ledger.enter("remote.base-url", base_url, |text| {
        BaseUrl::parse(text).map_or_else(
            |_| "(not a base URL)".to_owned(),
            |url| url.as_str().to_owned(),
        )
    });
    let key = match &sources.environment.key_origin {
        Some(origin) => Sourced::new(Some(()), origin),
        None => Sourced::default(None),
    };
    ledger.enter_option("remote.key", key, |()| "(set)".to_owned());
}

/// A value of the file's `[remote]`, with the project that it stands in.
fn of_file<'a, T>(
    sources: Sources<'a>,
    pick: impl FnOnce(&'a RemoteTable) -> Option<&'a Spanned<T>>,
) -> Option<(&'a Project, &'a Spanned<T>)> {
    let project = sources.project?;
    Some((project, pick(&project.file.remote)?))
}

fn refused<T>(project: &Project, value: &Spanned<T>, message: impl fmt::Display) -> ConfigError {
    ConfigError::Value {
        origin: project.source.place(&value.span()).to_string(),
        message: message.to_string(),
    }
}

fn sourced<T: Clone>((project, value): (&Project, &Spanned<T>)) -> Sourced<T> {
    Sourced::new(value.get_ref().clone(), project.source.line(&value.span()))
}

fn ratio(sources: Sources<'_>) -> Result<Sourced<Ratio>, ConfigError> {
    let of_file = match of_file(sources, |remote| remote.ratio.as_ref()) {
        Some((project, word)) => match Ratio::from_str(word.get_ref(), false) {
            Ok(ratio) => Some(Sourced::new(ratio, project.source.line(&word.span()))),
            Err(_) => {
                let message = format!(
                    "expected \"1:1\" or \"3:4\", but found \"{}\"",
                    word.get_ref()
                );
                return Err(refused(project, word, message));
            }
        },
        None => None,
    };
    let flag = sources
        .check
        .and_then(|check| check.ratio)
        .map(|ratio| Sourced::new(ratio, "--ratio"));
    Ok(flag
        .or(of_file)
        .unwrap_or_else(|| Sourced::default(Ratio::default())))
}

fn budget(sources: Sources<'_>) -> Sourced<u32> {
    let flag = sources
        .check
        .and_then(|check| check.budget)
        .map(|budget| Sourced::new(budget, "--budget"));
    flag.or_else(|| of_file(sources, |remote| remote.budget.as_ref()).map(sourced))
        .unwrap_or_else(|| Sourced::default(DEFAULT_BUDGET))
}

fn max_age(sources: Sources<'_>) -> Sourced<Option<Duration>> {
    match of_file(sources, |remote| remote.max_age.as_ref()).map(sourced) {
        Some(Sourced {
            value: Span(age),
            origin,
        }) => Sourced::new(Some(age), origin),
        None => Sourced::default(None),
    }
}

fn timeout(sources: Sources<'_>) -> Result<Sourced<Duration>, ConfigError> {
    match of_file(sources, |remote| remote.timeout.as_ref()) {
        Some((project, time)) if time.get_ref().0.is_zero() => {
            Err(refused(project, time, "expected at least 1s, but found 0s"))
        }
        Some((project, time)) if time.get_ref().0 > MAX_TIMEOUT => {
            let message = format!("expected at most 1d, but found {}", time.get_ref());
            Err(refused(project, time, message))
        }
        Some((project, time)) => {
            let Sourced {
                value: Span(time),
                origin,
            } = sourced((project, time));
            Ok(Sourced::new(time, origin))
        }
        None => Ok(Sourced::default(DEFAULT_TIMEOUT)),
    }
}

fn model(sources: Sources<'_>) -> Result<Sourced<String>, ConfigError> {
    match of_file(sources, |remote| remote.model.as_ref()) {
        Some((project, name)) if name.get_ref().trim().is_empty() => Err(refused(
            project,
            name,
            "expected the name of a model, but found nothing",
        )),
        Some(found) => Ok(sourced(found)),
        None => Ok(Sourced::default(DEFAULT_MODEL.to_owned())),
    }
}

fn workspace(sources: Sources<'_>) -> Sourced<Option<String>> {
    let variable = sources.environment.workspace.clone();
    if variable.is_some() {
        return Sourced::new(variable, "DASHSCOPE_WORKSPACE_ID");
    }
    match of_file(sources, |remote| remote.workspace.as_ref()).map(sourced) {
        Some(Sourced { value, origin }) => Sourced::new(Some(value), origin),
        None => Sourced::default(None),
    }
}

/// A folder of the file must lie below the file: who writes to a repository shall not choose where
/// else on the machine a file is written.
fn cache_dir(sources: Sources<'_>) -> Result<Sourced<Option<PathBuf>>, ConfigError> {
    let of_file = match of_file(sources, |remote| remote.cache_dir.as_ref()) {
        Some((project, dir)) if !stays_below(dir.get_ref()) => {
            let message = format!(
                "expected a folder below that of this file, but found \"{}\"; \
                 for another, use PREFLIGHT_CACHE_DIR",
                dir.get_ref().display()
            );
            return Err(refused(project, dir, message));
        }
        Some((project, dir)) => {
            let origin = project.source.line(&dir.span());
            let folder = project.folder.join(dir.get_ref());
            if leads_away(&folder, &project.folder) {
                let message = format!(
                    "expected a folder below that of this file, but found \"{}\", \
                     whose links lead away from it",
                    dir.get_ref().display()
                );
                return Err(refused(project, dir, message));
            }
            Some(Sourced::new(Some(folder), origin))
        }
        None => None,
    };
    let variable = sources.environment.cache_dir.as_ref();
    let variable =
        variable.map(|dir| Sourced::new(Some(sources.here.join(dir)), "PREFLIGHT_CACHE_DIR"));
    let default = || Sourced::default(sources.environment.system_cache_dir.clone());
    Ok(variable.or(of_file).unwrap_or_else(default))
}

/// The rules of flags stand first and those of the file behind them, less the folders that a flag
/// has mapped otherwise.
fn map(sources: Sources<'_>, ledger: &mut Ledger) -> Result<Vec<MapRule>, ConfigError> {
    let flags = sources
        .check
        .into_iter()
        .flat_map(|check| &check.map)
        .map(|(dir, url)| {
            let origin = format!("--map {dir}={url}");
            let url = public_url(url).map_err(|message| ConfigError::Value {
                origin: origin.clone(),
                message,
            })?;
            Ok((
                MapRule {
                    folder: without_detours(&sources.here.join(dir)),
                    url,
                },
                "--map".to_owned(),
            ))
        });
    let of_file = sources.project.into_iter().flat_map(|project| {
        project.file.remote.map.iter().map(|(dir, url)| {
            let folder = without_detours(&project.folder.join(dir.get_ref()));
            let url =
                public_url(url.get_ref()).map_err(|message| refused(project, url, message))?;
            Ok((MapRule { folder, url }, project.source.line(&dir.span())))
        })
    });
    let mut rules: Vec<MapRule> = Vec::new();
    let mut folders = HashSet::new();
    for rule in flags.chain(of_file) {
        let (rule, origin) = rule?;
        if !folders.insert(rule.folder.clone()) {
            continue;
        }
        let shown = |rule: &MapRule| format!("{}={}", rule.folder.display(), rule.url);
        rules.push(ledger.enter("remote.map", Sourced::new(rule, origin), shown));
    }
    if rules.is_empty() {
        ledger.enter("remote.map", Sourced::default(()), |()| "(none)".to_owned());
    }
    Ok(rules)
}

fn public_url(text: &str) -> Result<Url, String> {
    let expected = |found: &str| format!("expected an http or https URL, but found {found}");
    let url: Url = text
        .parse()
        .map_err(|error| expected(&format!("\"{text}\": {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(expected(&format!("\"{text}\"")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(expected("one with a user's name or password"));
    }
    Ok(url)
}

/// Whether what there is of a folder lies elsewhere than its path says: a link can be written to a
/// repository as well as a setting.
fn leads_away(folder: &Path, top: &Path) -> bool {
    let there = folder.ancestors().find(|path| path.exists());
    let there = there.and_then(|path| fs::canonicalize(path).ok());
    let top = fs::canonicalize(top).ok();
    !matches!((there, top), (Some(there), Some(top)) if there.starts_with(&top))
}

/// Whether a path leads neither up nor away.
fn stays_below(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
