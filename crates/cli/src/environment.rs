//! The environment, read once, so that everything else is a function of values.

mod stores;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use gate::Language;

/// The variables that are read, less those of stores.
const VARIABLES: [Variable; 15] = [
    Variable::of(CONFIG, "the settings file, as --config"),
    Variable::of(FORMAT, "the format of standard output, as --format"),
    Variable::of(CACHE_DIR, "the folder of the ledger"),
    Variable::of(
        ALLOW_NET,
        "networks that URLs may be fetched from, as --allow-net, separated by commas",
    ),
    Variable::of(
        STANDIN_SCRIPT,
        "a file of verdicts by image, for --remote=standin",
    ),
    Variable::holding(Holds::Secret, API_KEY, "the key of the paid check"),
    Variable::of(
        API_KEY_FILE,
        "a file with that key [default: ~/.dashscope/api_key]",
    ),
    Variable::holding(Holds::Url, BASE_URL, "the base URL of the paid check"),
    Variable::of(WORKSPACE, "the workspace that is charged"),
    Variable::holding(
        Holds::Secret,
        "HTTPS_PROXY",
        "a proxy for the paid check; images are fetched without it",
    ),
    Variable::of(
        "GITHUB_ACTIONS",
        "true adds annotations and a job summary to --format auto",
    ),
    Variable::of("GITHUB_STEP_SUMMARY", "the file of the job summary"),
    Variable::of("CI", "any value hides the progress line"),
    Variable::of("NO_COLOR", "any value turns colours off"),
    Variable::of(
        "FORCE_COLOR",
        "any value but 0 colours text even if it does not go to a terminal",
    ),
];

/// Every variable that is read. The manual, `preflight config` and the page of settings list them
/// from here.
pub(crate) fn variables() -> Vec<Variable> {
    VARIABLES.into_iter().chain(stores::variables()).collect()
}

pub(crate) const ALLOW_NET: &str = "PREFLIGHT_ALLOW_NET";
pub(crate) const API_KEY: &str = "DASHSCOPE_API_KEY";
const API_KEY_FILE: &str = "DASHSCOPE_API_KEY_FILE_PATH";
pub(crate) const BASE_URL: &str = "DASHSCOPE_HTTP_BASE_URL";
pub(crate) const CACHE_DIR: &str = "PREFLIGHT_CACHE_DIR";
pub(crate) const CONFIG: &str = "PREFLIGHT_CONFIG";
pub(crate) const FORMAT: &str = "PREFLIGHT_FORMAT";
pub(crate) const STANDIN_SCRIPT: &str = "PREFLIGHT_STANDIN_SCRIPT";
pub(crate) const WORKSPACE: &str = "DASHSCOPE_WORKSPACE_ID";

/// Shown in place of a secret.
const SET: &str = "(set)";

/// The variables of the locale; the first that is set decides.
const LOCALES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// Variables of the system that name the user's folders.
const USER_FOLDERS: [&str; 6] = [
    "HOME",
    "USERPROFILE",
    "LOCALAPPDATA",
    "APPDATA",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
];

/// A variable that is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    holds: Holds,
}

/// The kind of a variable's value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Holds {
    Text,
    /// An address that may contain a password: not shown.
    Url,
    /// A secret: neither kept nor shown.
    Secret,
}

impl Variable {
    pub(super) const fn of(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            holds: Holds::Text,
        }
    }

    pub(super) const fn holding(holds: Holds, name: &'static str, help: &'static str) -> Self {
        Self { name, help, holds }
    }

    /// Its value for people.
    pub(crate) fn shown(&self, environment: &Environment) -> String {
        match environment.text(self.name) {
            None => "(not set)".to_owned(),
            Some(value) if self.holds == Holds::Text => value,
            Some(_) => SET.to_owned(),
        }
    }
}

/// The variables that are set. An empty one counts as not set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment(BTreeMap<&'static str, OsString>);

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name))
    }

    /// The environment as a function looks it up.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let ours = variables().into_iter();
        let ours = ours.map(|variable| (variable.name, variable.holds == Holds::Secret));
        let of_the_system = USER_FOLDERS.into_iter().chain(LOCALES);
        let all = ours.chain(of_the_system.map(|name| (name, false)));
        let set = all.filter_map(|(name, is_secret)| {
            let value = variable(name).filter(|value| !value.is_empty())?;
            // Only the client's own type reads the key.
            Some((name, if is_secret { SET.into() } else { value }))
        });
        Self(set.collect())
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// The value of a variable as text. Bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        Some(self.get(name)?.to_string_lossy().into_owned())
    }

    /// The value of a variable as a path.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// Whether text is coloured even if it does not go to a terminal.
    pub(crate) fn forces_color(&self) -> bool {
        self.get("NO_COLOR").is_none() && self.get("FORCE_COLOR").is_some_and(|value| value != "0")
    }

    /// The language of the locale.
    pub(crate) fn language(&self) -> Language {
        let locales = LOCALES.map(|name| self.get(name).and_then(OsStr::to_str));
        Language::of_locales(locales)
    }

    /// The source of the key: the first that holds one, in the order in which the client looks.
    pub(crate) fn key_source(&self) -> Option<String> {
        if self.get(API_KEY).is_some() {
            return Some(API_KEY.to_owned());
        }
        if let Some(file) = self.path(API_KEY_FILE) {
            return Some(format!("{API_KEY_FILE}, {}", file.display()));
        }
        let file = self.home()?.join(".dashscope").join("api_key");
        file.exists().then(|| file.display().to_string())
    }

    /// Our folder among the user's caches: the XDG base directory specification, Apple's file
    /// system guide, Windows' known folders.
    pub(crate) fn cache_dir(&self) -> Option<PathBuf> {
        let dir = if cfg!(windows) {
            self.path("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            Some(self.home()?.join("Library/Caches"))
        } else {
            self.xdg("XDG_CACHE_HOME", ".cache")
        };
        Some(dir?.join("preflight"))
    }

    /// The path of the user's own settings file, which need not exist.
    pub(crate) fn user_config(&self) -> Option<PathBuf> {
        let dir = if cfg!(windows) {
            self.path("APPDATA")
        } else if cfg!(target_os = "macos") {
            Some(self.home()?.join("Library/Application Support"))
        } else {
            self.xdg("XDG_CONFIG_HOME", ".config")
        };
        Some(dir?.join("preflight").join("config.toml"))
    }

    fn xdg(&self, name: &str, below_home: &str) -> Option<PathBuf> {
        // The specification says to ignore relative paths.
        let xdg = self.path(name).filter(|dir| dir.is_absolute());
        xdg.or_else(|| Some(self.home()?.join(below_home)))
    }

    fn home(&self) -> Option<PathBuf> {
        self.path(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presence_of_the_key_is_known_and_its_value_is_not_kept() {
        let environment = Environment::read(|name| Some(format!("value of {name}").into()));
        assert_eq!(environment.text(API_KEY).as_deref(), Some("(set)"));
        assert!(!format!("{environment:?}").contains("value of DASHSCOPE_API_KEY\""));
        assert_eq!(
            environment.text(CONFIG).as_deref(),
            Some("value of PREFLIGHT_CONFIG")
        );
        assert_eq!(environment.key_source().as_deref(), Some(API_KEY));
        assert_eq!(Environment::read(|_| Some("".into())).get(CONFIG), None);
    }
}
