//! A file that ends early, or comes in two parts.

use std::sync::atomic::{AtomicU64, Ordering};

use preflight::{Content, Probe, Step, Window};

use crate::shared;

/// Cuts behind so many bytes show nothing new: a name is settled, and a header goes on alike.
const MOST: usize = 600;

/// Below so many bytes, what will be an image may be taken for something else, such as a word.
const SCRAP: usize = 18;

/// Bytes by which an image that begins with letters tells whether it was taken for text.
const DAMAGE: usize = 64;

/// How often any file was probed.
static PROBED: AtomicU64 = AtomicU64::new(0);

/// How often [`every_cut`] probed a file, over all inputs so far: each cut twice.
#[must_use]
pub fn probed() -> u64 {
    PROBED.load(Ordering::Relaxed)
}

/// Any bytes, cut at each place.
pub fn cuts(data: &[u8]) {
    every_cut(data);
}

/// A file that ends early is the same as the whole file, or truncated; and no cut between two windows
/// changes the answer.
pub(crate) fn every_cut(file: &[u8]) {
    let answer = shared::whole(file);
    let last = file.len().min(MOST);
    for cut in 0..=last {
        let (start, _) = file.split_at(cut);
        agrees(start, shared::whole(start), answer);
        in_two(file, start, answer);
    }
    PROBED.fetch_add(2 * (last as u64 + 1), Ordering::Relaxed);
}

/// A header is the same header, and a defect is the same defect, from the byte on that shows it.
fn agrees(start: &[u8], early: Content, answer: Content) {
    let len = start.len();
    match (early, answer) {
        (Content::Image(header), Content::Image(whole)) => assert_eq!(header, whole, "at {len}"),
        (Content::Broken(error), _) if error.is_truncated() => {}
        (Content::Broken(error), Content::Broken(whole)) => assert_eq!(error, whole, "at {len}"),
        // Damage by a conversion of text shows later than the defect that it leads to.
        (Content::Broken(_), Content::Wrapped(_)) if len < DAMAGE => {}
        (Content::Image(_) | Content::Broken(_), _) => {
            panic!("{early:?} at {len}, then {answer:?}")
        }
        // An image that ends early may be taken for a damaged one, where its bytes look like that.
        (Content::Wrapped(wrapped), Content::Image(whole)) if len >= SCRAP => {
            assert_eq!(wrapped.format, Some(whole.format), "at {len}");
        }
        (_, Content::Image(_)) => assert!(len < SCRAP, "{early:?} at {len}, then {answer:?}"),
        _ => {}
    }
}

fn in_two(file: &[u8], start: &[u8], answer: Content) {
    let mut probe = Probe::new();
    let mut step = probe.feed(Window::new(0, start));
    while let Step::NeedMore(need) = step {
        let offset = file.len().min(need.offset as usize);
        let (_, rest) = file.split_at(offset);
        step = probe.feed(Window::last(offset as u64, rest));
    }
    match step {
        // The length that the header states is the driver's to hold against the file's.
        Step::Done(Content::Image(header)) if header.check_len(file.len() as u64).is_err() => {
            assert!(
                !matches!(answer, Content::Image(_)),
                "cut at {}",
                start.len()
            );
        }
        Step::Done(content) => assert_eq!(content, answer, "cut at {}", start.len()),
        Step::NeedMore(need) => panic!("{need:?}, though all was shown"),
    }
}
