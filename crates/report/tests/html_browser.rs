//! The page in a real browser.

mod html_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use html_support::{
    document, gallery_images, image, judged, page, png, refused_by_the_service, thumbnail,
};
use report::{Context, Format, Image, ImageName};
use serde_json::json;

/// The gallery as it looks after a paid run.
fn paid_gallery() -> Vec<Image> {
    let mut images = gallery_images();
    for image in &mut images {
        if image.report.outcome() != gate::Outcome::Pass {
            continue;
        }
        let ImageName::Path(path) = &image.name else {
            continue;
        };
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let facts = image.report.facts();
        let (width, height) = (facts.width.unwrap(), facts.height.unwrap());
        let url = format!("https://cdn.example.com/{}", path.display());
        *image = if name.starts_with("sticker") {
            let words = "The image has no human face or there are multiple faces.";
            refused_by_the_service(image.clone(), "PF401", "InvalidFile.FacePose", words)
        } else {
            let side = width.min(height);
            let (x, y) = ((width - side) / 2, (height - side) / 2);
            let boxes = json!({
                "check_pass": true, "humanoid": true, "cached": name.starts_with("bruno"),
                "attempts": u32::from(!name.starts_with("bruno")),
                "charge": if name.starts_with("bruno") { "no" } else { "yes" },
                "face_bbox": [x + side / 3, y + side / 4, x + 2 * side / 3, y + 3 * side / 5],
                "ext_bbox": [x + side / 10, y + side / 20, x + 9 * side / 10, y + 17 * side / 20],
            });
            judged(image.clone(), &url, boxes, Some("ready"))
        };
    }
    images
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("html");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a page and, beside it, the report in JSON Lines.
fn write(name: &str, images: &[Image]) {
    let context = Context::new(gate::Profile::emo());
    for (format, extension) in [(Format::Html, "html"), (Format::Jsonl, "jsonl")] {
        let text = document(format, &context, images, &[], |_| ());
        fs::write(folder().join(format!("{name}.{extension}")), text).unwrap();
    }
}

#[test]
fn pages_are_written() {
    write("gallery", &paid_gallery());
}
