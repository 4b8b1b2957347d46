//! The checksum of PNG's IHDR chunk.

/// Bytes of IHDR's data.
const LEN: usize = 13;

/// What a byte adds to the CRC of "IHDR" and 13 bytes, by its place and value.
///
/// The CRC is linear, so that the places can be looked up independently of each other: three times
/// as fast as byte after byte, where each look-up waits for the one before. The chunk type comes
/// first and is always the same: the first four places hold what it adds.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static ADDS: [[u32; 256]; LEN] = {
    let mut after_type = !0;
    let mut i = 0;
    while i < 4 {
        after_type = step(after_type ^ b"IHDR"[i] as u32);
        i += 1;
    }
    let after_type = after_type.to_le_bytes();
    let mut adds = [[0; 256]; LEN];
    let mut sum = 0;
    while sum < 256 {
        let mut crc = sum as u32;
        let mut place = LEN;
        while place > 0 {
            place -= 1;
            crc = step(crc);
            let byte = if place < 4 {
                sum ^ after_type[place] as usize
            } else {
                sum
            };
            adds[place][byte] = crc;
        }
        sum += 1;
    }
    adds
};

/// CRC-32 of the chunk type "IHDR" and its data: PNG (third edition), 5.5 and annex D.
#[expect(
    clippy::indexing_slicing,
    reason = "tables of 256 are indexed with a byte"
)]
#[inline(always)]
pub(super) fn ihdr(data: &[u8; LEN]) -> u32 {
    let adds = ADDS.iter().zip(data);
    !adds.fold(0, |sum, (adds, &byte)| sum ^ adds[usize::from(byte)])
}

/// Eight bits of the polynomial division, reflected.
const fn step(mut crc: u32) -> u32 {
    let mut bit = 0;
    while bit < 8 {
        crc = if crc & 1 == 1 {
            crc >> 1 ^ 0xEDB8_8320
        } else {
            crc >> 1
        };
        bit += 1;
    }
    crc
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bit by bit, as PNG (third edition), annex D, words it.
    fn slow(data: &[u8]) -> u32 {
        !b"IHDR".iter().chain(data).fold(!0, |crc: u32, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| {
                if crc & 1 == 1 {
                    crc >> 1 ^ 0xEDB8_8320
                } else {
                    crc >> 1
                }
            })
        })
    }

    proptest! {
        #[test]
        fn the_tables_agree_with_the_definition(data: [u8; LEN]) {
            prop_assert_eq!(ihdr(&data), slow(&data));
        }
    }

    #[test]
    fn a_known_chunk_has_its_known_checksum() {
        // 1 x 1 px, 8 bits, truecolour with alpha: the IHDR of countless tracking pixels.
        let data = [0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0];
        assert_eq!(ihdr(&data), 0x1F15_C489);
    }
}
