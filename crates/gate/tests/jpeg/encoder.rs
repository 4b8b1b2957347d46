//! A writer of small JPEGs whose coefficients are drawn: sequential and progressive, interleaved or
//! not, with restart markers, runs of blocks and refinements (ITU-T T.81, annexes B, F and G).

use std::collections::HashMap;
use std::ops::Range;

use testkit::random::Random;

use super::codes::{Code, Table, put};

/// A JPEG, and where its entropy-coded data stands.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) file: Vec<u8>,
    /// Of each scan: its data, up to the marker behind it.
    pub(crate) scans: Vec<Range<usize>>,
    /// Where the data of each restart interval ends.
    pub(crate) ends: Vec<usize>,
}

/// Writes the JPEG that belongs to a seed.
pub(crate) fn write(seed: u64) -> Written {
    let mut random = Random::new(seed);
    let progressive = random.below(2) == 1;
    let count = [1, 3, 4][random.below(3) as usize];
    let sampling = |random: &mut Random| {
        let factor = |random: &mut Random| [1, 1, 2, 2, 4][random.below(5) as usize];
        (factor(random), factor(random))
    };
    let width = random.between(1, 40) as usize;
    let height = random.between(1, 40) as usize;
    let components: Vec<_> = (0..count).map(|_| sampling(&mut random)).collect();
    let restart = random.below(4) as usize;
    let mut writer = Writer {
        random,
        progressive,
        width,
        height,
        components,
        restart,
        nonzero: vec![HashMap::new(); count],
        written: Written {
            file: vec![0xFF, 0xD8],
            scans: Vec::new(),
            ends: Vec::new(),
        },
    };
    writer.headers();
    if progressive {
        writer.progressive_scans();
    } else {
        writer.sequential_scans();
    }
    writer.written.file.extend([0xFF, 0xD9]);
    writer.written
}

/// The bits of one block, in a scan that may say of a run of blocks that it has ended.
#[derive(Default)]
struct Block {
    body: Vec<Code>,
    /// The bits behind the end of the block; none where its last coefficient is the band's last.
    tail: Option<Vec<Code>>,
}

struct Writer {
    random: Random,
    progressive: bool,
    width: usize,
    height: usize,
    /// Blocks of an MCU, across and down.
    components: Vec<(usize, usize)>,
    restart: usize,
    /// Of each component, by block: the coefficients that are known not to be 0.
    nonzero: Vec<HashMap<(usize, usize), u64>>,
    written: Written,
}

impl Writer {
    fn segment(&mut self, marker: u8, payload: &[u8]) {
        let len = (payload.len() as u16 + 2).to_be_bytes();
        self.written.file.extend([0xFF, marker]);
        self.written.file.extend(len);
        self.written.file.extend(payload);
    }

    fn headers(&mut self) {
        self.segment(0xDB, &[&[0][..], &[1; 64]].concat());
        let [h1, h2] = (self.height as u16).to_be_bytes();
        let [w1, w2] = (self.width as u16).to_be_bytes();
        let mut frame = vec![8, h1, h2, w1, w2, self.components.len() as u8];
        for (id, (h, v)) in (1..).zip(&self.components) {
            frame.extend([id, (h << 4 | v) as u8, 0]);
        }
        self.segment(if self.progressive { 0xC2 } else { 0xC0 }, &frame);
        if self.restart > 0 {
            self.segment(0xDD, &(self.restart as u16).to_be_bytes());
        }
    }

    /// A table of these values, in an order of its own.
    fn table(&mut self, mut values: Vec<u8>) -> Table {
        self.random.shuffle(&mut values);
        Table { values }
    }

    fn tables(&mut self) -> (Table, Table) {
        let dc = self.table((0..=11).collect());
        // Runs of zeros with sizes up to 10 bits, ends of runs of blocks, and sixteen zeros.
        let sizes = (0..=15).flat_map(|run| (1..=10).map(move |size| run << 4 | size));
        let ends = (0..=14).map(|bits| bits << 4);
        let ac = self.table(sizes.chain(ends).chain([0xF0]).collect());
        self.segment(0xC4, &dc.segment(0x01));
        self.segment(0xC4, &ac.segment(0x12));
        (dc, ac)
    }

