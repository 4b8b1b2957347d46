//! Every property over every fixture, whole, cut and damaged, and over what fuzzers found: the short
//! run of what a fuzzer does.

use properties::{ALL, corpus};
use testkit::manifest;
use testkit::random::Random;

/// Longer fixtures are seen as far as this, in bytes.
const LONGEST: usize = 1 << 12;

#[test]
fn every_property_holds_for_every_fixture_whole_cut_and_damaged() {
    let mut random = Random::new(17);
    let mut runs = 0;
    for file in &manifest::load().files {
        let mut bytes = file.read();
        bytes.truncate(LONGEST);
        for (name, property) in ALL {
            // They read their input as changes to a file of their own, which is written anew each
            // time: their corpus holds better ones.
            if !["ledger", "rows"].contains(&name) {
                property(&bytes);
                property(&damaged(&bytes, &mut random));
                runs += 2;
            }
        }
    }
    assert!(runs > 2_000, "{runs}");
}

#[test]
fn every_property_holds_for_what_its_fuzzer_found() {
    for (name, property) in ALL {
        let inputs = corpus(name);
        assert!(inputs.len() > 5, "{name}");
        inputs.iter().for_each(|input| property(input));
    }
}

fn damaged(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    copy.truncate(random.below(copy.len() as u64 + 1) as usize);
    for _ in 0..random.below(4) {
        let at = random.below(copy.len().clamp(1, 128) as u64) as usize;
        if let Some(byte) = copy.get_mut(at) {
            *byte = random.bits() as u8;
        }
    }
    copy
}
