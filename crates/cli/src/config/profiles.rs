//! Which profile is in force: a built-in one or one of the file, with what `--set` changes in it.

use preflight::{Format, Profile, ProfileBuilder};
use toml::Spanned;

use crate::config::discover::Project;
use crate::config::error::ConfigError;
use crate::config::file::ProfileTable;
use crate::config::limit::Limit;
use crate::config::suggest::did_you_mean;
use crate::config::units::ByteSize;

/// The memory that `--decode` may take unless something is set: a picture of 7000 by 7000 px with
/// 8 bytes a pixel takes 392 MB.
const DECODE_MEMORY: ByteSize = ByteSize(512_000_000);

/// Profiles that may extend each other in a row. Nobody needs more than a few; each costs a step of
/// the stack.
const MAX_CHAIN: usize = 32;

/// Limits, and what decoding may take.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Each limit cites where it was set.
    pub(crate) profile: Profile,
    pub(crate) decode_memory: ByteSize,
    /// Where that was set.
    pub(crate) decode_memory_origin: String,
}

/// Where profiles are looked up: the built-in ones, and those of the file.
#[derive(Clone, Copy)]
pub(crate) struct Profiles<'a> {
    project: Option<&'a Project>,
}

impl<'a> Profiles<'a> {
    /// The built-in profiles, and those of a file.
    ///
    /// # Errors
    ///
    /// A profile of the file that cannot be, whether it is in force or not.
    pub(crate) fn new(project: Option<&'a Project>) -> Result<Self, ConfigError> {
        let profiles = Self { project };
        if let Some(project) = project {
            for name in project.file.profiles.keys() {
                if Profile::by_name(name.get_ref()).is_some() {
                    let place = project.source.place(&name.span());
                    return Err(ConfigError::ProfileTaken {
                        place,
                        name: name.get_ref().clone(),
                    });
                }
                profiles.find(name.get_ref(), String::new)?;
            }
        }
        Ok(profiles)
    }

    /// The profile with a name. `origin` says where the name was given, if it is none.
    ///
    /// # Errors
    ///
    /// There is none of that name, or its limits cannot be.
    pub(crate) fn find(
        &self,
        name: &str,
        origin: impl FnOnce() -> String,
    ) -> Result<Limits, ConfigError> {
        self.follow(name, origin, &mut Vec::new())
    }

    /// The limits with what `--set` says on top.
    ///
    /// # Errors
    ///
    /// A key or value that is none, or limits that contradict each other.
    pub(crate) fn set(
        limits: &Limits,
        assignments: &[(String, String)],
    ) -> Result<Limits, ConfigError> {
        let changes = assignments
            .iter()
            .map(|(key, value)| {
                let origin = format!("--set {key}={value}");
                match Limit::parse(key, value) {
                    Ok(limit) => Ok((origin, limit)),
                    Err(message) => Err(ConfigError::Value { origin, message }),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        limits.changed("--set", changes)
    }

    fn follow(
        &self,
        name: &str,
        origin: impl FnOnce() -> String,
        chain: &mut Vec<String>,
    ) -> Result<Limits, ConfigError> {
        let own = self.project.and_then(|project| {
            let (name, table) = project.file.profiles.get_key_value(name)?;
            Some((project, name, table))
        });
        match (own, Profile::by_name(name)) {
            (Some((project, name, table)), _) => self.own(project, name, table, chain),
            (None, Some(profile)) => Ok(Limits::new(profile)),
            (None, None) => Err(self.unknown(name, origin())),
        }
    }

    fn own(
        &self,
        project: &Project,
        name: &Spanned<String>,
        table: &ProfileTable,
        chain: &mut Vec<String>,
    ) -> Result<Limits, ConfigError> {
        let source = &project.source;
        let name_text = name.get_ref();
        let is_cycle = chain.contains(name_text);
        chain.push(name_text.clone());
        if is_cycle {
            return Err(ConfigError::ProfileCycle {
                place: source.place(&name.span()),
                chain: chain.join(" -> "),
            });
        }
        if chain.len() > MAX_CHAIN {
            return Err(ConfigError::ProfileChain {
                place: source.place(&name.span()),
                limit: MAX_CHAIN,
            });
        }
        let at = source.place(&name.span()).to_string();
        let base = match &table.extends {
            Some(extends) => {
                let origin = || source.place(&extends.span()).to_string();
                let base = self.follow(extends.get_ref(), origin, chain)?;
                let profile = build(base.profile.to_builder().name(name_text), &at)?;
                Limits { profile, ..base }
            }
            None => {
                let unlimited = Profile::builder(name_text)
                    .cite(source.line(&name.span()))
                    .formats(Format::ALL);
                Limits::new(build(unlimited, &at)?)
            }
        };
        let changes = Limit::of_table(table)
            .map_err(|message| ConfigError::Value {
                origin: source.place(&message.span()).to_string(),
                message: message.into_inner(),
            })?
            .into_iter()
            .map(|limit| (source.line(&limit.span()), limit.into_inner()))
            .collect();
        base.changed(&at, changes)
    }

    fn unknown(&self, name: &str, origin: String) -> ConfigError {
        let builtin = Profile::builtin();
        let own = self
            .project
            .into_iter()
            .flat_map(|project| project.file.profiles.keys());
        let known: Vec<_> = builtin
            .iter()
            .map(Profile::name)
            .chain(own.map(|name| name.get_ref().as_str()))
            .collect();
        ConfigError::UnknownProfile {
            origin,
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
            decode_memory: DECODE_MEMORY,
            decode_memory_origin: "default".to_owned(),
        }
    }

    /// These limits with changes, each with where it was made.
    fn changed(&self, origin: &str, changes: Vec<(String, Limit)>) -> Result<Self, ConfigError> {
        let mut changed = self.clone();
        let mut builder = self.profile.to_builder();
        for (origin, limit) in changes {
            if let Limit::DecodeMemory(size) = limit {
                changed.decode_memory = size;
                changed.decode_memory_origin = origin;
            } else {
                builder = limit.apply(builder.cite(origin));
            }
        }
        changed.profile = build(builder, origin)?;
        Ok(changed)
    }
}

fn build(builder: ProfileBuilder, origin: &str) -> Result<Profile, ConfigError> {
    builder.build().map_err(|source| ConfigError::Profile {
        origin: origin.to_owned(),
        source,
    })
}
