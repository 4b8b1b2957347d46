//! Entropy-coded data, bit by bit.

use super::huffman::Huffman;

/// Why a block cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// A marker, or the end of the file, where more bits were expected.
    Short,
    /// A code that the table does not have, or a coefficient behind the last one.
    Code,
}

/// Bits of entropy-coded data up to the next marker: ITU-T T.81, B.1.1.5 and F.2.2.5.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    /// The byte that is taken next.
    at: usize,
    /// The bits at hand, from the top down; zeros behind them.
    bits: u64,
    have: u32,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(data: &'a [u8], at: usize) -> Self {
        Self {
            data,
            at,
            bits: 0,
            have: 0,
        }
    }

    /// The next `n` bits, at most 16.
    pub(super) fn take(&mut self, n: u32) -> Result<u32, Fault> {
        if self.have < n {
            self.fill();
        }
        if self.have < n {
            return Err(Fault::Short);
        }
        let value = if n == 0 {
            0
        } else {
            (self.bits >> (64 - n)) as u32
        };
        self.drop(n);
        Ok(value)
    }

    /// Passes over any number of bits.
    pub(super) fn skip(&mut self, mut n: u32) -> Result<(), Fault> {
        while n > 0 {
            let step = n.min(16);
            self.take(step)?;
            n -= step;
        }
        Ok(())
    }

    /// The value of the next code.
    pub(super) fn decode(&mut self, table: &Huffman) -> Result<u8, Fault> {
        if self.have < 16 {
            self.fill();
        }
        let (value, len) = table.look_up((self.bits >> 48) as u16).ok_or(Fault::Code)?;
        if len > self.have {
            return Err(Fault::Short);
        }
        self.drop(len);
        Ok(value)
    }

    fn drop(&mut self, n: u32) {
        self.bits <<= n;
        self.have -= n;
    }

    /// Takes whole bytes in: FF 00 is the byte FF, further FF are fill, anything else is a marker.
    fn fill(&mut self) {
        while self.have <= 56 {
            let Some(&byte) = self.data.get(self.at) else {
                return;
            };
            if byte == 0xFF {
                let fill = self.data.iter().skip(self.at + 1);
                let fill = fill.take_while(|&&byte| byte == 0xFF).count();
                if self.data.get(self.at + 1 + fill) != Some(&0) {
                    return;
                }
                self.at += 1 + fill;
            }
            self.at += 1;
            self.bits |= u64::from(byte) << (56 - self.have);
            self.have += 8;
        }
    }

    /// Leaves the data at the next marker: where its FF stands, and how many bytes were passed over
    /// that no code used. Zeros and FF do not count as long as they are no more than `padding`:
    /// writers fill up with them.
    pub(super) fn leave(&self, padding: usize) -> Left {
        // The bits that are left of a byte precede the whole ones that are held.
        let held = (self.bits << (self.have % 8)).to_be_bytes();
        let held = held.get(..(self.have / 8) as usize).unwrap_or_default();
        let mut unused = held.len();
        let mut other = held.iter().filter(|byte| !matches!(byte, 0 | 0xFF)).count();
        let mut at = self.at;
        loop {
            match (self.data.get(at), self.data.get(at + 1)) {
                (Some(0xFF), Some(0)) => {
                    unused += 1;
                    at += 2;
                }
                (Some(0xFF), Some(0xFF)) => at += 1,
                (Some(0xFF), Some(_)) | (None, _) => break,
                (Some(&byte), _) => {
                    unused += 1;
                    other += usize::from(byte != 0);
                    at += 1;
                }
            }
        }
        let unused = if unused <= padding && other == 0 {
            0
        } else {
            unused
        };
        Left { at, unused }
    }
}

/// Where entropy-coded data was left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    /// Where the next marker stands, or the end of the file.
    pub(super) at: usize,
    /// Bytes before it that no code used.
    pub(super) unused: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_bytes_are_data_and_markers_end_it() {
        let mut bits = Bits::new(&[0xA5, 0xFF, 0x00, 0x3C, 0xFF, 0xD9], 0);
        assert_eq!(bits.take(8), Ok(0xA5));
        assert_eq!(bits.take(12), Ok(0xFF3));
        assert_eq!(bits.take(4), Ok(0xC));
        assert_eq!(bits.take(1), Err(Fault::Short));
        assert_eq!(bits.leave(0).at, 4);
    }

    #[test]
    fn what_no_code_used_is_counted() {
        let data = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xFF, 0x00, 0xFF, 0xD9];
        let mut bits = Bits::new(&data, 0);
        bits.skip(9).unwrap();
        let left = bits.leave(99);
        assert_eq!((left.at, left.unused), (12, 9));
        let mut padded = Bits::new(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xD9], 0);
        padded.skip(7).unwrap();
        assert_eq!(padded.leave(10).unused, 0);
        assert_eq!(padded.leave(9).unused, 10);
    }
}
