//! Finds and reads `preflight.toml`.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde::Deserialize as _;
use serde_json::Value;
use toml::de::DeTable;

use crate::args::CommonArgs;
use crate::config::error::ConfigError;
use crate::config::file::ConfigFile;
use crate::config::keys;
use crate::config::position::Source;
use crate::environment::{self, Environment};
use crate::path::without_detours;

/// The name of the file.
pub(crate) const FILE_NAME: &str = "preflight.toml";

/// The most bytes of a settings file: more than a person writes.
const MAX_BYTES: u64 = 1 << 20;

/// A settings file that was read.
#[derive(Debug)]
pub(crate) struct Project {
    /// Its folder, which its paths and patterns are relative to.
    pub(crate) folder: PathBuf,
    /// Its text, for the positions of settings.
    pub(crate) source: Source,
    /// Its settings.
    pub(crate) file: ConfigFile,
    /// Whether it is part of the checked project, where others than the user may change it.
    pub(crate) is_checked: bool,
}

impl Project {
    /// The file of a run: the one that a flag or variable names, else the nearest.
    ///
    /// # Errors
    ///
    /// It cannot be read, or holds something invalid.
    pub(crate) fn of_run(
        common: &CommonArgs,
        environment: &Environment,
        here: &Path,
    ) -> Result<Option<Self>, ConfigError> {
        if common.no_config {
            return Ok(None);
        }
        let variable = environment.path(environment::CONFIG);
        match common.config.clone().or(variable) {
            Some(path) => Self::named(&path, here).map(Some),
            None => Self::nearest(here),
        }
    }

    /// The user's own file, if it exists.
    ///
    /// # Errors
    ///
    /// It cannot be read, or holds something invalid.
    pub(crate) fn of_user(
        common: &CommonArgs,
        environment: &Environment,
    ) -> Result<Option<Self>, ConfigError> {
        let path = environment.user_config().filter(|path| path.exists());
        match path {
            Some(path) if !common.no_config => Self::read(&path, &path, false).map(Some),
            _ => Ok(None),
        }
    }

    /// Reads the file that the user named. It counts as the project's if it is inside the project.
    fn named(path: &Path, here: &Path) -> Result<Self, ConfigError> {
        let project = fs::canonicalize(root(here)).ok();
        let file = fs::canonicalize(path).ok();
        let is_checked =
            matches!((file, project), (Some(file), Some(project)) if file.starts_with(&project));
        Self::read(path, path, is_checked)
    }

    /// Looks for the file in `folder` and upwards, up to the repository's root.
    ///
    /// # Errors
    ///
    /// The file cannot be read, holds something invalid, or is a link that leads out of the
    /// project.
    pub(crate) fn nearest(folder: &Path) -> Result<Option<Self>, ConfigError> {
        let root = root(folder);
        for ancestor in folder.ancestors() {
            let path = ancestor.join(FILE_NAME);
            // Anything of that name counts: a folder or a dangling link is an error, not absence.
            if let Ok(found) = path.symlink_metadata() {
                let shown = shown(&path, folder);
                let top = if root.starts_with(ancestor) {
                    ancestor
                } else {
                    root
                };
                if found.is_symlink() && leads_out(&path, top) {
                    return Err(ConfigError::LeadsOut { path: shown });
                }
                return Self::read(&path, &shown, true).map(Some);
            }
            if ancestor == root && ancestor.join(".git").exists() {
                break;
            }
        }
        Ok(None)
    }

    fn read(path: &Path, shown: &Path, is_checked: bool) -> Result<Self, ConfigError> {
        let source = Source::new(shown.to_owned(), read_text(path, shown)?);
        let file = parse(&source)?;
        let absolute = std::path::absolute(path).map_err(|source| ConfigError::Read {
            path: shown.to_owned(),
            source,
        })?;
        // Normalized, so that a path can be compared with it.
        let folder = without_detours(absolute.parent().unwrap_or(Path::new("")));
        Ok(Self {
            folder,
            source,
            file,
            is_checked,
        })
    }
}

