//! The probe at full speed, over inputs near those that the fuzzers found.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by a panic, and shows what broke"
)]

use std::env;

use properties::{corpus, cuts, probed};
use testkit::manifest::{self, File};
use testkit::random::Random;

/// Probes, where `PROBES` does not say how many.
const PROBES: u64 = 1_000_000_000;

/// Bytes of an input: a header ends before, and a name is settled.
const LONGEST: usize = 160;

/// Values that are on an edge of something.
const EDGES: [u8; 12] = [0, 1, 2, 8, 0x10, 0x28, 0x40, 0x7F, 0x80, 0xC0, 0xD8, 0xFF];

/// A fuzzer is guided by what it covers, and pays for that with two thirds of its time. This is not
/// guided, and makes three times as many probes.
#[test]
#[ignore = "a thousand million probes take minutes"]
fn each_cut_of_what_is_near_the_corpus_is_the_same_file_or_truncated() {
    let number = |name, or| env::var(name).ok().map_or(or, |text| text.parse().unwrap());
    let (goal, seed) = (number("PROBES", PROBES), number("SEED", 17));
    let seeds = seeds();
    let mut random = Random::new(seed);
    let mut inputs = 0_u64;
    while probed() < goal {
        let input = near(&seeds, &mut random);
        // A failure is found again by its bytes.
        let shown = Shown(&input);
        cuts(&input);
        drop(shown);
        inputs += 1;
    }
    println!("{} probes of {inputs} inputs, seed {seed}", probed());
}

/// Shows an input that broke the property.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("input: {}", self.0.escape_ascii());
        }
    }
}

/// Every fixture, and what the fuzzers of the probe found.
fn seeds() -> Vec<Vec<u8>> {
    let manifest = manifest::load();
    let mut seeds: Vec<_> = manifest.files.iter().map(File::read).collect();
    for target in ["cuts", "naming", "probe"] {
        seeds.extend(corpus(target));
    }
    seeds
}

/// A seed with up to eight changes. Most are behind the signature of an image, where the grammars
/// are: to name what has none takes twenty times as long.
fn near(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut below = |end: usize| random.below(end.max(1) as u64) as usize;
    let mut bytes = loop {
        let seed = &seeds[below(seeds.len())];
        if is_signed(seed) || below(16) == 0 {
            break seed.clone();
        }
    };
    let kept = if below(16) > 0 {
        16.min(bytes.len())
    } else {
        0
    };
    for _ in 0..below(9) {
        bytes.truncate(LONGEST);
        let at = kept + below(bytes.len() - kept.min(bytes.len()));
        match (below(6), bytes.get_mut(at)) {
            (0, Some(byte)) => *byte ^= 1 << below(8),
            (1, Some(byte)) => *byte = below(256) as u8,
            (2, Some(byte)) => *byte = EDGES[below(EDGES.len())],
            (3, Some(_)) => bytes.insert(at, below(256) as u8),
            (4, Some(_)) => drop(bytes.remove(at)),
            (5, Some(_)) => {
                let other = &seeds[below(seeds.len())];
                bytes.truncate(at);
                bytes.extend(other.iter().skip(below(other.len().min(64))));
            }
            _ => {}
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Whether a file begins as images of the four formats do.
fn is_signed(file: &[u8]) -> bool {
    [b"\xFF\xD8".as_slice(), b"\x89PNG", b"RIFF", b"BM"]
        .iter()
        .any(|signature| file.starts_with(signature))
}
