//! Whether all of a bitmap's picture is there: BITMAPINFOHEADER and its kin.
//!
//! Plain rows need no decoding: the header stage has held their length against the file's.
//! Run-length codings are walked.

use preflight::Header;

use super::Fault;

/// biCompression.
const RLE8: u32 = 1;
const RLE4: u32 = 2;

/// Walks a file whose header was found sound.
pub(super) fn examine(file: &[u8], header: &Header) -> Result<(), Fault> {
    let field = |at: usize| {
        let bytes = file.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    // BITMAPCOREHEADER has no coding, and its sides are of 16 bits.
    let is_core = field(14) == Some(12);
    let (bits, compression) = if is_core {
        (field(22).map(|both| both >> 16), 0)
    } else {
        (field(26).map(|both| both >> 16), field(30).unwrap_or(0))
    };
    let top_down = !is_core && field(22).is_some_and(|height| height >> 31 == 1);
    match (compression, bits) {
        (0 | 3 | 6, Some(1 | 2 | 4 | 8 | 16 | 24 | 32)) => Ok(()),
        (RLE8 | RLE4, _) if top_down => Err(Fault::Unsure(
            "its rows go from the top down, which a compressed bitmap's must not: readers differ"
                .to_owned(),
        )),
        (RLE8, Some(8)) | (RLE4, Some(4)) => {
            let at = field(10).and_then(|at| usize::try_from(at).ok());
            let data = at.and_then(|at| file.get(at..)).unwrap_or_default();
            let nibbles = compression == RLE4;
            run_lengths(
                data,
                header.width.into(),
                header.height.into(),
                nibbles,
                file,
            )
        }
        (_, bits) => Err(Fault::Unsure(format!(
            "its coding has the number {compression}, with {} bits a pixel",
            bits.unwrap_or(0)
        ))),
    }
}

/// "Bitmap Compression" of the Windows SDK. A run is a count and a colour; 0 begins an escape: the
/// end of a row (0), the end of the bitmap (1), a jump (2), or so many colours as they are.
fn run_lengths(
    mut rest: &[u8],
    width: u64,
    height: u64,
    nibbles: bool,
    file: &[u8],
) -> Result<(), Fault> {
    let (mut x, mut y) = (0_u64, 0_u64);
    loop {
        let row = y + 1;
        let cut = || {
            let what = format!("the rest of row {row} of {height}, run-length coded");
            Fault::cut(&what, file)
        };
        // All pixels are there: many writers leave the end of the bitmap out.
        let is_whole = y >= height || y + 1 == height && x >= width;
        let Some((&[count, value], behind)) = rest.split_first_chunk::<2>() else {
            return if is_whole { Ok(()) } else { Err(cut()) };
        };
        rest = behind;
        match (count, value) {
            (0, 0) => (x, y) = (0, y + 1),
            (0, 1) if is_whole => return Ok(()),
            (0, 1) => {
                return Err(Fault::Unsure(format!(
                    "its run lengths end the image in row {row} of {height}: readers differ in how \
                     they fill the rest"
                )));
            }
            (0, 2) => {
                let (&[right, up], behind) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
                (x, y, rest) = (x + u64::from(right), y + u64::from(up), behind);
            }
            (0, count) => {
                let bytes = usize::from(if nibbles { count.div_ceil(2) } else { count });
                // Padded to 16 bits; the padding of the last may be missing.
                rest = match (rest.get(bytes + bytes % 2..), rest.get(bytes..)) {
                    (Some(behind), _) | (None, Some(behind)) => behind,
                    (None, None) => return Err(cut()),
                };
                x += u64::from(count);
            }
            (count, _) => x += u64::from(count),
        }
        // A run of four-bit colours may end in the second half of a byte that no pixel needs.
        if x > width + u64::from(nibbles) || y > height {
            return Err(Fault::Unsure(format!(
                "its run lengths lead out of row {row}: readers differ in what they make of that"
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(data: &[u8], nibbles: bool) -> &'static str {
        match run_lengths(data, 4, 2, nibbles, data) {
            Ok(()) => "whole",
            Err(Fault::Cut(_)) => "cut",
            Err(Fault::Unsure(_)) => "unsure",
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn run_lengths_are_walked_to_their_end() {
        let whole = [4, 7, 0, 0, 0, 4, 1, 2, 3, 4, 0, 1];
        assert_eq!(walk(&whole, false), "whole");
        for len in 0..10 {
            assert_eq!(walk(&whole[..len], false), "cut", "{len}");
        }
        assert_eq!(walk(&whole[..10], false), "whole", "without its end");
        assert_eq!(walk(&[4, 7, 0, 0, 0, 4, 0x12, 0x34, 0, 1], true), "whole");
        assert_eq!(
            walk(&[0, 2, 0, 1, 4, 7, 0, 1], false),
            "whole",
            "a jump over the first row"
        );
    }

    /// A bitmap of 4 x 2 px, its commands as they stand in the file.
    #[test]
    fn each_command_moves_on_by_what_it_says() {
        for (nibbles, data, expected) in [
            // The end of the row may be left out before the end of the bitmap, and both behind it.
            (false, &[4, 7, 0, 0, 4, 7][..], "whole"),
            (false, &[4, 7, 0, 0, 4, 7, 0, 0], "whole"),
            (false, &[4, 7, 0, 0, 3, 7], "cut"),
            (false, &[4, 7, 0, 0, 3, 7, 0, 0], "whole"),
            (false, &[4, 7, 0, 0, 3, 7, 0, 1], "unsure"),
            (false, &[4, 7, 0, 0, 0, 0, 0, 0], "unsure"),
            (false, &[4, 7, 4, 7], "unsure"),
            // Jumps: to the right, and by rows.
            (false, &[0, 2, 0, 1, 4, 7], "whole"),
            (false, &[4, 7, 0, 2, 0, 1], "whole"),
            (false, &[0, 2, 1, 1, 3, 7], "whole"),
            (false, &[0, 2, 4, 1], "whole"),
            (false, &[0, 2, 3, 1], "cut"),
            (false, &[0, 2, 5, 0], "unsure"),
            (false, &[0, 2, 0, 2], "whole"),
            (false, &[0, 2, 0, 3], "unsure"),
            (false, &[0, 0, 0, 2, 0, 1, 0, 1], "whole"),
            (false, &[0, 0, 0, 2, 0, 2], "unsure"),
            (false, &[0, 2, 4], "cut"),
            // Colours as they are, padded to 16 bits; the last padding may be missing.
            (false, &[0, 0, 0, 3, 1, 2, 3, 0, 1, 7, 0, 1], "whole"),
            (false, &[0, 0, 0, 4, 1, 2, 3, 4], "whole"),
            (false, &[1, 7, 0, 3, 1, 2, 3, 0, 0, 0, 4, 7], "whole"),
            (false, &[0, 0, 1, 7, 0, 3, 1, 2, 3], "whole"),
            (false, &[0, 0, 1, 7, 0, 3, 1, 2], "cut"),
            (true, &[0, 0, 1, 7, 0, 3, 0x12, 0x30, 0, 1], "whole"),
            (true, &[0, 0, 1, 7, 0, 3, 0x12], "cut"),
            (true, &[0, 0, 0, 4, 0x12, 0x34], "whole"),
            (true, &[0, 4, 0x12, 0x34, 0, 0, 4, 7, 0, 1], "whole"),
            // An odd row of four-bit colours may end in the second half of its last byte.
            (true, &[0, 0, 5, 7, 0, 1], "whole"),
            (true, &[0, 0, 6, 7, 0, 1], "unsure"),
            (false, &[0, 0, 5, 7, 0, 1], "unsure"),
        ] {
            assert_eq!(walk(data, nibbles), expected, "{nibbles} {data:?}");
        }
    }

    #[test]
    fn the_row_that_is_cut_is_named() {
        for (data, row) in [
            (&[4, 7][..], "row 1 of 2"),
            (&[4, 7, 0, 0, 1, 7], "row 2 of 2"),
        ] {
            let Err(Fault::Cut(text)) = run_lengths(data, 4, 2, false, data) else {
                panic!("{data:?}")
            };
            assert!(text.contains(row), "{text}");
        }
    }

    #[test]
    fn what_readers_make_different_things_of_is_not_judged() {
        assert_eq!(walk(&[4, 7, 0, 1], false), "unsure", "ends early");
        assert_eq!(walk(&[9, 7], false), "unsure", "leaves its row");
        assert_eq!(walk(&[0, 2, 0, 9], false), "unsure", "jumps out");
    }
}