/// The nearest parent folder that holds a repository, else the folder itself.
fn root(folder: &Path) -> &Path {
    let mut ancestors = folder.ancestors();
    ancestors
        .find(|ancestor| ancestor.join(".git").exists())
        .unwrap_or(folder)
}

/// Whether a link leads out of a folder, to a file that exists.
fn leads_out(link: &Path, folder: &Path) -> bool {
    match (fs::canonicalize(link), fs::canonicalize(folder)) {
        (Ok(target), Ok(folder)) => !target.starts_with(folder),
        _ => false,
    }
}

/// The schema of the file, without references.
pub(crate) fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        SchemaSettings::draft2020_12()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator()
            .into_root_schema_for::<ConfigFile>()
            .to_value()
    })
}

/// Parses the text of the file.
fn parse(source: &Source) -> Result<ConfigFile, ConfigError> {
    let malformed = |error: toml::de::Error| ConfigError::Malformed {
        position: source.position(&error.span().unwrap_or_default()),
        message: error.message().trim_end().replace('\n', "; "),
    };
    let table = DeTable::parse(&source.text).map_err(malformed)?;
    keys::check(table.get_ref(), schema(), source)?;
    ConfigFile::deserialize(toml::de::Deserializer::from(table)).map_err(malformed)
}

/// The text of a regular file. A FIFO or device could block for ever, so it is not opened.
fn read_text(path: &Path, shown: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Read {
        path: shown.to_owned(),
        source,
    };
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(ConfigError::NotAFile {
            path: shown.to_owned(),
        });
    }
    let mut text = String::new();
    let read = File::open(path)
        .map_err(unreadable)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if read as u64 > MAX_BYTES {
        return Err(ConfigError::TooLong {
            path: shown.to_owned(),
            limit: MAX_BYTES,
        });
    }
    // Editors on Windows write a byte order mark at the start.
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

