//! Merges the limits: the profile in force, and what `--set` changes in it.

use preflight::{Format, Limit, Profile};

use crate::config::error::ConfigError;
use crate::config::ledger::{Ledger, Sourced};
use crate::config::profiles::{Limits, Profiles};
use crate::config::resolve::Sources;
use crate::config::units::ByteSize;

const DEFAULT_PROFILE: &str = "emo";

/// The limits to check against.
///
/// # Errors
///
/// No profile has the name that the flag or the file gives, or limits contradict each other.
pub(crate) fn resolve(sources: Sources<'_>, ledger: &mut Ledger) -> Result<Limits, ConfigError> {
    let profiles = Profiles::new(sources.project)?;
    let flag = sources.check.and_then(|check| check.profile.as_ref());
    let file = sources.project.and_then(|project| {
        let name = project.file.profile.as_ref()?;
        Some((&project.source, name))
    });
    // A name in the file is looked up even where a flag wins: a mistake there is one for everybody.
    let of_file = match file {
        Some((source, name)) => {
            let place = || source.place(&name.span()).to_string();
            let limits = profiles.find(name.get_ref(), place)?;
            Some((limits, source.line(&name.span())))
        }
        None => None,
    };
    let (limits, origin) = match (flag, of_file) {
        (Some(name), _) => (
            profiles.find(name, || "--profile".to_owned())?,
            format!("--profile {name}"),
        ),
        (None, Some(of_file)) => of_file,
        (None, None) => (
            profiles.find(DEFAULT_PROFILE, String::new)?,
            "default".to_owned(),
        ),
    };
    let set = sources.check.map_or(&[][..], |check| &check.set);
    let limits = Profiles::set(&limits, set)?;
    enter(&limits, origin, ledger);
    Ok(limits)
}

fn enter(limits: &Limits, origin: String, ledger: &mut Ledger) {
    let profile = &limits.profile;
    ledger.enter(
        "profile",
        Sourced::new(profile.name().to_owned(), origin),
        String::clone,
    );
    let formats = profile.formats();
    let names: Vec<_> = formats.value.iter().copied().map(Format::name).collect();
    ledger.enter("formats", Sourced::new(names, &*formats.source), |names| {
        names.join(",")
    });
    enter_limit(
        ledger,
        profile,
        "min-side",
        profile.min_side(),
        u32::to_string,
    );
    enter_limit(
        ledger,
        profile,
        "max-side",
        profile.max_side(),
        u32::to_string,
    );
    enter_limit(
        ledger,
        profile,
        "max-aspect",
        profile.max_aspect(),
        f64::to_string,
    );
    enter_limit(ledger, profile, "max-bytes", profile.max_bytes(), |bytes| {
        ByteSize(*bytes).to_string()
    });
    let memory = Sourced::new(limits.decode_memory, &limits.decode_memory_origin);
    ledger.enter("decode-memory", memory, ByteSize::to_string);
}

fn enter_limit<T: Copy>(
    ledger: &mut Ledger,
    profile: &Profile,
    name: &str,
    limit: Option<&Limit<T>>,
    show: impl Fn(&T) -> String,
) {
    let origin = limit.map_or_else(
        || format!("profile {}", profile.name()),
        |limit| limit.source.to_string(),
    );
    ledger.enter_option(
        name,
        Sourced::new(limit.map(|limit| limit.value), origin),
        show,
    );
}
