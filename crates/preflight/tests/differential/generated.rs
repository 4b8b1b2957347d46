//! Generated headers, sound and slightly broken, against `image`: as many as `HEADERS` says.
//!
//! ```sh
//! HEADERS=10000000 cargo test --release -p preflight-emo --test differential generated -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::thread;

use image::ImageError;
use preflight::{Content, Probe, Quirk, Step, Window, probe_bytes};
use testkit::disagreements::{self, Pair};
use testkit::headers;

use crate::peers::{self, Size};

/// From so many headers on, each row of the table must have been met.
const ALL_ROWS: u64 = 10_000_000;

/// Headers, by format as they were generated.
const FORMATS: [&str; 4] = ["jpeg", "png", "bmp", "webp"];

/// Codings of which we warn.
const RARE: [Quirk; 6] = [
    Quirk::Arithmetic,
    Quirk::Cgbi,
    Quirk::DeepSamples,
    Quirk::Hierarchical,
    Quirk::Lossless,
    Quirk::Os2,
];

#[derive(Default)]
struct Seen {
    /// By format: headers, and those of which both sides have the same size.
    counts: [(u64, u64); FORMATS.len()],
    /// Ways to differ: how many headers do, and the seed of one.
    differing: BTreeMap<Pair, (u64, u64)>,
}

impl Seen {
    fn header(&mut self, seed: u64) {
        let bytes = headers::generate(seed);
        let theirs = peers::image(&bytes);
        let (ours, words) = by_us(&bytes);
        if let Some((all, sized)) = self.counts.get_mut((seed % 4) as usize) {
            *all += 1;
            *sized += u64::from(ours.is_some() && theirs.as_ref().ok() == ours.as_ref());
        }
        let theirs = match (ours, theirs) {
            (Some(ours), Ok(theirs)) if ours == theirs => return,
            (None, Err(_)) => return,
            (Some(_), Ok(_)) => "another size".to_owned(),
            (None, Ok(_)) => "a size".to_owned(),
            (Some(_), Err(error)) => in_words(&error),
        };
        let pair = Pair {
            ours: words,
            theirs,
        };
        self.differing.entry(pair).or_insert((0, seed)).0 += 1;
    }

    fn add(&mut self, other: Self) {
        for (ours, theirs) in self.counts.iter_mut().zip(other.counts) {
            *ours = (ours.0 + theirs.0, ours.1 + theirs.1);
        }
        for (pair, (count, seed)) in other.differing {
            let entry = self.differing.entry(pair).or_insert((0, seed));
            entry.0 += count;
        }
    }
}

/// The size, and what we say in a few words. The header alone is looked at: the file's length, which
/// would tell that there are no pixels, is not told.
fn by_us(bytes: &[u8]) -> (Option<Size>, String) {
    let content = match Probe::new().feed(Window::new(0, bytes)) {
        Step::Done(content) => content,
        Step::NeedMore(_) => probe_bytes(bytes).content,
    };
    match content {
        Content::Image(header) => {
            let is_rare = RARE.iter().any(|&quirk| header.quirks.contains(quirk));
            let coding = if is_rare { " of a rare coding" } else { "" };
            let words = format!("{}{coding}", header.format.name());
            (Some((header.width.into(), header.height.into())), words)
        }
        Content::Broken(error) => {
            let format = error.format.map_or("none", |format| format.name());
            (None, format!("{format} broken: {}", error.defect.name()))
        }
        Content::Foreign(_) => (None, "another format".to_owned()),
        _ => (None, "not an image".to_owned()),
    }
}

/// The first words of an error, without its numbers.
fn in_words(error: &ImageError) -> String {
    let text = error.to_string();
    let text = text
        .strip_prefix("Format error decoding ")
        .map_or(&*text, |text| &text[text.find(' ').unwrap() + 1..]);
    let mut words = String::new();
    for c in text.chars().take_while(|c| !matches!(c, ':' | '{' | '.')) {
        match c {
            '"' => {}
            '0'..='9' if words.ends_with('N') => {}
            '0'..='9' => words.push('N'),
            _ => words.push(c),
        }
    }
    words.trim_end().to_owned()
}

#[test]
fn generated_headers_differ_where_the_table_says_and_nowhere_else() {
    let headers = std::env::var("HEADERS").map_or(20_000, |text| text.parse().unwrap());
    let workers = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let mut seen = Seen::default();
    thread::scope(|scope| {
        let worker = |first| {
            let mut seen = Seen::default();
            (first..headers)
                .step_by(workers as usize)
                .for_each(|seed| seen.header(seed));
            seen
        };
        let started: Vec<_> = (0..workers)
            .map(|first| scope.spawn(move || worker(first)))
            .collect();
        started
            .into_iter()
            .for_each(|thread| seen.add(thread.join().unwrap()));
    });
    for (format, (all, sized)) in FORMATS.iter().zip(seen.counts) {
        println!("{format}: {all} headers, the same size of {sized}");
        assert!(sized > all / 4, "{format}: {sized} of {all}");
    }
    let kinds = disagreements::load().generated;
    let mut unknown = Vec::new();
    for (pair, (count, seed)) in &seen.differing {
        println!("{count:8}  {pair}");
        if disagreements::reason(&kinds, pair).is_none() {
            unknown.push(format!("{pair}, seed {seed}"));
        }
    }
    assert!(
        unknown.is_empty(),
        "no reason in the table for:\n{}",
        unknown.join("\n")
    );
    if headers >= ALL_ROWS {
        let rows = kinds.iter().flat_map(|kind| &kind.differs);
        let stale: Vec<_> = rows
            .filter(|pair| !seen.differing.contains_key(pair))
            .collect();
        assert!(stale.is_empty(), "in the table, and not found: {stale:?}");
    }
}
