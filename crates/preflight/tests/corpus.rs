//! Every fixture is what the manifest says, and every defect that the probe knows has a fixture.

use std::collections::BTreeSet;

use preflight::{Content, Format, Quirk, probe_file};
use testkit::manifest::{self, Content as Expected};

#[test]
fn every_file_has_a_row_and_every_row_a_file() {
    let rows: Vec<_> = manifest::load()
        .files
        .into_iter()
        .map(|file| file.path)
        .collect();
    assert!(rows.len() > 100, "{} fixtures", rows.len());
    let rows: BTreeSet<_> = rows.into_iter().collect();
    let files: BTreeSet<_> = manifest::present().into_iter().collect();
    assert_eq!(rows, files);
}

#[test]
fn every_fixture_is_what_its_row_says() {
    for row in &manifest::load().files {
        let content = probe_file(&row.location()).unwrap().content;
        let (found, format, size, quirks, defect, kind) = match content {
            Content::Image(h) => {
                let quirks = h
                    .quirks
                    .iter()
                    .map(|quirk| quirk.name().to_owned())
                    .collect();
                let size = Some((h.width, h.height));
                (
                    Expected::Image,
                    Some(h.format.name()),
                    size,
                    quirks,
                    None,
                    None,
                )
            }
            Content::Broken(error) => {
                let format = error.format.map(Format::name);
                (
                    Expected::Broken,
                    format,
                    None,
                    Vec::new(),
                    Some(error.defect.name()),
                    None,
                )
            }
            Content::Foreign(foreign) => (
                Expected::Foreign,
                Some(foreign.format.name()),
                foreign.size,
                Vec::new(),
                None,
                None,
            ),
            Content::NotAnImage(kind) => (
                Expected::NotAnImage,
                None,
                None,
                Vec::new(),
                None,
                Some(kind.name()),
            ),
            Content::StandIn(stand_in) => (
                Expected::NotAnImage,
                None,
                None,
                Vec::new(),
                None,
                Some(stand_in.name()),
            ),
            Content::Wrapped(wrapped) => (
                Expected::NotAnImage,
                wrapped.format.map(Format::name),
                None,
                Vec::new(),
                None,
                Some(wrapped.wrapping.name()),
            ),
            Content::Empty => (Expected::Empty, None, None, Vec::new(), None, None),
        };
        assert_eq!(found, row.content, "{}", row.path);
        assert_eq!(format, row.format.as_deref(), "{}", row.path);
        assert_eq!(size, row.width.zip(row.height), "{}", row.path);
        assert_eq!(quirks, row.quirks, "{}", row.path);
        assert_eq!(defect, row.defect.as_deref(), "{}", row.path);
        assert_eq!(kind, row.kind.as_deref(), "{}", row.path);
    }
}

#[test]
fn every_quirk_has_a_fixture() {
    let shown: BTreeSet<_> = manifest::load()
        .files
        .into_iter()
        .flat_map(|row| row.quirks)
        .collect();
    for quirk in Quirk::ALL {
        assert!(shown.contains(quirk.name()), "{}", quirk.name());
    }
}