    /// Any bits of this length.
    fn any(&mut self, len: u32) -> Code {
        (self.random.below(1 << len) as u32, len)
    }

    /// MCUs of a scan of these components: across and down.
    fn mcus(&self, parts: &[usize]) -> (usize, usize) {
        let h_max = self.components.iter().map(|(h, _)| *h).max().unwrap();
        let v_max = self.components.iter().map(|(_, v)| *v).max().unwrap();
        if let [only] = parts {
            let (h, v) = self.components[*only];
            let samples = (
                (self.width * h).div_ceil(h_max),
                (self.height * v).div_ceil(v_max),
            );
            return (samples.0.div_ceil(8), samples.1.div_ceil(8));
        }
        (
            self.width.div_ceil(8 * h_max),
            self.height.div_ceil(8 * v_max),
        )
    }

    /// Writes a scan; `interval` gives the bits of the MCUs with these numbers.
    fn scan(
        &mut self,
        parts: &[usize],
        (from, to): (u8, u8),
        (high, low): (u8, u8),
        mut interval: impl FnMut(&mut Self, Range<usize>, usize) -> Vec<Code>,
    ) {
        let mut header = vec![parts.len() as u8];
        for part in parts {
            header.extend([*part as u8 + 1, 0x12]);
        }
        header.extend([from, to, high << 4 | low]);
        self.segment(0xDA, &header);
        let start = self.written.file.len();
        let (across, down) = self.mcus(parts);
        let count = across * down;
        let step = if self.restart == 0 {
            count
        } else {
            self.restart
        };
        for (number, first) in (0..count).step_by(step).enumerate() {
            if number > 0 {
                self.written
                    .file
                    .extend([0xFF, 0xD0 + (number as u8 - 1) % 8]);
            }
            let codes = interval(self, first..(first + step).min(count), across);
            put(&mut self.written.file, &codes);
            self.written.ends.push(self.written.file.len());
        }
        self.written.scans.push(start..self.written.file.len());
    }

    /// All components at once, or each alone.
    fn split(&mut self) -> Vec<Vec<usize>> {
        let all = 0..self.components.len();
        if self.random.below(2) == 1 {
            vec![all.collect()]
        } else {
            all.map(|one| vec![one]).collect()
        }
    }

    fn blocks_of_mcu(&self, parts: &[usize]) -> usize {
        match parts {
            [_] => 1,
            _ => parts
                .iter()
                .map(|&part| self.components[part])
                .map(|(h, v)| h * v)
                .sum(),
        }
    }

    fn sequential_scans(&mut self) {
        for parts in self.split() {
            let (dc, ac) = self.tables();
            let blocks = self.blocks_of_mcu(&parts);
            self.scan(&parts, (0, 63), (0, 0), |writer, mcus, _| {
                let mut codes = Vec::new();
                for _ in 0..mcus.len() * blocks {
                    writer.dc(&dc, &mut codes);
                    writer.ac(&ac, &mut codes);
                }
                codes
            });
        }
    }

    fn dc(&mut self, table: &Table, codes: &mut Vec<Code>) {
        let size = self.random.below(12) as u32;
        codes.push(table.code(size as u8));
        codes.push(self.any(size));
    }

    fn ac(&mut self, table: &Table, codes: &mut Vec<Code>) {
        let mut k = 1;
        while k < 64 {
            match self.random.below(6) {
                0 => return codes.push(table.code(0)),
                1 if k + 16 <= 63 => {
                    codes.push(table.code(0xF0));
                    k += 16;
                }
                _ => {
                    let run = self.random.below(16).min(63 - k);
                    let size = self.random.between(1, 10) as u32;
                    codes.push(table.code((run as u8) << 4 | size as u8));
                    codes.push(self.any(size));
                    k += run + 1;
                }
            }
        }
    }

