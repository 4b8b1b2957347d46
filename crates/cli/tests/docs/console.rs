//! Runs every console block of the documents, in a folder that holds the gallery of the fixtures.
//!
//! `TRYCMD=overwrite cargo test -p preflight-emo-cli --test docs console` writes the current
//! output.

use std::fs;
use std::path::Path;

#[test]
fn console_blocks_are_true() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("gallery")).unwrap();
    for entry in fs::read_dir(crate_folder.join("../../fixtures/gallery")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(
            entry.path(),
            folder.path().join("gallery").join(entry.file_name()),
        )
        .unwrap();
    }
    let lists = [(
        "portraits.txt",
        "# what tonight's batch is made of\ngallery/anna.jpg\ngallery/hana.png\n",
    )];
    for (name, text) in lists {
        fs::write(folder.path().join(name), text).unwrap();
    }
    std::env::set_current_dir(folder.path()).unwrap();
    trycmd::TestCases::new()
        .case(crate_folder.join("docs/*.md"))
        .case(crate_folder.join("docs/recipes/*.md"))
        .case(crate_folder.join("docs/zh/*.md"))
        .env("PREFLIGHT_FORMAT", "human")
        .env("LC_ALL", "C")
        .run();
}
