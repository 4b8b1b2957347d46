//! Huffman tables: ITU-T T.81, C.2 and F.2.2.3.

/// Bits of a code that one look-up decides.
const FAST: u32 = 9;

/// A table of codes.
#[derive(Clone, Debug)]
pub(super) struct Huffman {
    /// By the first nine bits: the value, and the length of the code in bits; 0 for a longer one.
    fast: Vec<(u8, u8)>,
    /// Of each length from 1 on: the code behind the last one, left-aligned in 16 bits and one
    /// more, and what to add to a code's number for its place in `values`.
    ends: [(u32, i32); 16],
    values: Vec<u8>,
}

impl Huffman {
    /// A table from the numbers of codes of each length (BITS) and their values (HUFFVAL); none if
    /// there are more codes than fit.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let mut fast = vec![(0, 0); 1 << FAST];
        let mut ends = [(0, 0); 16];
        let (mut code, mut place) = (0_u32, 0_usize);
        for ((len, &count), end) in (1_u32..).zip(counts).zip(&mut ends) {
            let count = usize::from(count);
            let own = values.get(place..place + count)?;
            let first = code;
            code += u32::try_from(count).ok()?;
            if code > 1 << len {
                return None;
            }
            for (code, &value) in (first..code).zip(own) {
                if len <= FAST {
                    let from = (code << (FAST - len)) as usize;
                    let to = from + (1 << (FAST - len));
                    fast.get_mut(from..to)?.fill((value, len as u8));
                }
            }
            *end = (
                code << (16 - len),
                i32::try_from(place).ok()? - i32::try_from(first).ok()?,
            );
            place += count;
            code <<= 1;
        }
        let values = values.get(..place)?.to_vec();
        Some(Self { fast, ends, values })
    }

    /// The value of the code that 16 bits begin with, and its length in bits.
    pub(super) fn look_up(&self, bits: u16) -> Option<(u8, u32)> {
        let &(value, len) = self.fast.get(usize::from(bits >> (16 - FAST)))?;
        if len > 0 {
            return Some((value, u32::from(len)));
        }
        let bits = u32::from(bits);
        let (len, &(_, shift)) = (1_u32..)
            .zip(&self.ends)
            .find(|(_, (end, _))| bits < *end)?;
        let place = i32::try_from(bits >> (16 - len)).ok()? + shift;
        let value = self.values.get(usize::try_from(place).ok()?)?;
        Some((*value, len))
    }

    /// Whether no value is above 15: those of DC differences are numbers of bits.
    pub(super) fn is_for_dc(&self) -> bool {
        self.values.iter().all(|&value| value <= 15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T.81, table K.3: the customary table of luminance DC differences.
    const COUNTS: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
    const VALUES: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    #[test]
    fn codes_are_those_of_the_standard() {
        let table = Huffman::new(&COUNTS, &VALUES).unwrap();
        for (code, value) in [
            ("00", 0),
            ("010", 1),
            ("110", 5),
            ("1110", 6),
            ("111110", 8),
            ("111111110", 11),
        ] {
            let bits = u16::from_str_radix(code, 2).unwrap() << (16 - code.len());
            assert_eq!(
                table.look_up(bits),
                Some((value, code.len() as u32)),
                "{code}"
            );
        }
        assert_eq!(table.look_up(0xFFFF), None);
    }

    #[test]
    fn long_codes_are_found_beyond_the_first_look_up() {
        // One code of each length: 0, 10, 110, ... up to fifteen ones and a zero.
        let values: Vec<u8> = (0..16).collect();
        let table = Huffman::new(&[1; 16], &values).unwrap();
        for len in 1..=16_u32 {
            let bits = ((0xFFFF_u32 << (17 - len)) & 0xFFFF) as u16;
            assert_eq!(table.look_up(bits), Some((len as u8 - 1, len)));
        }
    }

    #[test]
    fn more_codes_than_fit_are_no_table() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3]).is_none());
        assert!(Huffman::new(&COUNTS, &VALUES[..5]).is_none());
    }
}
