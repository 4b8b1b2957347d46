//! The fixtures are what the generator makes, and the manifest says what is there.

use testkit::manifest::{self, Content};
use testkit::{Portrait, fixtures};

/// A newcomer's first command runs on the gallery, and every clone carries it.
const GALLERY_BYTES: usize = 2_000_000;

#[test]
fn the_generator_makes_what_is_there() {
    let folder = manifest::folder();
    for (name, bytes) in fixtures::render(&folder).files {
        assert!(
            std::fs::read(folder.join(&name)).unwrap() == bytes,
            "{name} differs: run `cargo run -p preflight-emo-testkit --bin fixtures`"
        );
    }
}

#[test]
fn every_file_has_its_row_and_every_row_its_file() {
    let manifest = manifest::load();
    let rows: Vec<_> = manifest.files.iter().map(|row| row.path.clone()).collect();
    assert_eq!(rows, manifest::present());
    assert!(rows.len() > 150, "only {} fixtures", rows.len());
}

/// A reader of the page sees each file, and each image of the gallery that a browser can show.
#[test]
fn the_page_names_every_file_and_its_links_lead_somewhere() {
    let folder = manifest::folder();
    let page = std::fs::read_to_string(folder.join("README.md")).unwrap();
    for row in manifest::load().files {
        assert!(page.contains(&format!("]({})", row.path)), "{}", row.path);
        let is_shown = row.path.starts_with("gallery/") && row.content == Content::Image;
        let image = format!("<img src=\"{}\"", row.path);
        assert_eq!(page.contains(&image), is_shown, "{}", row.path);
    }
    for link in page.split("](").skip(1) {
        let target = link.split(')').next().unwrap();
        assert!(folder.join(target).exists(), "{target}");
    }
}

#[test]
fn rows_agree_with_themselves() {
    for row in manifest::load().files {
        let path = &row.path;
        let [broken, image] = [
            row.content == Content::Broken,
            row.content == Content::Image,
        ];
        assert_eq!(row.defect.is_some(), broken, "{path}");
        assert_eq!(
            row.kind.is_some(),
            row.content == Content::NotAnImage,
            "{path}"
        );
        assert_eq!(row.width.is_some(), row.height.is_some(), "{path}");
        assert!(!image || row.width.is_some(), "{path}");
        assert!(row.quirks.is_sorted(), "{path}");
        let first = row.verdicts.first().expect("a verdict with the defaults");
        assert_eq!(
            (first.profile.as_str(), first.decode),
            ("emo", false),
            "{path}"
        );
        for verdict in &row.verdicts {
            assert!(
                verdict.codes.is_sorted_by(|a, b| a < b),
                "{path}: {:?}",
                verdict.codes
            );
        }
    }
}

/// Images that `image` 0.25 cannot decode.
const LACKING: [&str; 1] = ["headers/bmp-alpha-bit-fields.bmp"];

/// What the headers say is held against decoders in the crates under test; here, against the one
/// that the fixtures do not stem from.
#[test]
fn whole_pictures_have_the_size_that_their_rows_say() {
    let mut seen = 0;
    for row in manifest::load().files {
        let decodes = row.verdicts.iter().any(|v| v.decode && v.outcome == "pass");
        if !decodes || LACKING.contains(&row.path.as_str()) {
            continue;
        }
        let picture = image::load_from_memory(&row.read())
            .unwrap_or_else(|error| panic!("{}: {error}", row.path));
        assert_eq!(row.width, Some(picture.width()), "{}", row.path);
        assert_eq!(row.height, Some(picture.height()), "{}", row.path);
        seen += 1;
    }
    assert!(seen > 15, "only {seen} pictures decode");
}

#[test]
fn the_gallery_is_small_and_mixed() {
    let manifest = manifest::load();
    let gallery: Vec<_> = manifest
        .files
        .iter()
        .filter(|row| row.path.starts_with("gallery/"))
        .collect();
    let bytes: usize = gallery.iter().map(|row| row.read().len()).sum();
    assert!(bytes < GALLERY_BYTES, "the gallery takes {bytes} bytes");
    for (outcome, least) in [("pass", 12), ("reject", 8), ("unknown", 1)] {
        let found = gallery
            .iter()
            .filter(|row| row.verdicts[0].outcome == outcome)
            .count();
        assert!(found >= least, "{found} files that are {outcome}");
    }
}

/// Every code of the free stages that a file's bytes and name alone bring out.
#[test]
fn every_code_has_a_fixture() {
    let manifest = manifest::load();
    for code in [
        "PF003", "PF004", "PF101", "PF102", "PF103", "PF104", "PF106", "PF201", "PF202", "PF203",
        "PF204", "PF205", "PF206", "PF301", "PF302", "PF303", "PF304",
    ] {
        let verdicts = manifest.files.iter().flat_map(|row| &row.verdicts);
        assert!(
            verdicts
                .into_iter()
                .any(|verdict| verdict.codes.iter().any(|known| known == code)),
            "{code} has no fixture"
        );
    }
}

#[test]
fn everyone_who_can_be_drawn_has_one_name() {
    let mut names: Vec<_> = Portrait::ALL.iter().map(|(name, _)| *name).collect();
    names.dedup();
    assert_eq!(names.len(), Portrait::ALL.len());
    assert!(Portrait::by_name("nobody").is_none());
}
