//! The limits: built-in profiles, profiles of the files, and changes by `--set`.
//!
//! A limit is a field of [`ProfileTable`] and a row of [`KEYS`], and nothing else.

use std::ops::Range;
use std::str::FromStr;

use preflight::{Format, Limit, Profile, ProfileBuilder};
use toml::Spanned;

use crate::config::error::ConfigError;
use crate::config::file::ProfileTable;
use crate::config::layers::Layers;
use crate::config::project::Project;
use crate::config::provenance::{Provenance, Setting};
use crate::one_of::OneOf;
use crate::suggest::{did_you_mean, hint};
use crate::units::ByteSize;

const DEFAULT_PROFILE: &str = "emo";

/// The most memory that `--decode` may take by default.
const DECODE_MEMORY: ByteSize = ByteSize(gate::DecodeMemory::DEFAULT);

/// The longest chain of profiles that extend each other. Nobody needs more than a few; each costs
/// a frame of the stack.
const MAX_CHAIN: usize = 32;

/// A key of `[profiles.*]` and of `--set`.
struct Key {
    name: &'static str,
    /// Parses the value of `--set` into the field.
    parse: fn(&str, &mut ProfileTable) -> Result<(), String>,
    /// Applies the field, if it is set.
    apply: fn(&ProfileTable, Draft, Cite<'_>) -> Draft,
    /// The value in force.
    show: fn(&Limits) -> Setting<Option<String>>,
}

const KEYS: [Key; 6] = [
    Key {
        name: "formats",
        parse: |word, table| put(&mut table.formats, formats(word)),
        apply: |table, draft, cite| {
            draft.limit(&table.formats, cite, |builder, formats| {
                builder.formats(formats.iter().map(|format| format.0))
            })
        },
        show: |limits| {
            let formats = limits.profile.formats();
            let names: Vec<_> = formats.value.iter().copied().map(Format::name).collect();
            Setting::new(Some(names.join(",")), &*formats.source)
        },
    },
    Key {
        name: "min-side",
        parse: |word, table| put(&mut table.min_side, number(word, "a number of px")),
        apply: |table, draft, cite| draft.limit(&table.min_side, cite, |it, px| it.min_side(*px)),
        show: |limits| shown(limits, limits.profile.min_side(), u32::to_string),
    },
    Key {
        name: "max-side",
        parse: |word, table| put(&mut table.max_side, number(word, "a number of px")),
        apply: |table, draft, cite| draft.limit(&table.max_side, cite, |it, px| it.max_side(*px)),
        show: |limits| shown(limits, limits.profile.max_side(), u32::to_string),
    },
    Key {
        name: "max-aspect",
        parse: |word, table| put(&mut table.max_aspect, number(word, ASPECT)),
        apply: |table, draft, cite| {
            draft.limit(&table.max_aspect, cite, |it, ratio| it.max_aspect(*ratio))
        },
        show: |limits| shown(limits, limits.profile.max_aspect(), f64::to_string),
    },
    Key {
        name: "max-bytes",
        parse: |word, table| put(&mut table.max_bytes, size(word)),
        apply: |table, draft, cite| {
            draft.limit(&table.max_bytes, cite, |it, size| it.max_bytes(size.0))
        },
        show: |limits| {
            let show = |bytes: &u64| ByteSize(*bytes).to_string();
            shown(limits, limits.profile.max_bytes(), show)
        },
    },
    Key {
        name: "decode-memory",
        parse: |word, table| put(&mut table.decode_memory, size(word)),
        apply: |table, draft, cite| draft.decode_memory(&table.decode_memory, cite),
        show: |limits| limits.decode_memory.clone().map(|it| Some(it.to_string())),
    },
];

const ASPECT: &str = "a number, the longer side divided by the shorter one";

/// The names of all settings of a profile.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.name)
}

/// The limits to check against. Each cites its source.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) profile: Profile,
    /// The most memory in bytes that decoding may take.
    pub(crate) decode_memory: Setting<ByteSize>,
}

