//! The types of `preflight.toml`. The page of settings and the JSON Schema are made from them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use preflight::Format;
use remote::Ratio;
use schemars::JsonSchema;
use toml::Spanned;

use crate::one_of::OneOf;
use crate::units::{Age, ByteSize, Timeout};

/// The settings of a project, in `preflight.toml` at its top, or of a user, in
/// `preflight/config.toml`.
///
/// The key, the service's address and allowed networks are never read from a file, so that a commit
/// cannot redirect the key or open your network.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "preflight.toml")]
pub(crate) struct ConfigFile {
    /// The profile to check against: a built-in one, such as emo, or one of [profiles.*].
    #[schemars(with = "Option<String>", example = &"emo")]
    pub(crate) profile: Option<Spanned<String>>,
    /// Patterns of files and URLs to leave out, as in .gitignore, relative to the folder of this
    /// file. They override every other rule.
    #[schemars(with = "Vec<String>", extend("examples" = [["assets/old*", "**/fixtures/**"]]))]
    pub(crate) exclude: Vec<Spanned<String>>,
    /// Your own profiles, by name.
    #[schemars(with = "BTreeMap<String, ProfileTable>")]
    pub(crate) profiles: BTreeMap<Spanned<String>, ProfileTable>,
    /// How images are fetched from URLs.
    pub(crate) http: HttpTable,
    /// The paid check. It runs only with --remote.
    pub(crate) remote: RemoteTable,
}

/// The limits of your own profile. A limit that is not set comes from the profile that it extends.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ProfileTable {
    /// The profile to start from. Without it, only the limits set here apply.
    #[schemars(with = "Option<String>", example = &"emo")]
    pub(crate) extends: Option<Spanned<String>>,
    /// The formats to accept: jpeg, png, bmp, webp.
    #[schemars(with = "Option<Vec<OneOf<Format>>>", extend("examples" = [["jpeg", "png"]]))]
    pub(crate) formats: Option<Spanned<Vec<OneOf<Format>>>>,
    /// The least length of the shorter side in px, inclusive.
    #[schemars(with = "Option<u32>", example = 512)]
    pub(crate) min_side: Option<Spanned<u32>>,
    /// The greatest length of the longer side in px, inclusive.
    #[schemars(with = "Option<u32>", example = 4096)]
    pub(crate) max_side: Option<Spanned<u32>>,
    /// The greatest ratio of the longer side to the shorter one, inclusive.
    #[schemars(with = "Option<f64>", range(min = 1.0), example = 2)]
    pub(crate) max_aspect: Option<Spanned<f64>>,
    /// The greatest size of the file, inclusive: "10 MB" is 10,000,000 bytes, "10 MiB" is
    /// 10,485,760.
    #[schemars(with = "Option<ByteSize>", example = "10 MB")]
    pub(crate) max_bytes: Option<Spanned<ByteSize>>,
    /// The most memory that --decode may take; 512 MB if not set.
    #[schemars(with = "Option<ByteSize>", example = "512 MB")]
    pub(crate) decode_memory: Option<Spanned<ByteSize>>,
}

/// Settings of the paid check.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RemoteTable {
    /// The ratio of the video that the detector's boxes are for: "1:1" (the default) or "3:4".
    #[schemars(with = "Option<OneOf<Ratio>>", example = "3:4")]
    pub(crate) ratio: Option<Spanned<OneOf<Ratio>>>,
    /// The most paid requests of one run; 100 if not set. --budget overrides it. The file of a
    /// checked project can only lower it.
    #[schemars(with = "Option<u32>", example = 50)]
    pub(crate) budget: Option<Spanned<u32>>,
    /// The most paid requests of a day (UTC), over all runs on this machine; no limit if not set.
    /// The file of a checked project can only lower it.
    #[schemars(with = "Option<u32>", example = 500)]
    pub(crate) budget_per_day: Option<Spanned<u32>>,
    /// The age up to which a known verdict counts, in w, d, h, m or s; no limit if not set.
    #[schemars(with = "Option<String>", example = "30d")]
    pub(crate) max_age: Option<Spanned<Age>>,
    /// Folders, relative to this file, whose files are public at a URL.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) map: BTreeMap<Spanned<String>, Spanned<String>>,
    /// The folder of the ledger, relative to this file. Only in your own file.
    #[schemars(with = "Option<String>", example = "/var/cache/preflight")]
    pub(crate) cache_dir: Option<Spanned<PathBuf>>,
    /// The longest time for one call, its retries included; 1m if not set. Only in your own file.
    #[schemars(with = "Option<String>", example = "60s")]
    pub(crate) timeout: Option<Spanned<Timeout>>,
    /// The detector's name; emo-detect-v1 if not set. Only in your own file.
    #[schemars(with = "Option<String>", example = "emo-detect-v1")]
    pub(crate) model: Option<Spanned<String>>,
    /// The workspace that is charged; that of the key if not set. DASHSCOPE_WORKSPACE_ID overrides
    /// it. Only in your own file.
    #[schemars(with = "Option<String>")]
    pub(crate) workspace: Option<Spanned<String>>,
}

/// How images are fetched from URLs.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct HttpTable {
    /// The longest time for one image, its retries included; 5s if not set. --timeout overrides it.
    #[schemars(with = "Option<String>", example = "20s")]
    pub(crate) timeout: Option<Spanned<Timeout>>,
    /// How often a request is repeated if it failed temporarily; 2 if not set. --retries overrides
    /// it.
    #[schemars(with = "Option<u32>", example = 0)]
    pub(crate) retries: Option<Spanned<u32>>,
    /// The User-Agent header of requests for images. --user-agent overrides it.
    #[schemars(with = "Option<String>", example = "assets-ci/1.0")]
    pub(crate) user_agent: Option<Spanned<String>>,
}
