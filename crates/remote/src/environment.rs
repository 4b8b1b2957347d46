//! Settings from the environment, with the names and the order of the vendor's SDKs.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::base_url::BaseUrl;
use crate::builder::{ClientBuilder, ConfigError};
use crate::key::ApiKey;

const API_KEY: &str = "DASHSCOPE_API_KEY";
const API_KEY_FILE: &str = "DASHSCOPE_API_KEY_FILE_PATH";
const BASE_URL: &str = "DASHSCOPE_HTTP_BASE_URL";
const WORKSPACE_ID: &str = "DASHSCOPE_WORKSPACE_ID";

/// Below the home directory.
const DEFAULT_KEY_FILE: [&str; 2] = [".dashscope", "api_key"];

/// The home directory's variable.
const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// Bytes read of a key file's first line: one more than the longest key with blanks around it, so
/// that a wrong file is noticed, and not read to its end.
const MAX_KEY_LINE: u64 = 4096;

impl ClientBuilder {
    /// Settings from the environment.
    ///
    /// | setting | from |
    /// |---|---|
    /// | key | `DASHSCOPE_API_KEY`, else the first line of the file that
    /// `DASHSCOPE_API_KEY_FILE_PATH` names, else that of `~/.dashscope/api_key` |
    /// | base URL | `DASHSCOPE_HTTP_BASE_URL`, which includes `/api/v1` |
    /// | workspace | `DASHSCOPE_WORKSPACE_ID` |
    ///
    /// # Errors
    ///
    /// If no key is found, or if one of these is set and cannot be right. A blank key is an error,
    /// not a reason to look further: who set it meant another. Other blank settings count as unset.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(|name| std::env::var_os(name))
    }

    /// [`from_env`](Self::from_env), from variables that are looked up somewhere else. The home
    /// directory is `HOME`, or `USERPROFILE` on Windows.
    ///
    /// ```
    /// use remote::{Client, ClientBuilder, ConfigError};
    ///
    /// let nothing_set = ClientBuilder::from_vars(|_| None);
    /// assert!(matches!(nothing_set, Err(ConfigError::MissingKey)));
    /// let client = ClientBuilder::from_vars(|name| (name == "DASHSCOPE_API_KEY").then(||
    /// "sk-1".into()))?.build()?; assert_eq!(client.base_url().as_str(),
    /// "https://dashscope.aliyuncs.com/api/v1");
    /// # Ok::<(), ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_vars(vars: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let mut builder = Self::new(key(&vars)?);
        if let Some(text) = text(&vars, BASE_URL)? {
            let base_url = BaseUrl::parse(&text);
            builder = builder.base_url(base_url.map_err(|source| ConfigError::BaseUrl {
                name: BASE_URL,
                source,
            })?);
        }
        if let Some(text) = text(&vars, WORKSPACE_ID)? {
            let id = text.parse();
            builder = builder.workspace(id.map_err(|source| ConfigError::Workspace {
                name: WORKSPACE_ID,
                source,
            })?);
        }
        Ok(builder)
    }
}

fn key(vars: &impl Fn(&str) -> Option<OsString>) -> Result<ApiKey, ConfigError> {
    if let Some(value) = vars(API_KEY) {
        let value = value
            .into_string()
            .map_err(|_| ConfigError::NotText { name: API_KEY })?;
        return ApiKey::new(value).map_err(|source| ConfigError::Key {
            origin: API_KEY.to_owned(),
            source,
        });
    }
    if let Some(path) = vars(API_KEY_FILE).filter(|path| !path.is_empty()) {
        return key_file(Path::new(&path));
    }
    let home = vars(HOME)
        .filter(|home| !home.is_empty())
        .ok_or(ConfigError::MissingKey)?;
    let path = PathBuf::from(home).join(DEFAULT_KEY_FILE.iter().collect::<PathBuf>());
    match key_file(&path) {
        Err(ConfigError::KeyFile { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Err(ConfigError::MissingKey)
        }
        other => other,
    }
}

fn key_file(path: &Path) -> Result<ApiKey, ConfigError> {
    let line = first_line(path).map_err(|source| ConfigError::KeyFile {
        path: path.to_owned(),
        source,
    })?;
    ApiKey::new(line.as_str()).map_err(|source| ConfigError::Key {
        origin: path.display().to_string(),
        source,
    })
}

fn first_line(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    BufReader::new(File::open(path)?.take(MAX_KEY_LINE)).read_line(&mut line)?;
    Ok(line)
}

fn text(
    vars: &impl Fn(&str) -> Option<OsString>,
    name: &'static str,
) -> Result<Option<String>, ConfigError> {
    let Some(value) = vars(name) else {
        return Ok(None);
    };
    let value = value
        .into_string()
        .map_err(|_| ConfigError::NotText { name })?;
    Ok(Some(value).filter(|value| !value.trim().is_empty()))
}
