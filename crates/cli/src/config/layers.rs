//! The layers of settings: flags, environment, the project's file, the user's own file.

use std::cell::RefCell;
use std::path::Path;

use toml::Spanned;

use crate::args::CheckArgs;
use crate::config::file::ConfigFile;
use crate::config::project::Project;
use crate::config::provenance::Setting;
use crate::environment::Environment;

/// All layers of a run.
pub(crate) struct Layers<'a> {
    /// The flags of `check`; other commands set none of them.
    pub(crate) flags: &'a CheckArgs,
    pub(crate) environment: &'a Environment,
    /// The file of the project. In a checked project, others than the payer may change it.
    pub(crate) project: Option<&'a Project>,
    /// The user's own file.
    pub(crate) user: Option<&'a Project>,
    /// The working directory, absolute.
    pub(crate) here: &'a Path,
    /// A line for each setting of the project's file that is not taken from there.
    pub(crate) not_taken: RefCell<Vec<String>>,
}

impl Layers<'_> {
    /// A value of the environment as text.
    pub(crate) fn variable(&self, name: &str) -> Option<Setting<String>> {
        let value = self.environment.text(name)?;
        Some(Setting::new(value, name))
    }

    /// A value of a flag, else of the files.
    pub(crate) fn flag_or_files<T: Clone>(
        &self,
        name: &str,
        flag: Option<&T>,
        pick: impl Fn(&ConfigFile) -> Option<&Spanned<T>>,
    ) -> Option<Setting<T>> {
        let flag = flag.map(|value| Setting::new(value.clone(), name));
        flag.or_else(|| self.files(pick))
    }

    /// A value of the files: the project's, else the user's.
    pub(crate) fn files<T: Clone>(
        &self,
        pick: impl Fn(&ConfigFile) -> Option<&Spanned<T>>,
    ) -> Option<Setting<T>> {
        in_file(self.project, &pick).or_else(|| in_file(self.user, &pick))
    }

    /// A value of the files that decides who is asked, or where data is kept. It is not taken from
    /// the checked project; a line then tells the user to use `instead`.
    pub(crate) fn own_files<T: Clone>(
        &self,
        name: &str,
        instead: &str,
        pick: impl Fn(&ConfigFile) -> Option<&Spanned<T>>,
    ) -> Option<Setting<T>> {
        if let Some(found) = in_file(self.checked_project(), &pick) {
            self.refuse(&found.set_by, name, instead);
        }
        self.trusted(&pick)
    }

    /// A limit on spending, which the checked project may lower but not raise. A flag beats all.
    pub(crate) fn capped(
        &self,
        name: &str,
        flag: Option<u32>,
        default: Option<u32>,
        pick: impl Fn(&ConfigFile) -> Option<&Spanned<u32>>,
    ) -> Option<Setting<u32>> {
        let instead = format!("--{name}");
        if let Some(flag) = flag {
            return Some(Setting::new(flag, instead));
        }
        let own = self.trusted(&pick).or(default.map(Setting::default));
        match in_file(self.checked_project(), &pick) {
            Some(lower) if own.as_ref().is_none_or(|own| lower.value <= own.value) => Some(lower),
            Some(higher) => {
                self.refuse(&higher.set_by, &format!("a higher {name}"), &instead);
                own
            }
            None => own,
        }
    }

    fn trusted<T: Clone>(
        &self,
        pick: &impl Fn(&ConfigFile) -> Option<&Spanned<T>>,
    ) -> Option<Setting<T>> {
        let project = self.project.filter(|project| !project.is_checked);
        in_file(project, pick).or_else(|| in_file(self.user, pick))
    }

    fn checked_project(&self) -> Option<&Project> {
        self.project.filter(|project| project.is_checked)
    }

    fn refuse(&self, set_by: &str, name: &str, instead: &str) {
        let own = self.environment.user_config();
        let own = own.map_or_else(
            || "your own preflight/config.toml".to_owned(),
            |path| path.display().to_string(),
        );
        self.not_taken.borrow_mut().push(format!(
            "{set_by}: {name} is not taken from the project that is checked; use {instead}, or {own}"
        ));
    }
}

fn in_file<T: Clone>(
    file: Option<&Project>,
    pick: &impl Fn(&ConfigFile) -> Option<&Spanned<T>>,
) -> Option<Setting<T>> {
    let file = file?;
    let value = pick(&file.file)?;
    let line = file.source.line(&value.span());
    Some(Setting::new(value.get_ref().clone(), line))
}
