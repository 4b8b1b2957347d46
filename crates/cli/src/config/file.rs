//! What may stand in `preflight.toml`. The page of settings and the JSON Schema come from these types.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::config::units::{ByteSize, Span};

/// The settings of a project, in `preflight.toml` at its top.
///
/// The key, the service's address and the networks that may be reached are not among them: who
/// writes to a repository shall neither send the key elsewhere nor reach inside a network through it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "preflight.toml")]
pub(crate) struct ConfigFile {
    /// The profile to check against: a built-in one (emo, emoji, s2v, liveportrait) or one of [profiles.*].
    #[schemars(with = "Option<String>", example = &"emo")]
    pub(crate) profile: Option<Spanned<String>>,
    /// What to leave out, as in .gitignore, anchored at the folder of this file. Wins over every other rule.
    #[schemars(with = "Vec<String>", extend("examples" = [["assets/old*", "**/fixtures/**"]]))]
    pub(crate) exclude: Vec<Spanned<String>>,
    /// Your own profiles, by name.
    #[schemars(with = "BTreeMap<String, ProfileTable>")]
    pub(crate) profiles: BTreeMap<Spanned<String>, ProfileTable>,
    /// The paid check. It runs only with --remote.
    pub(crate) remote: RemoteTable,
}

/// The limits of a profile of one's own. What is not set comes from the profile that it extends.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ProfileTable {
    /// The profile to start from. Without it, nothing is limited that is not set here.
    #[schemars(with = "Option<String>", example = &"emo")]
    pub(crate) extends: Option<Spanned<String>>,
    /// The formats to accept: jpeg, png, bmp, webp.
    #[schemars(with = "Option<Vec<FormatName>>", extend("examples" = [["jpeg", "png"]]))]
    pub(crate) formats: Option<Spanned<Vec<String>>>,
    /// The least length of the shorter side in px, inclusive.
    #[schemars(with = "Option<u32>", example = 512)]
    pub(crate) min_side: Option<Spanned<u32>>,
    /// The greatest length of the longer side in px, inclusive.
    #[schemars(with = "Option<u32>", example = 4096)]
    pub(crate) max_side: Option<Spanned<u32>>,
    /// The greatest ratio of the longer side to the shorter one, inclusive.
    #[schemars(with = "Option<f64>", range(min = 1.0), example = 2)]
    pub(crate) max_aspect: Option<Spanned<f64>>,
    /// The greatest size of the file, inclusive; binary only when written with an i: "10 MB" is 10,000,000 bytes, "10 MiB" is 10,485,760.
    #[schemars(with = "Option<ByteSize>", example = "10 MB")]
    pub(crate) max_bytes: Option<Spanned<ByteSize>>,
    /// The most memory that --decode may take for one image; 512 MB if not set.
    #[schemars(with = "Option<ByteSize>", example = "512 MB")]
    pub(crate) decode_memory: Option<Spanned<ByteSize>>,
}

/// Settings of the paid check.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RemoteTable {
    /// The ratio of the video to come, which the detector's boxes are for: "1:1" (the default) or "3:4".
    #[schemars(with = "Option<RatioName>", example = "3:4")]
    pub(crate) ratio: Option<Spanned<String>>,
    /// The most paid requests of one run; 100 if not set. --budget wins over it.
    #[schemars(with = "Option<u32>", example = 200)]
    pub(crate) budget: Option<Spanned<u32>>,
    /// How long a known verdict counts, in w, d, h, m or s; for good if not set.
    #[schemars(with = "Option<Span>", example = "30d")]
    pub(crate) max_age: Option<Spanned<Span>>,
    /// Folders, relative to this file, whose files are public at a URL.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) map: BTreeMap<Spanned<String>, Spanned<String>>,
    /// The folder of known verdicts, inside the folder of this file.
    #[schemars(with = "Option<String>", example = ".preflight")]
    pub(crate) cache_dir: Option<Spanned<PathBuf>>,
    /// The longest that one call may take, its retries included; 60s if not set.
    #[schemars(with = "Option<Span>", example = "60s")]
    pub(crate) timeout: Option<Spanned<Span>>,
    /// The detector's name; emo-detect-v1 if not set.
    #[schemars(with = "Option<String>", example = "emo-detect-v1")]
    pub(crate) model: Option<Spanned<String>>,
    /// The workspace that is asked and charged; the key's own if not set. DASHSCOPE_WORKSPACE_ID wins over it.
    #[schemars(with = "Option<String>")]
    pub(crate) workspace: Option<Spanned<String>>,
}

/// How the schema names the formats.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
enum FormatName {
    Jpeg,
    Png,
    Bmp,
    Webp,
}

/// How the schema names the ratios.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
enum RatioName {
    #[schemars(rename = "1:1")]
    Square,
    #[schemars(rename = "3:4")]
    ThreeFour,
}
