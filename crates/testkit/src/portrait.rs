//! Drawn portraits: head and shoulders from a few ellipses.
//!
//! Nobody's photograph, so that no one's rights or privacy are touched; plain shapes, so that the
//! files stay small. All of it is integer arithmetic: the same pixels on every machine.

use image::{Rgb, RgbImage};

/// Someone to draw: the colours of a portrait and what tells it from the others.
#[derive(Clone, Copy, Debug)]
pub struct Portrait {
    backdrop: [u8; 3],
    skin: [u8; 3],
    hair: [u8; 3],
    shirt: [u8; 3],
    long_hair: bool,
    glasses: bool,
}

impl Portrait {
    /// Everyone, by name.
    pub const ALL: [(&'static str, Self); 8] = [
        (
            "anna",
            Self::of(
                [0xCF, 0xDE, 0xE8],
                [0xF2, 0xC9, 0xA5],
                [0x5A, 0x38, 0x25],
                [0xB5, 0x45, 0x4A],
                true,
                false,
            ),
        ),
        (
            "bruno",
            Self::of(
                [0xE7, 0xDD, 0xC6],
                [0xD9, 0xA0, 0x78],
                [0x22, 0x1C, 0x1A],
                [0x3F, 0x5F, 0x8A],
                false,
                true,
            ),
        ),
        (
            "chloe",
            Self::of(
                [0xD7, 0xE6, 0xD3],
                [0xFA, 0xDB, 0xC2],
                [0xC9, 0x8A, 0x3C],
                [0x6B, 0x4E, 0x86],
                true,
                true,
            ),
        ),
        (
            "dayo",
            Self::of(
                [0xF0, 0xE2, 0xD8],
                [0x7A, 0x4B, 0x2F],
                [0x17, 0x12, 0x10],
                [0xE0, 0xA5, 0x30],
                false,
                false,
            ),
        ),
        (
            "elif",
            Self::of(
                [0xC8, 0xD4, 0xDD],
                [0xE6, 0xB8, 0x91],
                [0x3A, 0x22, 0x18],
                [0x2F, 0x7A, 0x6B],
                true,
                false,
            ),
        ),
        (
            "goran",
            Self::of(
                [0xDE, 0xDE, 0xE6],
                [0xEE, 0xC0, 0x9C],
                [0x8D, 0x8D, 0x90],
                [0x44, 0x4C, 0x57],
                false,
                true,
            ),
        ),
        (
            "hana",
            Self::of(
                [0xF3, 0xE9, 0xEC],
                [0xF5, 0xD2, 0xAE],
                [0x10, 0x10, 0x16],
                [0x6D, 0x9D, 0xC5],
                true,
                false,
            ),
        ),
        (
            "ivan",
            Self::of(
                [0xD3, 0xE0, 0xDA],
                [0xF0, 0xC6, 0xA8],
                [0xA8, 0x5B, 0x2A],
                [0x7B, 0x2D, 0x3A],
                false,
                false,
            ),
        ),
    ];

    /// The portrait of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, portrait)| *portrait)
    }

