//! Writes many checked images as one document: JSON Lines, SARIF, JUnit, annotations for GitHub,
//! Code Quality for GitLab, Markdown, a page that shows the images, and text for people.
//!
//! An [`Image`] is a [`gate::Report`] and the name of the image. A [`Format`] makes a [`Render`],
//! which writes to any [`std::io::Write`]: `begin` once, `image` for each image in the order of the
//! inputs, `finish` with the [`Summary`]. Nothing here reads the environment or knows a command
//! line.
//!
//! Memory does not grow with the number of images: formats that write at the end keep more than a
//! few MB in a temporary file. [`RepositoryRoot`] looks up paths, so that reports for code hosts
//! point to files of the repository. All calls block, for as long as the disk and `out` do.
//!
//! Three images to SARIF:
//!
//! ```
//! use std::time::Duration;
//!
//! use gate::Gate;
//! use preflight::Profile;
//! use report::{Context, Format, Image, ImageName, Render as _, Summary, Totals};
//!
//! # fn main() -> std::io::Result<()> {
//! let gate = Gate::builder(Profile::emo()).build();
//! let mut sarif = Format::Sarif.renderer(&Context::new(Profile::emo()));
//! let mut out = Vec::new();
//! let mut totals = Totals::new(None);
//! sarif.begin(&mut out)?;
//! for name in ["anna.jpg", "kim.png", "lee.webp"] {
//!     let bytes = b"GIF89a"; // read, downloaded or uploaded
//!     let report = gate.screen_bytes(&bytes[..]).into_report();
//!     let image = Image::new(ImageName::Path(name.into()), report);
//!     totals.add(&image.report);
//!     sarif.image(&mut out, &image)?;
//! }
//! sarif.finish(&mut out, &Summary::new(totals, Duration::ZERO))?;
//! assert_eq!(String::from_utf8_lossy(&out).matches("\"ruleId\":\"PF201\"").count(), 3);
//! # Ok(())
//! # }
//! ```

mod cost;
mod escape;
mod fix;
mod format;
mod image;
mod json;
mod location;
mod render;
#[cfg(test)]
mod sample;
mod sentences;
mod spool;
mod thumbnail;
mod totals;
mod words;
mod wrap;

pub use crate::cost::paid_lines;
pub use crate::escape::{escaped, shown};
pub use crate::format::jsonl::schema;
pub use crate::format::{Format, UnknownFormat};
pub use crate::image::{Image, ImageName, ListLine, Repeated, SameAs};
pub use crate::location::{RepositoryRoot, lexical};
pub use crate::render::{Context, Render, Verbosity};
pub use crate::sentences::{duration, images_line};
pub use crate::thumbnail::{Thumbnail, ThumbnailBudget};
pub use crate::totals::{PassedOver, RemoteTotals, Summary, Totals};
pub use crate::words::{counted, display_name, thousands};

/// Runs the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