/// The limits to check against.
///
/// # Errors
///
/// No profile has the name that the flag or a file gives, or limits contradict each other.
pub(crate) fn resolve(
    layers: &Layers<'_>,
    provenance: &mut Provenance,
) -> Result<Limits, ConfigError> {
    let profiles = Profiles::new(layers)?;
    let flag = layers
        .flags
        .profile
        .as_ref()
        .map(|name| Setting::new(name.clone(), format!("--profile {name}")));
    let of_file = layers.files(|file| file.profile.as_ref());
    // A name in a file is looked up even if a flag overrides it, so that mistakes are found.
    for file in [layers.project, layers.user].into_iter().flatten() {
        if let Some(name) = &file.file.profile {
            let position = file.source.position(&name.span()).to_string();
            profiles.find(name.get_ref(), &position)?;
        }
    }
    let default = || Setting::default(DEFAULT_PROFILE.to_owned());
    let name = flag.or(of_file).unwrap_or_else(default);
    // Names of files are checked above, so only a flag can be wrong here.
    let limits = profiles.find(&name.value, "--profile")?;
    let limits = limits.with_assignments(&layers.flags.set)?;
    provenance.record("profile", name, String::clone);
    for key in &KEYS {
        let shown = (key.show)(&limits);
        provenance.record(key.name, shown, |value| {
            value.clone().unwrap_or_else(|| "(none)".to_owned())
        });
    }
    Ok(limits)
}

/// All profiles: the built-in ones, and those of the files.
struct Profiles<'a> {
    files: [Option<&'a Project>; 2],
}

impl<'a> Profiles<'a> {
    /// Fails if a profile of a file is invalid, even if it is not in force.
    fn new(layers: &Layers<'a>) -> Result<Self, ConfigError> {
        let profiles = Self {
            files: [layers.project, layers.user],
        };
        for file in profiles.files.into_iter().flatten() {
            for name in file.file.profiles.keys() {
                if Profile::by_name(name.get_ref()).is_some() {
                    return Err(ConfigError::ProfileTaken {
                        position: file.source.position(&name.span()),
                        name: name.get_ref().clone(),
                    });
                }
                profiles.find(name.get_ref(), "")?;
            }
        }
        Ok(profiles)
    }

    /// The profile with a name. If there is none, the error says that `set_by` named it.
    fn find(&self, name: &str, set_by: &str) -> Result<Limits, ConfigError> {
        self.follow(name, set_by, &mut Vec::new())
    }

    fn follow(
        &self,
        name: &str,
        set_by: &str,
        chain: &mut Vec<String>,
    ) -> Result<Limits, ConfigError> {
        let own = self.files.into_iter().flatten().find_map(|file| {
            let (name, table) = file.file.profiles.get_key_value(name)?;
            Some((file, name, table))
        });
        match (own, Profile::by_name(name)) {
            (Some((file, name, table)), _) => self.own(file, name, table, chain),
            (None, Some(profile)) => Ok(Limits::new(profile)),
            (None, None) => Err(self.unknown(name, set_by)),
        }
    }

    fn own(
        &self,
        file: &Project,
        name: &Spanned<String>,
        table: &ProfileTable,
        chain: &mut Vec<String>,
    ) -> Result<Limits, ConfigError> {
        let source = &file.source;
        let position = source.position(&name.span());
        let is_cycle = chain.contains(name.get_ref());
        chain.push(name.get_ref().clone());
        if is_cycle {
            let chain = chain.join(" -> ");
            return Err(ConfigError::ProfileCycle { position, chain });
        }
        if chain.len() > MAX_CHAIN {
            let limit = MAX_CHAIN;
            return Err(ConfigError::ProfileChain { position, limit });
        }
        let at = position.to_string();
        let base = match &table.extends {
            Some(extends) => {
                let set_by = source.position(&extends.span()).to_string();
                let base = self.follow(extends.get_ref(), &set_by, chain)?;
                let profile = build(base.profile.to_builder().name(name.get_ref()), &at)?;
                Limits { profile, ..base }
            }
            None => {
                let unlimited = Profile::builder(name.get_ref())
                    .cite(source.line(&name.span()))
                    .formats(Format::ALL);
                Limits::new(build(unlimited, &at)?)
            }
        };
        base.changed(&at, table, &|span| source.line(span))
    }

    fn unknown(&self, name: &str, set_by: &str) -> ConfigError {
        let builtin = Profile::builtin();
        let files = self.files.into_iter().flatten();
        let own = files.flat_map(|file| file.file.profiles.keys());
        let known: Vec<_> = builtin
            .iter()
            .map(Profile::name)
            .chain(own.map(|name| name.get_ref().as_str()))
            .collect();
        ConfigError::UnknownProfile {
            set_by: set_by.to_owned(),
            name: name.to_owned(),
            suggestion: did_you_mean(name, known.iter().copied()).map(str::to_owned),
            known: known.join(", "),
        }
    }
}

