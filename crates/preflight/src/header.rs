//! What a header says.

use core::fmt;

use crate::names::names;
use crate::{Defect, Format, HeaderError};

/// What an image's header says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Header {
    /// The format of the picture.
    pub format: Format,
    /// Width in px as stored, before any EXIF orientation. At least 1.
    pub width: u32,
    /// Height in px as stored, before any EXIF orientation. At least 1.
    pub height: u32,
    /// Legal, but unusual: some readers refuse it.
    pub quirks: Quirks,
    /// The least length in bytes that the header's own sizes give the file (RIFF size, BMP offset
    /// and rows), or none where the header says nothing of it (JPEG, PNG).
    pub declared_len: Option<u64>,
}

impl Header {
    /// The shorter side in px. EXIF orientation does not change it.
    #[must_use]
    pub const fn shorter_side(&self) -> u32 {
        if self.width < self.height {
            self.width
        } else {
            self.height
        }
    }

    /// The longer side in px. EXIF orientation does not change it.
    #[must_use]
    pub const fn longer_side(&self) -> u32 {
        if self.width < self.height {
            self.height
        } else {
            self.width
        }
    }

    /// Holds the header's own sizes against the length of the file, `len` bytes. A [`Probe`] that
    /// was told the length has done it already.
    ///
    /// # Errors
    ///
    /// [`Defect::Truncated`] if the header says that the file is longer than it is.
    ///
    /// [`Probe`]: crate::Probe
    #[inline]
    pub const fn check_len(&self, len: u64) -> Result<(), HeaderError> {
        match self.declared_len {
            Some(needed) if needed > len => Err(HeaderError {
                defect: Defect::Truncated { needed, len },
                offset: len,
                format: Some(self.format),
            }),
            _ => Ok(()),
        }
    }
}

names! {
    /// A legal coding that some readers refuse. `Display` is a noun: `arithmetic coding`.
    #[non_exhaustive]
    Quirk {
        /// WebP that holds an animation.
        Animated: "animated", "an animation";
        /// JPEG with arithmetic coding.
        Arithmetic: "arithmetic", "arithmetic coding";
        /// Apple's CgBI variant of PNG.
        Cgbi: "cgbi", "Apple's CgBI variant of PNG";
        /// JPEG with more than 8 bits a sample.
        DeepSamples: "deep-samples", "more than 8 bits a sample";
        /// JPEG with a hierarchical (differential) frame.
        Hierarchical: "hierarchical", "a hierarchical frame";
        /// Lossless JPEG.
        Lossless: "lossless", "lossless coding";
        /// JPEG that carries more pictures behind the first (MPF); some readers call it MPO.
        MultiPicture: "multi-picture", "more than one picture (MPF; some readers call it MPO)";
        /// WebP whose RIFF size is odd: its writer left out the last padding byte (RFC 9649, 2.3).
        OddRiffSize: "odd-riff-size", "an odd RIFF size (the last padding byte is missing)";
        /// BMP with an OS/2 2.x header.
        Os2: "os2", "an OS/2 2.x header";
        /// BMP with fewer colours in its palette than its bits a pixel, or its header, call for.
        ShortPalette: "short-palette", "fewer colours in the palette than the header calls for";
    }
}

impl Quirk {
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of [`Quirk`]s.
///
/// ```
/// use preflight::{Quirk, Quirks};
///
/// let quirks: Quirks = [Quirk::Lossless, Quirk::Arithmetic].into_iter().collect();
/// assert!(quirks.contains(Quirk::Lossless));
/// assert_eq!(quirks.iter().map(Quirk::name).collect::<Vec<_>>(), ["arithmetic", "lossless"]);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Quirks(u16);

impl Quirks {
    /// No quirk.
    pub const NONE: Self = Self(0);

    /// The set with one more quirk.
    #[must_use]
    pub const fn with(self, quirk: Quirk) -> Self {
        Self(self.0 | quirk.bit())
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a quirk is in the set.
    #[must_use]
    pub const fn contains(self, quirk: Quirk) -> bool {
        self.0 & quirk.bit() != 0
    }

    /// The quirks in the set, in the order of [`Quirk::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL
            .into_iter()
            .filter(move |&quirk| self.contains(quirk))
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        quirks.into_iter().fold(Self::NONE, Self::with)
    }
}

/// A list of the quirks' names.
#[cfg(feature = "serde")]
impl serde::Serialize for Quirks {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_has_its_own_bit() {
        for quirk in Quirk::ALL {
            let alone = Quirks::NONE.with(quirk);
            assert_eq!(alone.iter().collect::<Vec<_>>(), [quirk]);
            assert!(!alone.is_empty());
        }
        assert_eq!(
            Quirk::ALL.into_iter().collect::<Quirks>().iter().count(),
            Quirk::ALL.len()
        );
    }

    #[test]
    fn a_quirk_that_is_set_twice_is_set() {
        let twice = Quirks::NONE.with(Quirk::Cgbi).with(Quirk::Cgbi);
        assert_eq!(twice, Quirks::NONE.with(Quirk::Cgbi));
    }

    #[test]
    fn the_shorter_side_is_whichever_is_shorter() {
        for (width, height) in [(3, 2), (2, 3), (2, 2)] {
            let header = Header {
                format: Format::Png,
                width,
                height,
                quirks: Quirks::NONE,
                declared_len: None,
            };
            assert_eq!(header.shorter_side(), 2);
            assert_eq!(header.longer_side(), width.max(height));
        }
    }

    #[test]
    fn the_length_is_held_against_the_declared_one() {
        let header = Header {
            format: Format::Webp,
            width: 3,
            height: 2,
            quirks: Quirks::NONE,
            declared_len: Some(100),
        };
        assert_eq!(header.check_len(100), Ok(()));
        let error = header.check_len(99).unwrap_err();
        assert_eq!(
            error.defect,
            Defect::Truncated {
                needed: 100,
                len: 99
            }
        );
        assert_eq!(
            Header {
                declared_len: None,
                ..header
            }
            .check_len(0),
            Ok(())
        );
    }
}
