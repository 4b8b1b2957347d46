//! One scan: every block is passed over code by code, as a decoder reads it.

use super::bits::{Bits, Fault};
use super::frame::{Component, Frame};
use super::huffman::Huffman;

/// Bytes that no code uses, at the end of a scan or of a restart interval, that are taken for a
/// writer's carelessness. More are the rest of a picture whose middle is missing.
const CARELESS: usize = 16;

/// The same for zeros and FF, with which some writers fill up.
const PADDING: usize = 2048;

/// A scan header, as far as the codes behind it depend on it.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    /// Of each component of the scan: its place in the frame, and its tables.
    pub(super) parts: Vec<Part<'a>>,
    /// Coefficients from and to, both inclusive.
    pub(super) band: (usize, usize),
    /// Whether the coefficients were begun by an earlier scan (Ah).
    pub(super) refines: bool,
    /// MCUs from one restart marker to the next; 0 for none.
    pub(super) restart: usize,
}

/// A component in a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) component: usize,
    pub(super) dc: Option<&'a Huffman>,
    pub(super) ac: Option<&'a Huffman>,
}

/// How a scan ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ended {
    /// With all its MCUs; where the next marker stands.
    Whole(usize),
    /// With so many of its MCUs, because the data ended, or made no sense.
    Short { seen: usize, of: usize },
    /// With bytes to spare.
    Spare { bytes: usize },
}

impl Scan<'_> {
    /// Walks the scan's data, which begins at a byte of the file.
    pub(super) fn walk(&self, frame: &mut Frame, file: &[u8], at: usize) -> Ended {
        // A scan of one component has blocks of its own for MCUs: T.81, A.2.2.
        let (across, down) = match self.parts[..] {
            [only] => frame
                .components
                .get(only.component)
                .map_or((0, 0), |c| c.blocks),
            _ => frame.mcus,
        };
        let of = across * down;
        let mut bits = Bits::new(file, at);
        let mut run = 0;
        for seen in 0..of {
            // Without restart markers it is 0, of which nothing but 0 is a multiple.
            if seen > 0 && seen.is_multiple_of(self.restart) {
                let left = bits.leave(PADDING);
                if left.unused > CARELESS {
                    return Ended::Spare { bytes: left.unused };
                }
                // Whichever number it has: some writers do not count.
                let Some([0xFF, 0xD0..=0xD7]) = file.get(left.at..left.at + 2) else {
                    return Ended::Short { seen, of };
                };
                bits = Bits::new(file, left.at + 2);
                run = 0;
            }
            let place = (seen % across, seen / across);
            if self.mcu(frame, &mut bits, &mut run, place).is_err() {
                return Ended::Short { seen, of };
            }
        }
        let left = bits.leave(PADDING);
        if left.unused > CARELESS {
            return Ended::Spare { bytes: left.unused };
        }
        Ended::Whole(left.at)
    }

    /// One MCU: T.81, A.2.
    fn mcu(
        &self,
        frame: &mut Frame,
        bits: &mut Bits<'_>,
        run: &mut u32,
        (x, y): (usize, usize),
    ) -> Result<(), Fault> {
        let progressive = frame.progressive;
        let alone = self.parts.len() == 1;
        for part in &self.parts {
            let Some(component) = frame.components.get_mut(part.component) else {
                return Err(Fault::Code);
            };
            let blocks = if alone {
                1
            } else {
                component.factors.0 * component.factors.1
            };
            // Scans that look at a block's place are of one component: T.81, G.1.1.1.1.
            let block = y * component.stride + x;
            for _ in 0..blocks {
                if progressive {
                    self.progressive(bits, part, component, block, run)?;
                } else {
                    sequential(bits, part)?;
                }
            }
        }
        Ok(())
    }

    /// A block of a progressive scan: T.81, G.1.2 and figures G.3 to G.7.
    fn progressive(
        &self,
        bits: &mut Bits<'_>,
        part: &Part<'_>,
        component: &mut Component,
        block: usize,
        run: &mut u32,
    ) -> Result<(), Fault> {
        if self.band.0 == 0 {
            return if self.refines {
                bits.skip(1)
            } else {
                dc(bits, part)
            };
        }
        let nonzero = component.nonzero.get_mut(block).ok_or(Fault::Code)?;
        let table = part.ac.ok_or(Fault::Code)?;
        if self.refines {
            self.ac_refining(bits, table, nonzero, run)
        } else {
            self.ac_first(bits, table, nonzero, run)
        }
    }

    fn ac_first(
        &self,
        bits: &mut Bits<'_>,
        table: &Huffman,
        nonzero: &mut u64,
        run: &mut u32,
    ) -> Result<(), Fault> {
        if *run > 0 {
            *run -= 1;
            return Ok(());
        }
        let mut k = self.band.0;
        while k <= self.band.1 {
            let code = bits.decode(table)?;
            let (zeros, size) = (usize::from(code >> 4), u32::from(code & 0x0F));
            if size > 0 {
                k += zeros;
                bits.take(size)?;
                *nonzero |= bit(k)?;
            } else if zeros == 15 {
                k += 15;
            } else {
                *run = (1 << zeros) - 1 + bits.take(zeros as u32)?;
                return Ok(());
            }
            k += 1;
        }
        Ok(())
    }

    /// A bit follows for each coefficient that is passed and is known not to be 0.
    fn ac_refining(
        &self,
        bits: &mut Bits<'_>,
        table: &Huffman,
        nonzero: &mut u64,
        run: &mut u32,
    ) -> Result<(), Fault> {
        let mut k = self.band.0;
        while *run == 0 && k <= self.band.1 {
            let code = bits.decode(table)?;
            let (mut zeros, is_new) = (code >> 4, code & 0x0F != 0);
            if is_new {
                bits.take(1)?;
            } else if zeros < 15 {
                *run = (1 << zeros) + bits.take(u32::from(zeros))?;
                break;
            }
            while k <= self.band.1 {
                if *nonzero & bit(k)? != 0 {
                    bits.take(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                k += 1;
            }
            if is_new {
                *nonzero |= bit(k)?;
            }
            k += 1;
        }
        if *run > 0 {
            *run -= 1;
            if k <= self.band.1 {
                let passed = u64::MAX << k & u64::MAX >> (63 - self.band.1);
                bits.skip((*nonzero & passed).count_ones())?;
            }
        }
        Ok(())
    }
}

/// A block of a sequential scan: T.81, F.1.2.
fn sequential(bits: &mut Bits<'_>, part: &Part<'_>) -> Result<(), Fault> {
    dc(bits, part)?;
    let table = part.ac.ok_or(Fault::Code)?;
    let mut k = 1;
    while k < 64 {
        let code = bits.decode(table)?;
        let (zeros, size) = (usize::from(code >> 4), u32::from(code & 0x0F));
        if size > 0 {
            k += zeros;
            bit(k)?;
            bits.take(size)?;
        } else if zeros == 15 {
            k += 15;
        } else {
            break;
        }
        k += 1;
    }
    Ok(())
}

/// The difference of a block's mean to that of the one before.
fn dc(bits: &mut Bits<'_>, part: &Part<'_>) -> Result<(), Fault> {
    let size = bits.decode(part.dc.ok_or(Fault::Code)?)?;
    bits.take(u32::from(size)).map(drop)
}

/// The bit of a coefficient.
fn bit(k: usize) -> Result<u64, Fault> {
    let k = u32::try_from(k).map_err(|_| Fault::Code)?;
    1_u64.checked_shl(k).ok_or(Fault::Code)
}
