//! Reads only an image's header, and judges format and size before anything is paid for.
#![cfg_attr(not(feature = "std"), no_std)]

mod format;
mod header;
#[cfg(feature = "http")]
pub mod http;
mod kind;
mod probe;
mod profile;
mod sighting;
#[cfg(feature = "std")]
mod source;

pub use crate::format::Format;
pub use crate::header::{Header, Quirk, Quirks};
pub use crate::kind::{Foreign, ForeignFormat, Kind};
pub use crate::probe::{Defect, HeaderError, Need, Probe, Step, Window};
pub use crate::sighting::{Content, Sighting};
#[cfg(feature = "std")]
pub use crate::profile::{Limit, Profile, ProfileBuilder, Violation};
#[cfg(feature = "std")]
pub use crate::source::{probe_bytes, probe_file, probe_reader};
