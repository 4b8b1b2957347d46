//! What the environment says, read once, so that everything behind it is a function of values.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variables that settings come from. An empty one counts as not set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// `PREFLIGHT_CONFIG`.
    pub(crate) config: Option<PathBuf>,
    /// `PREFLIGHT_FORMAT`.
    pub(crate) format: Option<String>,
    /// `PREFLIGHT_CACHE_DIR`.
    pub(crate) cache_dir: Option<PathBuf>,
    /// `PREFLIGHT_ALLOW_NET`.
    pub(crate) allow_net: Option<String>,
    /// `DASHSCOPE_HTTP_BASE_URL`.
    pub(crate) base_url: Option<String>,
    /// Where the key would be read from. It is not read here.
    pub(crate) key_origin: Option<String>,
    /// `DASHSCOPE_WORKSPACE_ID`.
    pub(crate) workspace: Option<String>,
    /// The system's folder for caches, with ours in it.
    pub(crate) system_cache_dir: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self::read(&|name| std::env::var_os(name))
    }

    fn read(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        let path = |name: &str| variable(name).map(PathBuf::from);
        Self {
            config: path("PREFLIGHT_CONFIG"),
            format: text("PREFLIGHT_FORMAT"),
            cache_dir: path("PREFLIGHT_CACHE_DIR"),
            allow_net: text("PREFLIGHT_ALLOW_NET"),
            base_url: text("DASHSCOPE_HTTP_BASE_URL"),
            key_origin: key_origin(&path),
            workspace: text("DASHSCOPE_WORKSPACE_ID"),
            system_cache_dir: system_cache_dir(&path).map(|dir| dir.join("preflight")),
        }
    }
}

/// The first of the places that the client looks for the key in, and that holds something.
fn key_origin(path: &dyn Fn(&str) -> Option<PathBuf>) -> Option<String> {
    const KEY: &str = "DASHSCOPE_API_KEY";
    const FILE: &str = "DASHSCOPE_API_KEY_FILE_PATH";
    if path(KEY).is_some() {
        return Some(KEY.to_owned());
    }
    if let Some(file) = path(FILE) {
        return Some(format!("{FILE}, {}", file.display()));
    }
    let home = path(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
    let file = home.join(".dashscope").join("api_key");
    file.exists().then(|| file.display().to_string())
}

/// Where a system's users keep what can be made again: the XDG base directory specification,
/// Apple's file system guide, Windows' known folders.
fn system_cache_dir(path: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if cfg!(windows) {
        return path("LOCALAPPDATA");
    }
    let home = path("HOME");
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library/Caches"));
    }
    // The specification has relative paths ignored.
    let xdg = path("XDG_CACHE_HOME").filter(|dir| dir.is_absolute());
    xdg.or_else(|| Some(home?.join(".cache")))
}
