//! The frame: which blocks there are, and which of their coefficients have been seen.

use crate::content::Fault;

/// Coefficients of a block.
const COEFFICIENTS: usize = 64;

/// A frame header, and what has been seen of its image.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) progressive: bool,
    /// MCUs of an interleaved scan, across and down.
    pub(super) mcus: (usize, usize),
    pub(super) components: Vec<Component>,
}

/// A component: T.81, A.1.1 and A.2.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Blocks of an MCU, across and down.
    pub(super) factors: (usize, usize),
    /// Blocks of a scan of its own, across and down.
    pub(super) blocks: (usize, usize),
    /// Blocks in memory, across: those of whole MCUs.
    pub(super) stride: usize,
    pub(super) quantisation: usize,
    /// Of a progressive image, a bit for each coefficient of each block that is known not to be 0.
    pub(super) nonzero: Vec<u64>,
    /// The lowest bit of each coefficient that was seen; none before its first scan.
    lowest: [Option<u8>; COEFFICIENTS],
}

impl Frame {
    /// Reads what stands behind the length of SOF0, SOF1 or SOF2: T.81, B.2.2. The header stage has
    /// found all of it sound.
    pub(super) fn new(segment: &[u8], progressive: bool) -> Result<Self, Fault> {
        let unsound =
            || Fault::Broken("the frame header is not the one that was probed".to_owned());
        let [_, h1, h2, w1, w2, _, list @ ..] = segment else {
            return Err(unsound());
        };
        let height = usize::from(u16::from_be_bytes([*h1, *h2]));
        let width = usize::from(u16::from_be_bytes([*w1, *w2]));
        let factors = |byte: u8| (usize::from(byte >> 4), usize::from(byte & 0x0F));
        let all = list.chunks_exact(3);
        let h_max = all
            .clone()
            .map(|c| factors(c.get(1).copied().unwrap_or(0x11)).0)
            .max();
        let v_max = all
            .clone()
            .map(|c| factors(c.get(1).copied().unwrap_or(0x11)).1)
            .max();
        let (Some(h_max @ 1..=4), Some(v_max @ 1..=4)) = (h_max, v_max) else {
            return Err(unsound());
        };
        let mcus = (width.div_ceil(8 * h_max), height.div_ceil(8 * v_max));
        let mut components = Vec::new();
        for component in all {
            let [id, sampling, quantisation] = *component else {
                return Err(unsound());
            };
            let (h @ 1..=4, v @ 1..=4) = factors(sampling) else {
                return Err(unsound());
            };
            let stride = mcus.0 * h;
            let mut nonzero = Vec::new();
            if progressive {
                let len = stride * mcus.1 * v;
                nonzero.try_reserve_exact(len).map_err(|_| {
                    Fault::Unsure("the memory for its coefficients could not be had".to_owned())
                })?;
                nonzero.resize(len, 0);
            }
            components.push(Component {
                id,
                factors: (h, v),
                blocks: (
                    (width * h).div_ceil(h_max).div_ceil(8),
                    (height * v).div_ceil(v_max).div_ceil(8),
                ),
                stride,
                quantisation: usize::from(quantisation),
                nonzero,
                lowest: [None; COEFFICIENTS],
            });
        }
        Ok(Self {
            progressive,
            mcus,
            components,
        })
    }

    /// The coefficients that no scan brought, if any: a progressive image that ends between two
    /// scans decodes without a fault, to a blur.
    pub(super) fn missing(&self) -> Option<String> {
        self.components.iter().find_map(|component| {
            let id = component.id;
            if component.lowest.iter().all(Option::is_none) {
                return Some(format!("a scan of component {id}"));
            }
            let rough = component.lowest.iter().any(|lowest| *lowest != Some(0));
            rough.then(|| format!("further scans of component {id}, which refine it"))
        })
    }
}

impl Component {
    /// Notes that a scan has brought these coefficients down to a bit.
    pub(super) fn saw(&mut self, band: (usize, usize), low: u8) {
        for lowest in self.lowest.iter_mut().take(band.1 + 1).skip(band.0) {
            *lowest = Some(low);
        }
    }
}
