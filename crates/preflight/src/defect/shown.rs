//! Strangers' bytes as a defect shows them.

use core::fmt;

/// Bytes in hexadecimal, with blanks between.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut blank = "";
        self.0.iter().try_for_each(|byte| {
            write!(f, "{blank}{byte:02X}")?;
            blank = " ";
            Ok(())
        })
    }
}

/// A chunk type: quoted, with strangers' bytes escaped.
pub(super) struct FourCc(pub(super) [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// A JPEG marker's second byte, with its name in T.81 table B.1 where it has one.
pub(super) struct Marker(pub(super) u8);

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0xC4 => "DHT",
            0xC8 => "JPG",
            0xCC => "DAC",
            0xD8 => "SOI",
            0xD9 => "EOI",
            0xDA => "SOS",
            0xDB => "DQT",
            0xDC => "DNL",
            0xDD => "DRI",
            0xDE => "DHP",
            0xDF => "EXP",
            0xC0..=0xCF => "SOF",
            _ => "reserved",
        };
        write!(f, "{:#04X} ({name})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T.81, table B.1.
    #[test]
    fn a_marker_is_shown_with_its_name() {
        for (marker, shown) in [
            (0xC0, "0xC0 (SOF)"),
            (0xC4, "0xC4 (DHT)"),
            (0xC8, "0xC8 (JPG)"),
            (0xCC, "0xCC (DAC)"),
            (0xCF, "0xCF (SOF)"),
            (0xD8, "0xD8 (SOI)"),
            (0xD9, "0xD9 (EOI)"),
            (0xDA, "0xDA (SOS)"),
            (0xDB, "0xDB (DQT)"),
            (0xDC, "0xDC (DNL)"),
            (0xDD, "0xDD (DRI)"),
            (0xDE, "0xDE (DHP)"),
            (0xDF, "0xDF (EXP)"),
            (0x02, "0x02 (reserved)"),
        ] {
            assert_eq!(Marker(marker).to_string(), shown);
        }
    }
}
