//! Every property over every fixture, whole, cut and damaged: the short run of what a fuzzer does.

use properties::ALL;
use testkit::manifest;
use testkit::random::Random;

/// Damaged copies of a fixture that each property sees.
const COPIES: usize = 1;
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
            // The ledger reads its input as changes to a file of its own.
            let copies = if name == "ledger" { 0 } else { COPIES };
            property(&bytes);
            for _ in 0..copies {
                property(&damaged(&bytes, &mut random));
            }
            runs += 1 + copies;
        }
    }
    assert!(runs > 2_000, "{runs}");
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