    fn progressive_scans(&mut self) {
        let rough = self.random.below(2) as u8;
        for parts in self.split() {
            let (dc, _) = self.tables();
            let blocks = self.blocks_of_mcu(&parts);
            self.scan(&parts, (0, 0), (0, rough), |writer, mcus, _| {
                let mut codes = Vec::new();
                for _ in 0..mcus.len() * blocks {
                    writer.dc(&dc, &mut codes);
                }
                codes
            });
        }
        if rough > 0 {
            for parts in self.split() {
                let blocks = self.blocks_of_mcu(&parts);
                self.scan(&parts, (0, 0), (1, 0), |writer, mcus, _| {
                    (0..mcus.len() * blocks).map(|_| writer.any(1)).collect()
                });
            }
        }
        for part in 0..self.components.len() {
            let middle = self.random.between(1, 63) as u8;
            let bands = [(1, middle), (middle + 1, 63)];
            for band in bands.into_iter().filter(|(from, to)| from <= to) {
                let rough = self.random.below(3) as u8;
                self.band(part, band, (0, rough));
                for low in (0..rough).rev() {
                    self.band(part, band, (low + 1, low));
                }
            }
        }
    }

    /// A scan of some coefficients of one component: the first of them, or one that refines.
    fn band(&mut self, part: usize, band: (u8, u8), bits: (u8, u8)) {
        let (_, ac) = self.tables();
        self.scan(&[part], band, bits, |writer, mcus, across| {
            let blocks: Vec<_> = mcus
                .map(|mcu| {
                    let place = (mcu % across, mcu / across);
                    writer.block(&ac, part, place, band, bits.0 > 0)
                })
                .collect();
            writer.runs(&ac, &blocks)
        });
    }

    fn block(
        &mut self,
        table: &Table,
        part: usize,
        place: (usize, usize),
        (from, to): (u8, u8),
        refines: bool,
    ) -> Block {
        let known = self.nonzero[part].get(&place).copied().unwrap_or(0);
        let mut new = 0_u64;
        // Few, so that runs are long.
        for _ in 0..self.random.below(4) {
            new |= 1 << self.random.between(from.into(), to.into());
        }
        new &= !known;
        *self.nonzero[part].entry(place).or_default() |= new;
        let mut block = Block::default();
        let mut corrections = Vec::new();
        let (mut zeros, mut next) = (0_u8, from);
        for k in from..=to {
            if new >> k == 0 {
                break;
            }
            next = k + 1;
            if known >> k & 1 == 1 {
                corrections.push(self.any(1));
            } else if new >> k & 1 == 1 {
                let size = if refines {
                    1
                } else {
                    self.random.between(1, 10) as u32
                };
                block.body.push(table.code(zeros << 4 | size as u8));
                block.body.push(self.any(size));
                block.body.append(&mut corrections);
                zeros = 0;
            } else if zeros == 15 {
                block.body.push(table.code(0xF0));
                block.body.append(&mut corrections);
                zeros = 0;
            } else {
                zeros += 1;
            }
        }
        if next <= to {
            let rest = (next..=to).filter(|k| known >> k & 1 == 1);
            block.tail = Some(rest.map(|_| self.any(1)).collect());
        }
        block
    }

    /// The blocks of an interval, those that end alike in runs.
    fn runs(&mut self, table: &Table, blocks: &[Block]) -> Vec<Code> {
        let mut codes = Vec::new();
        let mut rest = blocks;
        while let Some((first, behind)) = rest.split_first() {
            codes.extend(&first.body);
            rest = behind;
            let Some(tail) = &first.tail else { continue };
            let mut tails = tail.clone();
            let mut run = 1_u32;
            while let Some((
                Block {
                    body,
                    tail: Some(tail),
                },
                behind,
            )) = rest.split_first()
                && body.is_empty()
                && self.random.below(8) > 0
            {
                tails.extend(tail);
                run += 1;
                rest = behind;
            }
            codes.push(table.code((run.ilog2() as u8) << 4));
            codes.push((run - (1 << run.ilog2()), run.ilog2()));
            codes.extend(tails);
        }
        codes
    }
}
