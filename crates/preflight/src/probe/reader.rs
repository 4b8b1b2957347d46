//! A cursor that cannot leave its window.

use crate::Defect;

/// Why reading stops before the header is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// The element at the cursor needs this many bytes, and the window has fewer.
    More(usize),
    /// The header is broken.
    Defect { defect: Defect, offset: u64 },
}

impl Defect {
    /// The defect at an offset from the start of the file.
    pub(super) const fn at(self, offset: u64) -> Stop {
        Stop::Defect {
            defect: self,
            offset,
        }
    }
}

/// Reads whole elements, or leaves the cursor where it is.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    offset: u64,
    rest: &'a [u8],
    len: Option<u64>,
}

impl<'a> Reader<'a> {
    /// A cursor at `offset` of a file of `len` bytes, with `rest` the bytes from there on.
    #[inline(always)]
    pub(super) const fn new(offset: u64, rest: &'a [u8], len: Option<u64>) -> Self {
        Self { offset, rest, len }
    }

    /// The place of the cursor, in bytes from the start of the file.
    #[inline(always)]
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next `N` bytes, without taking them.
    #[inline(always)]
    pub(super) fn peek<const N: usize>(&self) -> Result<&'a [u8; N], Stop> {
        self.rest.first_chunk().ok_or(Stop::More(N))
    }

    /// The `N` bytes that are `at` bytes away from here, without taking them.
    #[inline(always)]
    pub(super) fn peek_at<const N: usize>(&self, at: usize) -> Result<&'a [u8; N], Stop> {
        let there = self.rest.get(at..).and_then(<[u8]>::first_chunk);
        there.ok_or(Stop::More(at.saturating_add(N)))
    }

    /// The next `n` bytes, without taking them.
    #[inline(always)]
    pub(super) fn peek_slice(&self, n: usize) -> Result<&'a [u8], Stop> {
        self.rest.get(..n).ok_or(Stop::More(n))
    }

    /// The next `n` bytes, without taking them, or fewer if the file is known to end before.
    #[inline(always)]
    pub(super) fn peek_up_to(&self, n: usize) -> Result<&'a [u8], Stop> {
        let left = self
            .len
            .map_or(u64::MAX, |len| len.saturating_sub(self.offset));
        self.peek_slice(usize::try_from(left).map_or(n, |left| n.min(left)))
    }

    /// Moves the cursor; also beyond the window.
    #[inline(always)]
    pub(super) fn skip(&mut self, n: u64) {
        // No overflow: a header ends within `MAX_HEADER` and one chunk of 4 GiB.
        self.offset += n;
        self.rest = match usize::try_from(n).ok().and_then(|n| self.rest.get(n..)) {
            Some(rest) => rest,
            None => nothing(),
        };
    }

    /// The defect if the file is known to end before the next `n` bytes do.
    pub(super) fn truncated(&self, n: usize) -> Option<Defect> {
        let needed = self.offset.saturating_add(n as u64);
        self.len
            .filter(|&len| needed > len)
            .map(|len| Defect::Truncated { needed, len })
    }
}

/// The rest behind the end of the window. `#[cold]` keeps it a branch that the processor predicts; as
/// a conditional move, each segment of a JPEG would wait for the one before.
#[cold]
const fn nothing() -> &'static [u8] {
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_never_leaves_its_window() {
        let mut reader = Reader::new(10, b"abc", None);
        assert_eq!(reader.peek::<3>().unwrap(), b"abc");
        assert!(matches!(reader.peek::<4>(), Err(Stop::More(4))));
        assert!(matches!(
            reader.peek_slice(usize::MAX),
            Err(Stop::More(usize::MAX))
        ));
        reader.skip(2);
        assert_eq!(reader.peek_slice(1).unwrap(), b"c");
        reader.skip(7);
        assert_eq!(reader.offset(), 19);
        assert!(matches!(reader.peek::<1>(), Err(Stop::More(1))));
    }

    #[test]
    fn a_known_end_turns_a_need_into_a_truncation() {
        let reader = Reader::new(10, b"ab", Some(12));
        assert_eq!(reader.truncated(2), None);
        assert_eq!(
            reader.truncated(3),
            Some(Defect::Truncated {
                needed: 13,
                len: 12
            })
        );
        assert_eq!(reader.peek_up_to(9).unwrap(), b"ab");
        assert_eq!(reader.peek_up_to(1).unwrap(), b"a");
        assert!(matches!(
            Reader::new(10, b"a", Some(12)).peek_up_to(9),
            Err(Stop::More(2))
        ));
        assert!(matches!(
            Reader::new(10, b"a", None).peek_up_to(9),
            Err(Stop::More(9))
        ));
    }
}
