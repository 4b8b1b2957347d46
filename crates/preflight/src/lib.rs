//! Reads only an image's header, and judges format and size before anything is paid for.
//!
//! ```
//! use preflight::{Content, Profile, Violation, probe_bytes};
//!
//! // A PNG of 399 x 500 px, as far as its header goes.
//! let png = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\x8F\0\0\x01\xF4\x08\x02\0\0\0\x4A\x1D\x36\xB2";
//! let sighting = probe_bytes(png);
//! let Content::Image(header) = sighting.content else { panic!("{sighting:?}") };
//! assert_eq!((header.width, header.height), (399, 500));
//! assert_eq!(
//!     Profile::emo().judge(&sighting),
//!     [Violation::SideTooSmall { measured: 399, allowed: 400 }],
//! );
//! ```
//!
//! * [`probe_bytes`], [`probe_file`], [`probe_reader`] say what something is: a [`Sighting`].
//! * [`Probe`] is what they drive: it does no I/O, names the [`Need`] it has, and works without `std`.
//! * [`Profile`] holds the limits, each with where it comes from; [`Profile::judge`] lists what an
//!   image breaks.
#![cfg_attr(
    feature = "http",
    doc = "* [`http`] fetches the first bytes of a URL, under guard."
)]
//!
//! Sizes are in px as stored, before EXIF orientation, and in bytes.
//!
//! # What is promised about strangers' bytes
//!
//! Whatever they are, nothing panics and the work is bounded (see [`Probe`]). The answer does not
//! depend on how they arrive. Data that ends too early is [`Defect::Truncated`], never another defect.
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
pub use crate::source::{
    measure_file, open_file, probe_bytes, probe_file, probe_open_file, probe_reader,
};

/// Runs the README's example.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
