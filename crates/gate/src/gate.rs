//! The facade.

use std::path::Path;

use preflight::Profile;

use crate::Report;

/// Screens images: composes the free stages, and the paid one where it is asked for.
#[derive(Clone, Debug)]
pub struct Gate {
    profile: Profile,
    strict: bool,
}

/// Builds a [`Gate`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct GateBuilder {
    gate: Gate,
}

impl Gate {
    /// A gate for a profile, with only the header and limits stages.
    pub const fn builder(profile: Profile) -> GateBuilder {
        GateBuilder { gate: Self { profile, strict: false } }
    }

    /// The limits that images are held against.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Screens a whole image in memory.
    pub fn screen_bytes(&self, _bytes: &[u8]) -> Report {
        Report::skipped("not built yet")
    }

    /// Screens a file, reading only its header unless the content stage is on.
    pub fn screen_file(&self, _path: &Path) -> Report {
        Report::skipped("not built yet")
    }
}

impl GateBuilder {
    /// Treats warnings as rejections.
    pub const fn strict(mut self, strict: bool) -> Self {
        self.gate.strict = strict;
        self
    }

    /// Turns the content stage on: the whole image is read and its pixels are decoded in at most
    /// this many bytes of memory.
    #[cfg(feature = "decode")]
    pub const fn decode(self, _max_memory: u64) -> Self {
        self
    }

    /// The gate.
    pub fn build(self) -> Gate {
        self.gate
    }
}
