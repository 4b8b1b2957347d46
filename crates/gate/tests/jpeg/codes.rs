//! Huffman codes, and bits in whole bytes: ITU-T T.81, annex C and B.1.1.5.

/// A value and its length in bits.
pub(crate) type Code = (u32, u32);

/// One code of each length from 1 to 8 bits, and all further ones of 16.
pub(crate) struct Table {
    pub(crate) values: Vec<u8>,
}

impl Table {
    const SHORT: usize = 8;

    pub(crate) fn segment(&self, target: u8) -> Vec<u8> {
        let mut counts = [0_u8; 16];
        let short = self.values.len().min(Self::SHORT);
        counts[..short].fill(1);
        counts[15] = (self.values.len() - short) as u8;
        [&[target][..], &counts, &self.values].concat()
    }

    pub(crate) fn code(&self, value: u8) -> Code {
        let place = self
            .values
            .iter()
            .position(|&other| other == value)
            .unwrap();
        if place < Self::SHORT {
            // So many ones, and a zero.
            return ((1 << (place + 1)) - 2, place as u32 + 1);
        }
        (0xFF00 + (place - Self::SHORT) as u32, 16)
    }
}

/// Puts bits into whole bytes, the last filled up with ones; FF 00 is the byte FF.
pub(crate) fn put(file: &mut Vec<u8>, codes: &[Code]) {
    let bits = codes
        .iter()
        .flat_map(|&(value, len)| (0..len).rev().map(move |bit| value >> bit & 1 == 1));
    let bits: Vec<bool> = bits.collect();
    for byte in bits.chunks(8) {
        let ones = std::iter::repeat_n(&true, 8 - byte.len());
        let byte = byte
            .iter()
            .chain(ones)
            .fold(0_u8, |byte, &bit| byte << 1 | u8::from(bit));
        file.push(byte);
        if byte == 0xFF {
            // Any number of FF is one: B.1.1.2.
            file.extend(std::iter::repeat_n(0xFF, file.len() % 3));
            file.push(0);
        }
    }
}
