//! A variable that is read.

/// A variable that is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(in crate::environment) holds: Holds,
}

/// The kind of a variable's value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::environment) enum Holds {
    Text,
    /// An address that may contain a password: not shown.
    Url,
    /// A secret: neither kept nor shown.
    Secret,
}

impl Variable {
    pub(in crate::environment) const fn of(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            holds: Holds::Text,
        }
    }

    pub(in crate::environment) const fn holding(
        holds: Holds,
        name: &'static str,
        help: &'static str,
    ) -> Self {
        Self { name, help, holds }
    }
}
