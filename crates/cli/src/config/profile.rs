//! The limits: built-in profiles, those of the files, and what `--set` changes.
//!
//! A limit is a field of [`ProfileTable`] and a row of [`KEYS`], and nothing else.

use std::ops::Range;
use std::str::FromStr;

use preflight::{Format, Limit, Profile, ProfileBuilder};
use toml::Spanned;

use crate::config::error::ConfigError;
use crate::config::file::{OneOf, ProfileTable};
use crate::config::layers::Layers;
use crate::config::project::Project;
use crate::config::provenance::{Provenance, Setting};
use crate::config::suggest::{did_you_mean, hint};
use crate::config::units::ByteSize;

const DEFAULT_PROFILE: &str = "emo";

/// The memory that `--decode` may take unless something is set.
const DECODE_MEMORY: ByteSize = ByteSize(gate::DecodeMemory::DEFAULT);

/// Profiles that may extend each other in a row. Nobody needs more than a few; each costs a step of
/// the stack.
const MAX_CHAIN: usize = 32;

/// A key of `[profiles.*]` and of `--set`.
struct Key {
    name: &'static str,
    /// Reads the value of `--set` as the file would hold it.
    read: fn(&str) -> Result<ProfileTable, String>,
    /// Sets what a table says of it, if anything.
    apply: fn(&ProfileTable, Draft, Cite<'_>) -> Draft,
    /// What is in force.
    show: fn(&Limits) -> Setting<Option<String>>,
}

const KEYS: [Key; 6] = [
    Key {
        name: "formats",
        read: |word| {
            let names = word.split(',').map(|name| name.trim().parse());
            let formats = names.collect::<Result<Vec<OneOf<Format>>, _>>()?;
            Ok(ProfileTable {
                formats: Some(typed(formats)),
                ..ProfileTable::default()
            })
        },
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
        read: |word| {
            Ok(ProfileTable {
                min_side: Some(number(word, "a number of px")?),
                ..ProfileTable::default()
            })
        },
        apply: |table, draft, cite| {
            draft.limit(&table.min_side, cite, |builder, px| builder.min_side(*px))
        },
        show: |limits| shown(limits, limits.profile.min_side(), u32::to_string),
    },
    Key {
        name: "max-side",
        read: |word| {
            Ok(ProfileTable {
                max_side: Some(number(word, "a number of px")?),
                ..ProfileTable::default()
            })
        },
        apply: |table, draft, cite| {
            draft.limit(&table.max_side, cite, |builder, px| builder.max_side(*px))
        },
        show: |limits| shown(limits, limits.profile.max_side(), u32::to_string),
    },
    Key {
        name: "max-aspect",
        read: |word| {
            let what = "a number, the longer side over the shorter one";
            Ok(ProfileTable {
                max_aspect: Some(number(word, what)?),
                ..ProfileTable::default()
            })
        },
        apply: |table, draft, cite| {
            draft.limit(&table.max_aspect, cite, |builder, ratio| {
                builder.max_aspect(*ratio)
            })
        },
        show: |limits| shown(limits, limits.profile.max_aspect(), f64::to_string),
    },
    Key {
        name: "max-bytes",
        read: |word| {
            Ok(ProfileTable {
                max_bytes: Some(size(word)?),
                ..ProfileTable::default()
            })
        },
        apply: |table, draft, cite| {
            draft.limit(&table.max_bytes, cite, |builder, size| {
                builder.max_bytes(size.0)
            })
        },
        show: |limits| {
            shown(limits, limits.profile.max_bytes(), |bytes| {
                ByteSize(*bytes).to_string()
            })
        },
    },
    Key {
        name: "decode-memory",
        read: |word| {
            Ok(ProfileTable {
                decode_memory: Some(size(word)?),
                ..ProfileTable::default()
            })
        },
        apply: |table, draft, cite| draft.decode_memory(&table.decode_memory, cite),
        show: |limits| {
            limits
                .decode_memory
                .clone()
                .map(|size| Some(size.to_string()))
        },
    },
];

/// The names of all settings of a profile.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.name)
}

/// The limits to check against. Each cites where it was set.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) profile: Profile,
    /// Bytes that decoding may take.
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
    // A name in a file is looked up even where a flag wins: a mistake there is one for everybody.
    for file in [layers.project, layers.user].into_iter().flatten() {
        if let Some(name) = &file.file.profile {
            let position = file.source.position(&name.span()).to_string();
            profiles.find(name.get_ref(), &position)?;
        }
    }
    let default = || Setting::default(DEFAULT_PROFILE.to_owned());
    let name = flag.or(of_file).unwrap_or_else(default);
    // Only a flag can still be wrong here.
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

/// The profiles that there are: the built-in ones, and those of the files.
struct Profiles<'a> {
    files: [Option<&'a Project>; 2],
}

impl<'a> Profiles<'a> {
    /// Fails on a profile of a file that cannot be, whether it is in force or not.
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

    /// The profile with a name. `set_by` says where the name was given, if no profile has it.
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

    /// These limits with what `--set` says on top: all at once, since a new least side may go only
    /// with a new greatest one.
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
            let table = (key.read)(value).map_err(refused)?;
            draft = (key.apply)(&table, draft, &|_| set_by.clone());
        }
        draft.finish("--set")
    }

    /// These limits with what a table says on top.
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

/// Says where a part of a table was written.
type Cite<'a> = &'a dyn Fn(&Range<usize>) -> String;

/// Limits in the making.
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

/// A value that was typed, and stands in no file.
fn typed<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

fn number<T: FromStr>(word: &str, what: &str) -> Result<Spanned<T>, String> {
    let number = word.parse().map(typed);
    number.map_err(|_| format!("expected {what}, but found \"{word}\""))
}

fn size(word: &str) -> Result<Spanned<ByteSize>, String> {
    let size = word.parse().map(typed);
    size.map_err(|error| format!("{error}, but found \"{word}\""))
}

fn no_such_key(name: &str) -> String {
    let known: Vec<_> = keys().collect();
    let hint = hint(did_you_mean(name, known.iter().copied()));
    let known = known.join(", ");
    format!("expected one of the settings {known}, but found \"{name}\"{hint}")
}
