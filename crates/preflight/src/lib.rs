//! Reads only an image's header, and judges format and size before anything is paid for.
//!
//! ```
//! use preflight::{Content, Profile, Violation, probe_bytes};
//!
//! // A PNG of 399 x 500 px, as far as its header goes.
//! let png = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\x8F\0\0\x01\xF4\x08\x02\0\0\0\x4A\x1D\x36\xB2";
//! let probed = probe_bytes(png);
//! let Content::Image(header) = probed.content else { panic!("{probed:?}") };
//! assert_eq!((header.width, header.height), (399, 500));
//! assert_eq!(
//!     Profile::emo().judge(&probed.content, probed.len),
//!     [Violation::SideTooSmall { measured: 399, allowed: 400 }],
//! );
//! ```
//!
//! * [`probe_bytes`], [`probe_file`], [`probe_reader`] say what something is: a [`Probed`].
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

#[cfg(feature = "alloc")]
extern crate alloc;

mod content;
mod defect;
mod error;
mod excerpt;
mod foreign;
mod format;
mod header;
#[cfg(feature = "http")]
pub mod http;
mod identify;
mod names;
mod orientation;
mod other;
mod probe;
mod probed;
#[cfg(feature = "alloc")]
mod profile;
#[cfg(feature = "std")]
mod source;
mod stand_in;
mod wrapped;

pub use crate::content::Content;
pub use crate::defect::Defect;
pub use crate::error::HeaderError;
pub use crate::excerpt::Excerpt;
pub use crate::foreign::{Foreign, ForeignFormat};
pub use crate::format::Format;
pub use crate::header::{Header, Quirk, Quirks};
pub use crate::orientation::{Orientation, OrientationError};
pub use crate::other::OtherKind;
pub use crate::probe::{Need, Probe, Step, Window};
pub use crate::probed::Probed;
#[cfg(feature = "alloc")]
pub use crate::profile::{Limit, Profile, ProfileBuilder, ProfileError, Severity, Violation};
#[cfg(feature = "std")]
pub use crate::source::{
    measure_file, open_file, probe_bytes, probe_file, probe_file_of_len, probe_open_file,
    probe_reader,
};
pub use crate::stand_in::StandIn;
pub use crate::wrapped::{Wrapped, Wrapping};

/// Runs the README's example.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
