//! Everything that is at hand.

use std::collections::BTreeSet;

use preflight::{Content, probe_bytes};
use testkit::{disagreements, manifest};

use crate::peers::{self, Size};

fn by_us(bytes: &[u8]) -> Option<Size> {
    match probe_bytes(bytes).content {
        Content::Image(header) => Some((header.width.into(), header.height.into())),
        _ => None,
    }
}

/// The sound fixtures of which a peer has no size or a wrong one, by the table.
fn listed(peer: &str) -> BTreeSet<String> {
    let rows = disagreements::load().fixtures.into_iter();
    rows.filter(|row| row.peer == peer)
        .map(|row| row.path)
        .collect()
}

#[test]
fn imagesize_is_wrong_where_it_is_listed_and_nowhere_else() {
    let mut compared = 0;
    let mut differing = BTreeSet::new();
    for row in &manifest::load().files {
        let bytes = row.read();
        if let Some(size) = by_us(&bytes) {
            compared += 1;
            if peers::imagesize(&bytes) != Some(size) {
                differing.insert(row.path.clone());
            }
        }
    }
    assert!(compared > 60, "{compared}");
    assert_eq!(differing, listed("imagesize"));
}

/// It reads on to the pixels, which the fixtures that are headers only do not have: there it may
/// have no size, but not another one.
#[test]
fn image_is_wrong_where_it_is_listed_and_nowhere_else() {
    let mut compared = 0;
    let mut differing = BTreeSet::new();
    for row in &manifest::load().files {
        let bytes = row.read();
        if let Some(size) = by_us(&bytes) {
            let theirs = peers::image(&bytes).ok();
            if theirs.is_none() && row.path.starts_with("headers") {
                continue;
            }
            compared += 1;
            if theirs != Some(size) {
                differing.insert(row.path.clone());
            }
        }
    }
    assert!(compared > 40, "{compared}");
    assert_eq!(differing, listed("image"));
}