impl Limits {
    fn new(profile: Profile) -> Self {
        Self {
            profile,
            decode_memory: Setting::default(DECODE_MEMORY),
        }
    }

    /// These limits, changed by `--set`. All changes apply at once, since a new least side may be
    /// valid only with a new greatest one.
    fn with_assignments(&self, assignments: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut draft = Draft::of(self);
        for (name, value) in assignments {
            let set_by = format!("--set {name}={value}");
            let refused = |message| ConfigError::Value {
                set_by: set_by.clone(),
                message,
            };
            let key = KEYS.iter().find(|key| key.name == name);
            let key = key.ok_or_else(|| refused(no_such_key(name)))?;
            let mut table = ProfileTable::default();
            (key.parse)(value, &mut table).map_err(refused)?;
            draft = (key.apply)(&table, draft, &|_| set_by.clone());
        }
        draft.finish("--set")
    }

    /// These limits, changed by a table.
    fn changed(
        &self,
        set_by: &str,
        table: &ProfileTable,
        cite: Cite<'_>,
    ) -> Result<Self, ConfigError> {
        let change = |draft, key: &Key| (key.apply)(table, draft, cite);
        KEYS.iter().fold(Draft::of(self), change).finish(set_by)
    }
}

/// Gives the source of a part of a table.
type Cite<'a> = &'a dyn Fn(&Range<usize>) -> String;

/// Limits that are being changed.
struct Draft {
    builder: ProfileBuilder,
    decode_memory: Setting<ByteSize>,
}

impl Draft {
    fn of(limits: &Limits) -> Self {
        Self {
            builder: limits.profile.to_builder(),
            decode_memory: limits.decode_memory.clone(),
        }
    }

    /// Sets a limit of the profile, if the table has it.
    fn limit<T>(
        self,
        value: &Option<Spanned<T>>,
        cite: Cite<'_>,
        set: impl FnOnce(ProfileBuilder, &T) -> ProfileBuilder,
    ) -> Self {
        let Some(value) = value else {
            return self;
        };
        let builder = self.builder.cite(cite(&value.span()));
        Self {
            builder: set(builder, value.get_ref()),
            ..self
        }
    }

    fn decode_memory(self, value: &Option<Spanned<ByteSize>>, cite: Cite<'_>) -> Self {
        let set = |value: &Spanned<ByteSize>| Setting::new(*value.get_ref(), cite(&value.span()));
        Self {
            decode_memory: value.as_ref().map_or(self.decode_memory, set),
            ..self
        }
    }

    fn finish(self, set_by: &str) -> Result<Limits, ConfigError> {
        Ok(Limits {
            profile: build(self.builder, set_by)?,
            decode_memory: self.decode_memory,
        })
    }
}

fn build(builder: ProfileBuilder, set_by: &str) -> Result<Profile, ConfigError> {
    builder.build().map_err(|source| ConfigError::Profile {
        set_by: set_by.to_owned(),
        source,
    })
}

fn shown<T: Copy>(
    limits: &Limits,
    limit: Option<&Limit<T>>,
    show: impl Fn(&T) -> String,
) -> Setting<Option<String>> {
    match limit {
        Some(limit) => Setting::new(Some(show(&limit.value)), limit.source.to_string()),
        None => Setting::new(None, format!("profile {}", limits.profile.name())),
    }
}

/// Sets a field to a value that was typed, and has no position in a file.
fn put<T>(field: &mut Option<Spanned<T>>, value: Result<T, String>) -> Result<(), String> {
    *field = Some(Spanned::new(0..0, value?));
    Ok(())
}

fn formats(word: &str) -> Result<Vec<OneOf<Format>>, String> {
    word.split(',').map(|name| name.trim().parse()).collect()
}

fn number<T: FromStr>(word: &str, what: &str) -> Result<T, String> {
    let number = word.parse();
    number.map_err(|_| format!("expected {what}, but found \"{word}\""))
}

fn size(word: &str) -> Result<ByteSize, String> {
    let size = word.parse();
    size.map_err(|error| format!("{error}, but found \"{word}\""))
}

fn no_such_key(name: &str) -> String {
    let known: Vec<_> = keys().collect();
    let hint = hint(did_you_mean(name, known.iter().copied()));
    let known = known.join(", ");
    format!("expected one of the settings {known}, but found \"{name}\"{hint}")
}
