//! Merges the settings of what is looked at: what to leave out, and where URLs may lead.

use ipnet::IpNet;

use crate::args::network;
use crate::config::error::ConfigError;
use crate::config::ledger::{Ledger, Sourced};
use crate::config::resolve::Sources;
use crate::settings::ExcludeRule;

/// What to leave out: the rules of the file, then those of flags.
pub(crate) fn excludes(sources: Sources<'_>, ledger: &mut Ledger) -> Vec<ExcludeRule> {
    let of_file = sources.project.into_iter().flat_map(|project| {
        project.file.exclude.iter().map(|glob| {
            let place = project.source.line(&glob.span());
            let glob = glob.get_ref();
            let rule = ExcludeRule {
                glob: glob.clone(),
                folder: project.folder.clone(),
                origin: format!("{place} exclude = '{glob}'"),
                is_flag: false,
            };
            Sourced::new(rule, place)
        })
    });
    let flags = sources.check.into_iter().flat_map(|check| &check.exclude);
    let of_flags = flags.map(|glob| {
        let rule = ExcludeRule {
            glob: glob.clone(),
            folder: sources.here.to_owned(),
            origin: format!("--exclude '{glob}'"),
            is_flag: true,
        };
        Sourced::new(rule, "--exclude")
    });
    let rules: Vec<_> = of_file
        .chain(of_flags)
        .map(|rule| ledger.enter("exclude", rule, |rule| rule.glob.clone()))
        .collect();
    if rules.is_empty() {
        ledger.enter("exclude", Sourced::default(()), |()| "(none)".to_owned());
    }
    rules
}

/// The networks that are open besides the public ones.
///
/// # Errors
///
/// The variable names something else.
pub(crate) fn allow_net(sources: Sources<'_>) -> Result<Sourced<Vec<IpNet>>, ConfigError> {
    const VARIABLE: &str = "PREFLIGHT_ALLOW_NET";
    let flag = sources
        .check
        .map(|check| check.allow_net.clone())
        .filter(|nets| !nets.is_empty());
    if let Some(nets) = flag {
        return Ok(Sourced::new(nets, "--allow-net"));
    }
    let Some(words) = &sources.environment.allow_net else {
        return Ok(Sourced::default(Vec::new()));
    };
    let nets = words
        .split([',', ' '])
        .filter(|word| !word.is_empty())
        .map(|word| {
            network(word).map_err(|expected| ConfigError::Value {
                origin: VARIABLE.to_owned(),
                message: format!("{expected}, but found \"{word}\""),
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Sourced::new(nets, VARIABLE))
}
