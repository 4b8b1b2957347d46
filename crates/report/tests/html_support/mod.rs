//! Pages for tests, of images that the real gate has screened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gate::{Code, Gate, Outcome, Profile, Report, Source};
use report::{Context, Format, Image, ImageName, Repeated, Summary, Thumbnail, Totals};
use serde_json::{Value, json};

/// The fixtures that the README shows.
pub fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gallery")
}

/// Every image of the gallery, screened and decoded, with its thumbnail.
pub fn gallery_images() -> Vec<Image> {
    let entries = std::fs::read_dir(gallery()).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| file(path)).collect()
}

/// A file, named as from the folder of the fixtures.
pub fn file(path: &Path) -> Image {
    let bytes = std::fs::read(path).unwrap();
    let name = Path::new("gallery").join(path.file_name().unwrap());
    let source = Source::bytes(bytes.clone()).named(&name);
    let report = gate().screen(source).into_report();
    let mut image = Image::new(ImageName::Path(name), report).with_repairs(&Profile::emo());
    image.thumbnail = thumbnail(&bytes);
    image
}

fn gate() -> Gate {
    Gate::builder(Profile::emo()).decode(512_000_000).build()
}

pub fn thumbnail(bytes: &[u8]) -> Option<Thumbnail> {
    match preflight::probe_bytes(bytes).content {
        preflight::Content::Image(header) => Thumbnail::of(bytes, header.format, 512_000_000),
        _ => None,
    }
}

/// A PNG of one colour.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    testkit::Png::new()
        .ihdr(testkit::Ihdr::new(width, height))
        .build()
}

/// An image in memory.
pub fn image(name: &str, bytes: &[u8]) -> Image {
    let report = Gate::builder(Profile::emo())
        .build()
        .screen_bytes(bytes.to_vec())
        .into_report();
    Image::new(ImageName::Path(name.into()), report)
}

/// The image, as if the service had judged it.
pub fn judged(mut image: Image, url: &str, remote: &Value, kind: Option<&str>) -> Image {
    let mut line = serde_json::to_value(&image.report).unwrap();
    line["stage"] = json!("remote");
    line["remote"] = json!({
        "service": "emo", "model": "emo-detect-v1", "ratio": "1:1", "charge": "yes",
        "cached": false, "attempts": 1, "http_status": 200,
        "request_id": "6f7c1a0e-5b52-9a1c-8a53-2f0d9c1b7e44",
    });
    for (key, value) in remote.as_object().unwrap() {
        line["remote"][key] = value.clone();
    }
    if let Some(kind) = kind {
        line["handoff"] = json!({
            "kind": kind,
            "input": {
                "image_url": url,
                "face_bbox": line["remote"]["face_bbox"],
                "ext_bbox": line["remote"]["ext_bbox"],
            },
            "headers": {}, "ratio": "1:1", "model": "emo-detect-v1",
        });
    }
    image.report = serde_json::from_value(line).unwrap();
    image
}

/// The image, rejected by the service.
pub fn refused_by_the_service(image: Image, code: &str, api_code: &str, words: &str) -> Image {
    let remote = json!({
        "check_pass": false, "api_code": api_code, "api_message": words, "humanoid": true,
    });
    let mut image = judged(image, "", &remote, None);
    let mut line = serde_json::to_value(&image.report).unwrap();
    line["outcome"] = json!("reject");
    line["findings"] = json!([{
        "code": code, "name": "", "severity": "error", "message": words,
        "help": code.parse::<Code>().unwrap().entry().remedy,
    }]);
    image.report = serde_json::from_value::<Report>(line).unwrap();
    image
}

/// The whole report in a format, on these images, and inputs that repeat them.
pub fn document(
    format: Format,
    context: &Context,
    images: &[Image],
    repeated: &[Repeated],
    change: impl FnOnce(&mut Summary),
) -> String {
    let mut out = Vec::new();
    let mut render = format.renderer(context);
    let has_remote = images.iter().any(|image| image.report.remote().is_some());
    let mut totals = Totals::new(has_remote.then(|| report::RemoteTotals::new(Some(100))));
    render.begin(&mut out).unwrap();
    for image in images {
        totals.add(&image.report);
        render.image(&mut out, image).unwrap();
    }
    for repeated in repeated {
        totals.add_repeat();
        render.repeated(&mut out, repeated).unwrap();
    }
    let mut summary = Summary::new(totals, Duration::from_millis(210));
    summary.exit_code = u8::from(summary.totals.of(Outcome::Reject) > 0);
    change(&mut summary);
    render.finish(&mut out, &summary).unwrap();
    String::from_utf8(out).unwrap()
}

/// The page of these images.
pub fn page(images: &[Image]) -> String {
    page_of(&Context::new(Profile::emo()), images)
}

pub fn page_of(context: &Context, images: &[Image]) -> String {
    document(Format::Html, context, images, &[], |_| ())
}
