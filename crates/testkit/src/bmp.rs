//! BMP with each of its headers: `BITMAPCOREHEADER` (12 bytes), OS/2 2.x (16 to 64),
//! `BITMAPINFOHEADER` (40, 52, 56), V4 (108) and V5 (124).

/// Builds a BMP. Every field may lie; what is not set follows from the rest.
///
/// ```
/// use testkit::Bmp;
///
/// let bytes = Bmp::new(2, -2).build(); // top-down, 24 bits
/// assert_eq!(bytes.len(), 14 + 40 + 16);
/// assert_eq!(bytes[22..26], (-2_i32).to_le_bytes());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Bmp {
    width: i32,
    height: i32,
    dib_size: u32,
    planes: u16,
    bits: u16,
    compression: u32,
    palette: Vec<u8>,
    pixels: Option<Vec<u8>>,
    file_size: Option<u32>,
    data_offset: Option<u32>,
    image_size: u32,
    colours_used: u32,
}

impl Bmp {
    /// `BITMAPINFOHEADER`, 24 bits, all pixels black. A negative height is top-down.
    pub const fn new(width: i32, height: i32) -> Self {
        Self {
            width,
            height,
            dib_size: 40,
            planes: 1,
            bits: 24,
            compression: 0,
            palette: Vec::new(),
            pixels: None,
            file_size: None,
            data_offset: None,
            image_size: 0,
            colours_used: 0,
        }
    }

    /// The size in bytes of the DIB header, which names it: 12, 16, 40, 52, 56, 64, 108, 124, or
    /// any lie. Below 16 the sides take two bytes each; fields that do not fit are left out.
    pub const fn dib_size(mut self, size: u32) -> Self {
        self.dib_size = size;
        self
    }

    /// Planes, 1 in every sound file.
    pub const fn planes(mut self, planes: u16) -> Self {
        self.planes = planes;
        self
    }

    /// Bits a pixel.
    pub const fn bits(mut self, bits: u16) -> Self {
        self.bits = bits;
        self
    }

    /// `biCompression`: 0 none, 1 RLE8, 2 RLE4, 3 bit fields, 4 an embedded JPEG, 5 an embedded PNG.
    pub const fn compression(mut self, compression: u32) -> Self {
        self.compression = compression;
        self
    }

    /// The colour table, in bytes.
    pub fn palette(mut self, palette: &[u8]) -> Self {
        self.palette = palette.to_vec();
        self
    }

    /// `biClrUsed`.
    pub const fn colours_used(mut self, colours: u32) -> Self {
        self.colours_used = colours;
        self
    }

    /// The pixels, as they stand in the file.
    pub fn pixels(mut self, pixels: &[u8]) -> Self {
        self.pixels = Some(pixels.to_vec());
        self
    }

    /// No pixels: the file ends at its headers.
    pub fn header_only(self) -> Self {
        self.pixels(&[])
    }

    /// A JPEG in place of the pixels (`BI_JPEG`, bits 0).
    pub fn embedded_jpeg(self, jpeg: &[u8]) -> Self {
        self.embedded(4, jpeg)
    }

    /// A PNG in place of the pixels (`BI_PNG`, bits 0).
    pub fn embedded_png(self, png: &[u8]) -> Self {
        self.embedded(5, png)
    }

    /// `bfSize`, the length that the file states.
    pub const fn file_size(mut self, size: u32) -> Self {
        self.file_size = Some(size);
        self
    }

    /// `bfOffBits`, where the pixels stand.
    pub const fn data_offset(mut self, offset: u32) -> Self {
        self.data_offset = Some(offset);
        self
    }

    /// Bytes of a row of pixels, padded to four.
    #[must_use]
    pub fn stride(&self) -> usize {
        let bits = usize::from(self.bits) * self.width.unsigned_abs() as usize;
        bits.div_ceil(32) * 4
    }

    /// The file.
    ///
    /// # Panics
    ///
    /// If the pixels are not given and would take over 256 MiB.
    #[must_use]
    pub fn build(self) -> Vec<u8> {
        let dib = self.dib_header();
        let table = 14 + dib.len() + self.palette.len();
        let pixels = self.pixels.clone().unwrap_or_else(|| {
            let len = self
                .stride()
                .saturating_mul(self.height.unsigned_abs() as usize);
            assert!(
                len <= 1 << 28,
                "give the pixels of so large a picture, or none"
            );
            vec![0; len]
        });
        let mut file = b"BM".to_vec();
        file.extend(
            self.file_size
                .unwrap_or((table + pixels.len()) as u32)
                .to_le_bytes(),
        );
        file.extend([0; 4]);
        file.extend(self.data_offset.unwrap_or(table as u32).to_le_bytes());
        file.extend(dib);
        file.extend(self.palette);
        file.extend(pixels);
        file
    }

    /// The file inside an OS/2 bitmap array: an entry of 14 bytes that starts with "BA".
    #[must_use]
    pub fn build_array(self) -> Vec<u8> {
        let file = self.build();
        let mut array = b"BA".to_vec();
        array.extend((file.len() as u32).to_le_bytes());
        array.extend([0; 8]); // the next entry's offset, and the screen it is meant for
        array.extend(file);
        array
    }

    fn embedded(self, compression: u32, file: &[u8]) -> Self {
        let mut bmp = self.bits(0).compression(compression).pixels(file);
        bmp.image_size = file.len() as u32;
        bmp
    }

    fn dib_header(&self) -> Vec<u8> {
        let mut dib = self.dib_size.to_le_bytes().to_vec();
        if self.dib_size < 16 {
            dib.extend((self.width as u16).to_le_bytes());
            dib.extend((self.height as u16).to_le_bytes());
        } else {
            dib.extend(self.width.to_le_bytes());
            dib.extend(self.height.to_le_bytes());
        }
        dib.extend(self.planes.to_le_bytes());
        dib.extend(self.bits.to_le_bytes());
        dib.extend(self.compression.to_le_bytes());
        dib.extend(self.image_size.to_le_bytes());
        dib.extend(2835_u32.to_le_bytes()); // 72 pixels an inch, across and down
        dib.extend(2835_u32.to_le_bytes());
        dib.extend(self.colours_used.to_le_bytes());
        dib.extend(0_u32.to_le_bytes()); // important colours: all
        // A header of a lying size is still no larger than any that exists.
        dib.resize(self.dib_size.clamp(12, 124) as usize, 0);
        dib
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_as_long_as_it_says() {
        for size in [12, 16, 40, 52, 56, 64, 108, 124] {
            let bytes = Bmp::new(3, 2).dib_size(size).build();
            assert_eq!(bytes.len(), 14 + size as usize + 2 * 12);
            assert_eq!(bytes[2..6], (bytes.len() as u32).to_le_bytes());
            assert_eq!(bytes[10..14], (14 + size).to_le_bytes());
        }
    }

    #[test]
    fn plain_headers_decode() {
        for size in [12, 40, 52, 56, 108, 124] {
            for height in [-2, 2] {
                if size == 12 && height < 0 {
                    continue; // its sides have no sign
                }
                let bytes = Bmp::new(3, height).dib_size(size).build();
                let image = image::load_from_memory(&bytes).expect("a decodable BMP");
                assert_eq!((image.width(), image.height()), (3, 2));
            }
        }
    }
}
