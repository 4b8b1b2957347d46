//! The page in a real browser: headless Chromium, driven by `html_support/browser.py`.
#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses its share")]
mod html_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::image::codecs::png::{CompressionType, FilterType, PngEncoder};
use gate::{Code, FailureReason};
use html_support::{
    document, gallery_images, image, judged, png, refused_by_the_service, thumbnail,
};
use report::{Context, Format, Image, ImageName, ListLine};
use serde_json::json;

/// Images of the page that must open at once.
const MANY: usize = 10_000;

/// Texts that set `window.ran` if a browser runs any of them.
const HOSTILE: &str = "</script><script>ran=1</script><img src=x onerror=ran=2>\
    <svg onload=ran=3>\"'`&lt;\u{202e}gpj.<!--<script>";

/// The gallery as it looks after a paid run.
fn paid_gallery() -> Vec<Image> {
    let images = gallery_images().into_iter();
    images.map(asked_about).collect()
}

/// Possible answers of the service about an image that passed so far.
fn asked_about(image: Image) -> Image {
    let ImageName::Path(path) = &image.name else {
        return image;
    };
    let name = path.file_name().unwrap().to_str().unwrap();
    if image.report.outcome() != gate::Outcome::Pass {
        return image;
    }
    if name.starts_with("ivan") {
        let reason = FailureReason::FacePose;
        let (code, words) = (reason.code().unwrap(), reason.sentences()[0]);
        return refused_by_the_service(image, Code::of(reason).id(), code, words);
    }
    let facts = image.report.facts();
    let (width, height) = (facts.width.unwrap(), facts.height.unwrap());
    let side = width.min(height);
    let (x, y) = ((width - side) / 2, (height - side) / 2);
    let is_known = name.starts_with("bruno");
    let remote = json!({
        "check_pass": true, "humanoid": true, "cached": is_known,
        "attempts": u32::from(!is_known), "charge": if is_known { "no" } else { "yes" },
        "face_bbox": [x + side / 3, y + side / 4, x + 2 * side / 3, y + 3 * side / 5],
        "ext_bbox": [x + side / 10, y + side / 20, x + 9 * side / 10, y + 17 * side / 20],
    });
    let url = format!("https://cdn.example.com/{}", path.display());
    judged(image, &url, &remote, Some("ready"))
}

/// An image of 30 x 20 px as stored, with this orientation, and boxes that fit its stored px, or
/// only its turned ones.
fn turned(orientation: u8, is_boxed_as_turned: bool) -> Image {
    let ext = if is_boxed_as_turned {
        [2, 2, 18, 28]
    } else {
        [2, 2, 28, 18]
    };
    let remote = json!({"check_pass": true, "face_bbox": [5, 5, 12, 12], "ext_bbox": ext});
    let name = format!("turned-{orientation}-{is_boxed_as_turned}.png");
    let mut image = image(&name, &png(500, 500));
    image.thumbnail = thumbnail(&fs::read(html_support::gallery().join("anna.jpg")).unwrap());
    let mut image = judged(
        image,
        "https://cdn.example.com/t.png",
        &remote,
        Some("upload-again"),
    );
    let mut line = serde_json::to_value(&image.report).unwrap();
    for (key, value) in [
        ("width", 30),
        ("height", 20),
        ("orientation", orientation.into()),
    ] {
        line[key] = json!(value);
    }
    image.report = serde_json::from_value(line).unwrap();
    image
}

fn hostile() -> Vec<Image> {
    let small = image(HOSTILE, &png(399, 500));
    let mut url = small.clone();
    url.name = ImageName::Url(format!("https://cdn.example.com/{HOSTILE}"));
    url.listed = Some(ListLine {
        file: HOSTILE.into(),
        line: 1,
    });
    let said = refused_by_the_service(small.clone(), "PF401", HOSTILE, HOSTILE);
    let boxes = json!({
        "check_pass": true, "request_id": HOSTILE,
        "face_bbox": [-5.5, 1e6, 3, -2], "ext_bbox": [400, 400, 10, 10],
    });
    let made_up = judged(
        image(HOSTILE, &png(500, 500)),
        HOSTILE,
        &boxes,
        Some("made-up"),
    );
    let skipped = Image::new(ImageName::Stdin, gate::Report::skipped(HOSTILE));
    vec![small, url, said, made_up, skipped]
}

/// The gallery over and over, under other names.
fn many() -> Vec<Image> {
    let gallery = paid_gallery();
    let images = gallery.iter().cycle().take(MANY).enumerate();
    images
        .map(|(index, image)| {
            let mut image = image.clone();
            image.name = ImageName::Path(format!("set/{index:05}.jpg").into());
            image
        })
        .collect()
}

/// Two images for the README: a rejection of the service, and a pass.
fn readme() -> Vec<Image> {
    let shown = ["ivan.webp", "anna.jpg"];
    let is_shown = |image: &Image| matches!(&image.name, ImageName::Path(path) if shown.iter().any(|it| path.ends_with(it)));
    paid_gallery().into_iter().filter(is_shown).collect()
}

/// Writes a page and, beside it, the report in JSON Lines.
fn write(folder: &Path, name: &str, images: &[Image]) {
    let context = Context::new(gate::Profile::emo());
    for (format, extension) in [(Format::Html, "html"), (Format::Jsonl, "jsonl")] {
        let text = document(format, &context, images, &[], |_| ());
        fs::write(folder.join(format!("{name}.{extension}")), text).unwrap();
    }
}

/// Set `PREFLIGHT_SCREENSHOT` to a path to have the README's screenshot written there.
#[test]
#[ignore = "needs chromium"]
fn pages_show_what_the_json_says_and_nothing_else_happens() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("html");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    write(&folder, "gallery", &paid_gallery());
    write(&folder, "hostile", &hostile());
    let orientations = (1..=8).flat_map(|it| [turned(it, false), turned(it, true)]);
    write(&folder, "turned", &orientations.collect::<Vec<_>>());
    write(&folder, "many", &many());
    write(&folder, "none", &[]);
    write(&folder, "readme", &readme());

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/html_support/browser.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(&folder)
        .output()
        .unwrap();
    let (faults, log) = [output.stdout, output.stderr]
        .map(|it| String::from_utf8(it).unwrap())
        .into();
    assert!(output.status.success(), "{faults}\n{log}");
    println!("{log}");
    if let Some(path) = std::env::var_os("PREFLIGHT_SCREENSHOT") {
        // A browser writes PNG fast, not small; and nobody sees the last bits of a colour.
        let mut shot = ::image::open(folder.join("readme-whole.png"))
            .unwrap()
            .to_rgb8();
        shot.iter_mut()
            .for_each(|value| *value = *value & 0xF8 | *value >> 5);
        let file = std::io::BufWriter::new(fs::File::create(path).unwrap());
        let encoder =
            PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
        shot.write_with_encoder(encoder).unwrap();
    }
}