/// The path as people see it: relative, with `../` for each folder above the working directory.
fn shown(path: &Path, folder: &Path) -> PathBuf {
    let parent = path.parent().unwrap_or(path);
    let up = folder
        .strip_prefix(parent)
        .map_or(0, |below| below.components().count());
    let mut shown: PathBuf = std::iter::repeat_n("..", up).collect();
    shown.push(FILE_NAME);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<ConfigFile, String> {
        let source = Source::new(FILE_NAME.into(), text.to_owned());
        parse(&source).map_err(|error| error.to_string())
    }

    #[test]
    fn every_key_is_read() {
        let file = parsed(
            r#"
            profile = "thumbs"
            exclude = ["assets/old*", "**/fixtures/**"]
            [profiles.thumbs]
            extends = "emo"
            formats = ["jpeg", "png"]
            min-side = 512
            max-side = 4096
            max-aspect = 2
            max-bytes = "10 MB"
            decode-memory = 1000000
            [remote]
            ratio = "3:4"
            budget = 200
            max-age = "30d"
            map = { "assets/portraits" = "https://cdn.example.com/portraits" }
            cache-dir = ".preflight"
            timeout = "2m"
            model = "emo-detect-v1"
            workspace = "ws-1"
            "#,
        )
        .unwrap();
        assert_eq!(file.exclude.len(), 2);
        let thumbs = file.profiles.values().next().unwrap();
        assert_eq!(thumbs.max_bytes.as_ref().unwrap().get_ref().0, 10_000_000);
        assert_eq!(*thumbs.max_aspect.as_ref().unwrap().get_ref(), 2.0);
        assert_eq!(file.remote.map.len(), 1);
    }

    #[test]
    fn an_error_says_its_position() {
        for (text, message) in [
            (
                "profil = 'emo'",
                "preflight.toml:1:1: unknown key \"profil\" in the top table; did you mean \"profile\"?",
            ),
            (
                "[profiles.a]\nmin_side = 5",
                "preflight.toml:2:1: unknown key \"min_side\" in [profiles.a]; did you mean \"min-side\"?",
            ),
            (
                "profiles.a = {\n  quux = 1\n}",
                "preflight.toml:2:3: unknown key \"quux\" in [profiles.a]",
            ),
            (
                "z = 1\na = 2",
                "preflight.toml:1:1: unknown key \"z\" in the top table",
            ),
            (
                "[remote]\nbudgt = 1",
                "preflight.toml:2:1: unknown key \"budgt\" in [remote]; did you mean \"budget\"?",
            ),
            (
                "[remote]\nBASE_URL = 'x'",
                "preflight.toml:2:1: \"BASE_URL\" is not taken from a file: it decides who gets the key; use DASHSCOPE_HTTP_BASE_URL",
            ),
            (
                "allow-net = ['10.0.0.0/8']",
                "preflight.toml:1:1: \"allow-net\" is not taken from a file: it opens networks; use --allow-net or PREFLIGHT_ALLOW_NET",
            ),
            (
                "[remote]\nbudget = -1",
                "preflight.toml:2:10: invalid value: integer `-1`, expected u32",
            ),
            (
                "[remote]\nmax-age = '30'",
                "preflight.toml:2:11: expected a time such as 30d, 12h, 45m or 90s, but found \"30\"",
            ),
            (
                "[profiles.a]\nmax-bytes = 'ten'",
                "preflight.toml:2:13: expected a size such as 10 MB or 512 KiB, but found \"ten\"",
            ),
            (
                "exclude = 'x'",
                "preflight.toml:1:11: invalid type: string \"x\", expected a sequence",
            ),
            (
                "remote = ['3:4', 4_000_000]",
                "preflight.toml:1:10: expected a table [remote], but found an array",
            ),
            (
                "[[profiles.a]]\nmin-side = 5",
                "preflight.toml:1:1: expected a table [profiles.a], but found an array",
            ),
            (
                "profile = 'emo",
                "preflight.toml:1:15: invalid literal string, expected `'`",
            ),
            (
                "profile = 'a'\nprofile = 'b'",
                "preflight.toml:2:1: duplicate key",
            ),
        ] {
            assert_eq!(parsed(text).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn tables_nested_beyond_reason_are_an_error() {
        assert!(parsed(&format!("a = {}", "[".repeat(100_000))).is_err());
    }

    /// Found by a mutation: without the bound, all tests passed.
    #[test]
    fn a_file_that_is_longer_than_any_settings_is_refused() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join(FILE_NAME);
        fs::write(&path, "#".repeat(MAX_BYTES as usize)).unwrap();
        assert!(Project::nearest(top.path()).unwrap().is_some());
        fs::write(&path, "#".repeat(MAX_BYTES as usize + 1)).unwrap();
        let refused = Project::nearest(top.path());
        assert!(matches!(refused, Err(ConfigError::TooLong { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_project_is_not_read() {
        let top = tempfile::tempdir().unwrap();
        let repo = top.path().join("repo");
        fs::create_dir_all(repo.join(".git")).unwrap();
        fs::write(top.path().join("key"), "secret").unwrap();
        std::os::unix::fs::symlink("../key", repo.join(FILE_NAME)).unwrap();
        let refused = Project::nearest(&repo);
        assert!(matches!(refused, Err(ConfigError::LeadsOut { .. })));
    }

    #[test]
    fn the_nearest_file_up_to_the_repository_counts() {
        let top = tempfile::tempdir().unwrap();
        let deep = top.path().join("repo/a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(top.path().join(FILE_NAME), "profile = 'outside'").unwrap();
        let profile = |folder: &Path| {
            let project = Project::nearest(folder).unwrap()?;
            Some((
                project.file.profile.unwrap().into_inner(),
                project.source.file,
            ))
        };
        assert_eq!(
            profile(&deep),
            Some(("outside".to_owned(), "../../../preflight.toml".into()))
        );
        fs::create_dir(top.path().join("repo/.git")).unwrap();
        assert_eq!(profile(&deep), None);
        fs::write(
            top.path().join("repo/a").join(FILE_NAME),
            "profile = 'inside'",
        )
        .unwrap();
        assert_eq!(
            profile(&deep),
            Some(("inside".to_owned(), "../preflight.toml".into()))
        );
        fs::create_dir(deep.join(FILE_NAME)).unwrap();
        assert!(matches!(
            Project::nearest(&deep),
            Err(ConfigError::NotAFile { .. })
        ));
    }
}
