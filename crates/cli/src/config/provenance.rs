//! Records where each setting in force was set.

/// Every setting in force, in the order in which they were resolved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provenance(Vec<Row>);

/// A setting in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Row {
    /// As in `preflight.toml`: `min-side`, `remote.budget`.
    pub(crate) name: String,
    /// As people would type it, or `(none)`.
    pub(crate) value: String,
    /// `default`, `--set min-side=512`, `PREFLIGHT_FORMAT`, `preflight.toml:6`, a page of the
    /// vendor.
    pub(crate) set_by: String,
}

/// A value and where it was set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) set_by: String,
}

impl<T> Setting<T> {
    pub(crate) fn new(value: T, set_by: impl Into<String>) -> Self {
        Self {
            value,
            set_by: set_by.into(),
        }
    }

    /// A value that nothing has set.
    pub(crate) fn default(value: T) -> Self {
        Self::new(value, "default")
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting {
            value: change(self.value),
            set_by: self.set_by,
        }
    }
}

impl Provenance {
    /// A setting of several layers: the first layer that has a value counts, else the default.
    pub(crate) fn layered<T, const N: usize>(
        &mut self,
        name: &str,
        layers: [Option<Setting<T>>; N],
        default: T,
        show: impl Fn(&T) -> String,
    ) -> T {
        let found = layers.into_iter().flatten().next();
        self.record(
            name,
            found.unwrap_or_else(|| Setting::default(default)),
            show,
        )
    }

    /// As [`layered`](Self::layered), for a setting that may be absent.
    pub(crate) fn optional<T, const N: usize>(
        &mut self,
        name: &str,
        layers: [Option<Setting<T>>; N],
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        let layers = layers.map(|layer| layer.map(|setting| setting.map(Some)));
        self.layered(name, layers, None, |value| {
            value.as_ref().map_or_else(|| NONE.to_owned(), &show)
        })
    }

    /// A setting with several values, one row each.
    pub(crate) fn each<T>(
        &mut self,
        name: &str,
        settings: impl IntoIterator<Item = Setting<T>>,
        show: impl Fn(&T) -> String,
    ) -> Vec<T> {
        let mut values = Vec::new();
        for setting in settings {
            values.push(self.record(name, setting, &show));
        }
        if values.is_empty() {
            self.record(name, Setting::default(()), |()| NONE.to_owned());
        }
        values
    }

    /// Records a setting and returns its value.
    pub(crate) fn record<T>(
        &mut self,
        name: &str,
        setting: Setting<T>,
        show: impl Fn(&T) -> String,
    ) -> T {
        let Setting { value, set_by } = setting;
        self.0.push(Row {
            name: name.to_owned(),
            value: show(&value),
            set_by,
        });
        value
    }

    /// Every setting that was recorded.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.0
    }
}

const NONE: &str = "(none)";
