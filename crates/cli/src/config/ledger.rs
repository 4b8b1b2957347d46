//! The book of settings: a value is handed out only together with where it came from.

/// Every setting in force, in the order in which they were settled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Vec<Row>);

/// A setting in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Row {
    /// As in `preflight.toml`: `min-side`, `remote.budget`.
    pub(crate) name: String,
    /// As it could be typed, or `(none)`.
    pub(crate) value: String,
    /// `default`, `--set min-side=512`, `PREFLIGHT_FORMAT`, `preflight.toml:6`, a page of the service.
    pub(crate) origin: String,
}

/// A value and where it came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: String,
}

impl<T> Sourced<T> {
    pub(crate) fn new(value: T, origin: impl Into<String>) -> Self {
        Self {
            value,
            origin: origin.into(),
        }
    }

    /// What holds where nothing was set.
    pub(crate) fn default(value: T) -> Self {
        Self::new(value, "default")
    }
}

impl Ledger {
    /// Enters a setting, and hands its value out.
    pub(crate) fn enter<T>(
        &mut self,
        name: &str,
        setting: Sourced<T>,
        show: impl Fn(&T) -> String,
    ) -> T {
        let Sourced { value, origin } = setting;
        self.0.push(Row {
            name: name.to_owned(),
            value: show(&value),
            origin,
        });
        value
    }

    /// Enters a setting that may be absent.
    pub(crate) fn enter_option<T>(
        &mut self,
        name: &str,
        setting: Sourced<Option<T>>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        self.enter(name, setting, |value| {
            value.as_ref().map_or_else(|| "(none)".to_owned(), &show)
        })
    }

    /// Every setting that was entered.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.0
    }
}
