//! Reads only an image's header, and judges format and size before anything is paid for.
#![cfg_attr(not(any(feature = "std", test)), no_std)]

mod format;
mod header;
#[cfg(feature = "http")]
pub mod http;
mod identify;
mod kind;
mod probe;
#[cfg(feature = "std")]
mod profile;
mod sighting;
#[cfg(feature = "std")]
mod source;

pub use crate::format::Format;
pub use crate::header::{Header, Quirk, Quirks};
pub use crate::kind::{Excerpt, Foreign, ForeignFormat, Kind};
pub use crate::probe::{Defect, HeaderError, Need, Probe, Step, Window};
#[cfg(feature = "std")]
pub use crate::profile::{Limit, Profile, ProfileBuilder, ProfileError, Severity, Violation};
pub use crate::sighting::{Content, Sighting};
#[cfg(feature = "std")]
pub use crate::source::{measure_file, probe_bytes, probe_file, probe_open_file, probe_reader};
