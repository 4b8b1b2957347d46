//! Whether all of a PNG's picture is there: W3C PNG (third edition).
//!
//! The chunks are walked to IEND, the checksums of the critical ones are computed, and the pixels
//! are inflated and counted. Ancillary chunks are not looked at (13.1: an error in one of them need
//! not end decoding), so that a profile or a text that inflates to gigabytes costs nothing.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::Fault;

/// Bytes of a chunk that are not its data: length, type, checksum (5.3).
const CHUNK_FRAME: usize = 12;

const END_CHUNK: &str = "the end chunk IEND (PNG 3rd edition, 11.2.5)";

/// The reduced images of Adam7 (8.1): first column and row, and the steps between.
const PASSES: [(u32, u32, u32, u32); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

/// Walks a file whose IHDR was found sound.
pub(super) fn examine(file: &[u8]) -> Result<(), Fault> {
    let mut pixels = None;
    let mut has_palette = false;
    let mut rest = file.get(8..).unwrap_or_default();
    loop {
        let Chunk {
            kind,
            data,
            crc,
            behind,
        } = Chunk::read(rest, file)?;
        let is_critical = matches!(&kind, b"IHDR" | b"PLTE" | b"IDAT" | b"IEND");
        if is_critical {
            check(kind, data, crc, file.len() - behind.len())?;
        }
        match &kind {
            b"IHDR" if pixels.is_none() => pixels = Pixels::new(data),
            b"PLTE" => has_palette = true,
            b"IDAT" => {
                let Some(pixels) = &mut pixels else { break };
                if pixels.is_indexed && !has_palette {
                    return Err(Fault::Broken(
                        "expected a palette (the chunk PLTE) before the pixels, but found none \
                         (PNG 3rd edition, 11.2.2)"
                            .to_owned(),
                    ));
                }
                pixels.inflate(data)?;
            }
            b"IEND" => break,
            _ => {}
        }
        rest = behind;
    }
    match pixels {
        Some(pixels) => pixels.finish(),
        None => Err(Fault::Broken(
            "the first chunk is not the one that was probed".to_owned(),
        )),
    }
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    crc: [u8; 4],
    behind: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(rest: &'a [u8], file: &[u8]) -> Result<Self, Fault> {
        let parts = || {
            let (head, behind) = rest.split_first_chunk::<8>()?;
            let [l1, l2, l3, l4, kind @ ..] = *head;
            let len = usize::try_from(u32::from_be_bytes([l1, l2, l3, l4])).ok()?;
            let (data, behind) = behind.split_at_checked(len)?;
            let (crc, behind) = behind.split_first_chunk::<4>()?;
            Some(Chunk {
                kind,
                data,
                crc: *crc,
                behind,
            })
        };
        parts().ok_or_else(|| match rest.get(4..8) {
            // A whole chunk that is cut is named; too few bytes for one can only be the end
            // chunk's.
            Some(kind) if kind != b"IEND" && rest.len() > CHUNK_FRAME => {
                let what = format!("the rest of the chunk {}", kind.escape_ascii());
                Fault::cut(&what, file)
            }
            _ => Fault::cut(END_CHUNK, file),
        })
    }
}

/// 5.5: the checksum over type and data.
fn check(kind: [u8; 4], data: &[u8], found: [u8; 4], end: usize) -> Result<(), Fault> {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    let (computed, found) = (crc.sum(), u32::from_be_bytes(found));
    if computed == found {
        return Ok(());
    }
    Err(Fault::Broken(format!(
        "expected the checksum {computed:#010X} of the {} chunk that ends at byte {end}, but found \
         {found:#010X}: its bytes were changed (PNG 3rd edition, 5.5)",
        kind.escape_ascii()
    )))
}

/// The compressed pixels: 10.1.
struct Pixels {
    stream: Decompress,
    out: Vec<u8>,
    rows: Rows,
    /// Bytes that the rows take, filter types included (7.2).
    expected: u64,
    is_indexed: bool,
    is_over: bool,
}

impl Pixels {
    /// From the data of IHDR: 11.2.1.
    fn new(ihdr: &[u8]) -> Option<Self> {
        let &[
            w1,
            w2,
            w3,
            w4,
            h1,
            h2,
            h3,
            h4,
            depth,
            colour,
            _,
            _,
            interlace,
        ] = ihdr.first_chunk()?;
        let width = u32::from_be_bytes([w1, w2, w3, w4]);
        let height = u32::from_be_bytes([h1, h2, h3, h4]);
        let channels = match colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };
        let image = |width: u32, height: u32| {
            let row = (u64::from(width) * channels * u64::from(depth)).div_ceil(8);
            (width > 0 && height > 0).then_some((row + 1, height))
        };
        let pass = |&(x, y, dx, dy): &(u32, u32, u32, u32)| {
            image(
                width.saturating_sub(x).div_ceil(dx),
                height.saturating_sub(y).div_ceil(dy),
            )
        };
        let passes: Vec<_> = if interlace == 0 {
            image(width, height).into_iter().collect()
        } else {
            PASSES.iter().rev().filter_map(pass).collect()
        };
        let bytes = passes
            .iter()
            .map(|&(row, rows)| row.saturating_mul(rows.into()));
        let expected = bytes.fold(0, u64::saturating_add);
        Some(Self {
            stream: Decompress::new(true),
            out: vec![0; 32 << 10],
            rows: Rows { passes, next: 0 },
            expected,
            is_indexed: colour == 3,
            is_over: false,
        })
    }

    /// Inflates one chunk's data. More rows than there should be do not matter; a checksum behind the
    /// last row that does not fit does, to zlib and all who use it.
    fn inflate(&mut self, mut data: &[u8]) -> Result<(), Fault> {
        while !self.is_over && self.stream.total_out() <= self.expected {
            let before = (self.stream.total_in(), self.stream.total_out());
            let step = self
                .stream
                .decompress(data, &mut self.out, FlushDecompress::None);
            let taken = usize::try_from(self.stream.total_in() - before.0).unwrap_or(usize::MAX);
            data = data.get(taken..).unwrap_or_default();
            let given = usize::try_from(self.stream.total_out() - before.1).unwrap_or(usize::MAX);
            let out = self.out.get(..given).unwrap_or_default();
            if let Some(found) = self.rows.unknown_filter(out, before.1) {
                return Err(Fault::Broken(format!(
                    "expected a filter type of 0 to 4 before each row of pixels, but found {found} (PNG 3rd \
                     edition, 9.2)"
                )));
            }
            match step {
                Ok(Status::StreamEnd) => self.is_over = true,
                Ok(_) if taken == 0 && self.stream.total_out() == before.1 => break,
                Ok(_) => {}
                Err(_) if self.stream.total_out() > self.expected => {}
                Err(_) if self.stream.total_out() == self.expected => return Err(checksum()),
                Err(_) => return Err(self.ends("are broken")),
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Fault> {
        if self.stream.total_out() >= self.expected {
            return Ok(());
        }
        Err(self.ends("end"))
    }

    fn ends(&self, how: &str) -> Fault {
        let (seen, expected) = (self.stream.total_out(), self.expected);
        Fault::Broken(format!(
            "expected {expected} bytes of pixels in the IDAT chunks, but found that they {how} after \
             {seen} bytes (PNG 3rd edition, 10.1)"
        ))
    }
}

/// The rows that are to come.
struct Rows {
    /// Of each pass, the last one first: bytes of a row with its filter type, and rows.
    passes: Vec<(u64, u32)>,
    /// Where the next row begins, in bytes of inflated data.
    next: u64,
}

impl Rows {
    /// The first unknown filter type (9.2) in some inflated bytes, of which `begin` came before.
    fn unknown_filter(&mut self, out: &[u8], begin: u64) -> Option<u8> {
        while let Some((row, left)) = self.passes.last_mut() {
            let at = usize::try_from(self.next.checked_sub(begin)?).ok()?;
            let filter = *out.get(at)?;
            if filter > 4 {
                return Some(filter);
            }
            self.next += *row;
            *left -= 1;
            if *left == 0 {
                self.passes.pop();
            }
        }
        None
    }
}

fn checksum() -> Fault {
    Fault::Broken(
        "expected the checksum of the pixels at the end of the IDAT chunks, but found another: they \
         were changed before they were packed into chunks (RFC 1950, 2.2)"
            .to_owned(),
    )
}
