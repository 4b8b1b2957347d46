//! The settings of the paid check.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use remote::{BaseUrl, Ratio};
use url::Url;

use crate::config::error::ConfigError;
use crate::config::layers::Layers;
use crate::config::provenance::{Provenance, Setting};
use crate::environment::{BASE_URL, CACHE_DIR, STANDIN_SCRIPT, WORKSPACE};
use crate::one_of::OneOf;
use crate::path::without_detours;
use crate::settings::{MapRule, RemoteSettings};
use crate::units::{Age, Timeout};

const DEFAULT_BUDGET: u32 = 100;
const DEFAULT_TIMEOUT: Timeout = Timeout(Duration::from_secs(60));
const DEFAULT_MODEL: &str = "emo-detect-v1";

/// The settings of the paid check.
///
/// # Errors
///
/// A file or a flag has a value that its setting does not accept.
pub(crate) fn resolve(
    layers: &Layers<'_>,
    provenance: &mut Provenance,
) -> Result<RemoteSettings, ConfigError> {
    let flags = layers.flags;
    // The client reads the base URL and the key; here they are only shown.
    provenance.layered(
        "remote.base-url",
        [layers.variable(BASE_URL)],
        BaseUrl::default().as_str().to_owned(),
        |text| {
            BaseUrl::parse(text)
                .map_or_else(|_| NO_BASE_URL.to_owned(), |url| url.as_str().to_owned())
        },
    );
    let key = layers.environment.key_source();
    provenance.optional(
        "remote.key",
        [key.map(|source| Setting::new((), source))],
        |()| "(set)".to_owned(),
    );
    let ratio = layers.flag_or_files("--ratio", flags.ratio.as_ref(), |file| {
        file.remote.ratio.as_ref()
    });
    let budget = layers.capped("budget", flags.budget, Some(DEFAULT_BUDGET), |file| {
        file.remote.budget.as_ref()
    });
    let per_day = layers.capped("budget-per-day", flags.budget_per_day, None, |file| {
        file.remote.budget_per_day.as_ref()
    });
    Ok(RemoteSettings {
        detector: flags.remote,
        dry_run: flags.dry_run,
        upload: flags.upload,
        no_cache: flags.no_cache,
        no_ledger: flags.no_ledger,
        ratio: provenance
            .layered("remote.ratio", [ratio], OneOf(Ratio::default()), |ratio| {
                ratio.0.to_string()
            })
            .0,
        budget: provenance.layered("remote.budget", [budget], DEFAULT_BUDGET, u32::to_string),
        budget_per_day: provenance.optional("remote.budget-per-day", [per_day], u32::to_string),
        max_age: provenance
            .optional(
                "remote.max-age",
                [layers.files(|file| file.remote.max_age.as_ref())],
                Age::to_string,
            )
            .map(|age| age.0),
        map: map(layers, provenance)?,
        cache_dir: cache_dir(layers, provenance),
        timeout: provenance
            .layered(
                "remote.timeout",
                [layers.own_files("remote.timeout", "the default", |file| {
                    file.remote.timeout.as_ref()
                })],
                DEFAULT_TIMEOUT,
                Timeout::to_string,
            )
            .0,
        model: model(layers, provenance)?,
        workspace: provenance.optional(
            "remote.workspace",
            [
                layers.variable(WORKSPACE),
                layers.own_files("remote.workspace", WORKSPACE, |file| {
                    file.remote.workspace.as_ref()
                }),
            ],
            String::clone,
        ),
        standin_script: provenance.optional(
            "remote.standin-script",
            [layers
                .environment
                .path(STANDIN_SCRIPT)
                .map(|path| Setting::new(path, STANDIN_SCRIPT))],
            |path| path.display().to_string(),
        ),
    })
}

const NO_BASE_URL: &str = "(not a base URL)";

fn model(layers: &Layers<'_>, provenance: &mut Provenance) -> Result<String, ConfigError> {
    let found = layers.own_files("remote.model", "the default", |file| {
        file.remote.model.as_ref()
    });
    if let Some(model) = &found
        && model.value.trim().is_empty()
    {
        return Err(ConfigError::Value {
            set_by: model.set_by.clone(),
            message: "expected the name of a model, but found nothing".to_owned(),
        });
    }
    let default = DEFAULT_MODEL.to_owned();
    Ok(provenance.layered("remote.model", [found], default, String::clone))
}

fn cache_dir(layers: &Layers<'_>, provenance: &mut Provenance) -> Option<PathBuf> {
    let variable = layers.environment.path(CACHE_DIR);
    let variable = variable.map(|dir| Setting::new(layers.here.join(dir), CACHE_DIR));
    let own = layers.own_files("remote.cache-dir", CACHE_DIR, |file| {
        file.remote.cache_dir.as_ref()
    });
    let user_folder = layers.user.map(|file| file.folder.clone());
    let own = own.map(|dir| dir.map(|dir| user_folder.unwrap_or_default().join(dir)));
    let system = layers.environment.cache_dir().map(Setting::default);
    provenance.optional("remote.cache-dir", [variable, own, system], |dir| {
        dir.display().to_string()
    })
}

/// The rules of flags, then those of the files, without folders that an earlier rule maps.
fn map(layers: &Layers<'_>, provenance: &mut Provenance) -> Result<Vec<MapRule>, ConfigError> {
    let rule = |folder: PathBuf, url: &str, set_by: String, refused_at: String| {
        let url = public_url(url).map_err(|message| ConfigError::Value {
            set_by: refused_at,
            message,
        })?;
        let folder = without_detours(&folder);
        Ok(Setting::new(MapRule { folder, url }, set_by))
    };
    let flags = layers.flags.map.iter().map(|(dir, url)| {
        let flag = format!("--map {dir}={url}");
        rule(layers.here.join(dir), url, "--map".to_owned(), flag)
    });
    let files = [layers.project, layers.user].into_iter().flatten();
    let of_files = files.flat_map(|file| {
        file.file.remote.map.iter().map(move |(dir, url)| {
            let position = file.source.position(&url.span()).to_string();
            let line = file.source.line(&dir.span());
            rule(
                file.folder.join(dir.get_ref()),
                url.get_ref(),
                line,
                position,
            )
        })
    });
    let rules: Vec<Setting<MapRule>> = flags.chain(of_files).collect::<Result<_, ConfigError>>()?;
    let mut folders = HashSet::new();
    let first = rules
        .into_iter()
        .filter(|rule| folders.insert(rule.value.folder.clone()));
    Ok(provenance.each("remote.map", first, |rule| {
        format!("{}={}", rule.folder.display(), rule.url)
    }))
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
        return Err(expected("one with a user name or password"));
    }
    Ok(url)
}