    /// The picture, filling `width` x `height` px; what is longer than wide shows more of the shirt.
    #[must_use]
    pub fn draw(&self, width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            // Four samples a pixel smooth the edges.
            let mut sum = [0_u32; 3];
            for (dx, dy) in [(1, 1), (3, 1), (1, 3), (3, 3)] {
                let colour = self.sample(4 * x + dx, 4 * y + dy, width, height);
                for (sum, part) in sum.iter_mut().zip(colour) {
                    *sum += u32::from(part);
                }
            }
            Rgb(sum.map(|sum| (sum / 4) as u8))
        })
    }

    /// The picture in the portrait's own colours only: an index into [`palette`](Self::palette) a
    /// pixel, row by row.
    #[must_use]
    pub fn draw_indexed(&self, width: u32, height: u32) -> Vec<u8> {
        let palette = self.palette();
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        pixels
            .map(|(x, y)| {
                let colour = self.sample(4 * x + 2, 4 * y + 2, width, height);
                palette
                    .iter()
                    .position(|&known| known == colour)
                    .unwrap_or(0) as u8
            })
            .collect()
    }

    /// The colours that there are.
    #[must_use]
    pub const fn palette(&self) -> [[u8; 3]; 8] {
        let [shade, lips] = [self.shade(), LIPS];
        [
            self.backdrop,
            self.skin,
            self.hair,
            self.shirt,
            INK,
            WHITE,
            shade,
            lips,
        ]
    }

    const fn of(
        backdrop: [u8; 3],
        skin: [u8; 3],
        hair: [u8; 3],
        shirt: [u8; 3],
        long_hair: bool,
        glasses: bool,
    ) -> Self {
        Self {
            backdrop,
            skin,
            hair,
            shirt,
            long_hair,
            glasses,
        }
    }

    /// The colour at a quarter of a pixel. The face is drawn on a square of 1000 x 1000 units, as
    /// wide as the shorter side and in its middle.
    fn sample(&self, x4: u32, y4: u32, width: u32, height: u32) -> [u8; 3] {
        let side = i64::from(width.min(height)) * 4;
        let u = (i64::from(x4) * 2 - i64::from(width) * 4) * 500 / side;
        let v = (i64::from(y4) * 2 - i64::from(height) * 4) * 500 / side;
        self.layers()
            .into_iter()
            .find(|(shape, _)| shape.holds(u, v))
            .map_or(self.backdrop, |(_, colour)| colour)
    }

    /// The shapes, the topmost first.
    fn layers(&self) -> [(Shape, [u8; 3]); 17] {
        let glasses = |shape: Shape| if self.glasses { shape } else { Shape::NONE };
        let curtain = if self.long_hair {
            Shape::ellipse(0, -20, 265, 330)
        } else {
            Shape::NONE
        };
        [
            (Shape::ellipse(-85, -65, 15, 17), INK),
            (Shape::ellipse(85, -65, 15, 17), INK),
            (Shape::ellipse(-85, -65, 36, 22), WHITE),
            (Shape::ellipse(85, -65, 36, 22), WHITE),
            (glasses(Shape::ring(-85, -65, 68, 56)), INK),
            (glasses(Shape::ring(85, -65, 68, 56)), INK),
            (glasses(Shape::ellipse(0, -70, 20, 6)), INK),
            (Shape::ellipse(-85, -125, 48, 10), self.hair),
            (Shape::ellipse(85, -125, 48, 10), self.hair),
            (Shape::ellipse(0, 15, 20, 34), self.shade()),
            (Shape::ellipse(0, 105, 66, 17), LIPS),
            (Shape::ellipse(0, -238, 185, 78), self.hair),
            (Shape::ellipse(0, -30, 195, 255), self.skin),
            (Shape::ellipse(0, 215, 80, 150), self.shade()),
            (Shape::ellipse(0, -75, 215, 250).above(40), self.hair),
            (curtain, self.hair),
            (Shape::ellipse(0, 700, 430, 420), self.shirt),
        ]
    }

    const fn shade(&self) -> [u8; 3] {
        let [r, g, b] = self.skin;
        [r - r / 8, g - g / 8, b - b / 8]
    }
}

const INK: [u8; 3] = [0x2B, 0x22, 0x20];
const LIPS: [u8; 3] = [0xB9, 0x55, 0x55];
const WHITE: [u8; 3] = [0xFB, 0xFB, 0xF7];

/// An ellipse, or a part of one.
#[derive(Clone, Copy)]
struct Shape {
    x: i64,
    y: i64,
    rx: i64,
    ry: i64,
    /// Width of the outline; the whole ellipse when 0.
    outline: i64,
    /// Nothing is drawn below this line.
    floor: i64,
}

impl Shape {
    const NONE: Self = Self::ellipse(0, 0, 0, 0);

    const fn ellipse(x: i64, y: i64, rx: i64, ry: i64) -> Self {
        Self {
            x,
            y,
            rx,
            ry,
            outline: 0,
            floor: i64::MAX,
        }
    }

    const fn ring(x: i64, y: i64, rx: i64, ry: i64) -> Self {
        Self {
            outline: 10,
            ..Self::ellipse(x, y, rx, ry)
        }
    }

    const fn above(self, floor: i64) -> Self {
        Self { floor, ..self }
    }

    const fn holds(self, u: i64, v: i64) -> bool {
        let (x, y) = (u - self.x, v - self.y);
        v < self.floor
            && inside(x, y, self.rx, self.ry)
            && !(self.outline > 0 && inside(x, y, self.rx - self.outline, self.ry - self.outline))
    }
}

/// Whether a point is in the ellipse of these radii around the origin.
const fn inside(x: i64, y: i64, rx: i64, ry: i64) -> bool {
    let (across, down) = (x * ry, y * rx);
    across * across + down * down < rx * ry * rx * ry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portrait_has_a_face_in_the_middle_and_a_backdrop_in_the_corners() {
        for (name, portrait) in Portrait::ALL {
            for (width, height) in [(40, 40), (30, 50), (70, 20)] {
                let picture = portrait.draw(width, height);
                assert_eq!(picture.get_pixel(0, 0).0, portrait.backdrop, "{name}");
                let chin = portrait.sample(
                    2 * width,
                    2 * height + 4 * width.min(height) / 5,
                    width,
                    height,
                );
                assert_eq!(chin, portrait.skin, "{name} at {width} x {height}");
            }
        }
    }

    #[test]
    fn indexed_pictures_use_the_palette_only() {
        let (_, portrait) = Portrait::ALL[2];
        let indices = portrait.draw_indexed(60, 80);
        assert_eq!(indices.len(), 60 * 80);
        for colour in [0, 1, 2, 3, 4] {
            assert!(indices.contains(&colour), "colour {colour} is nowhere");
        }
    }
}
