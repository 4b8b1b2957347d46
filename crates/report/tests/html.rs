//! The bytes of the page: its data, its policy, its budgets, and hostile texts in it.
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

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::{Outcome, Profile, Stage};
use html_support::{
    document, gallery, gallery_images, image, judged, page, page_of, png, refused_by_the_service,
    thumbnail,
};
use preflight::Format as ImageFormat;
use report::{
    Context, Format, Image, ImageName, ListLine, Repeated, SameAs, Thumbnail, ThumbnailBudget,
};
use serde_json::{Value, json};

/// A name that breaks out of anything that does not escape it.
const HOSTILE: &str = "</script><script>alert(1)</script><!--<script>\"'`&amp;<img src=x onerror=alert(2)>\u{202e}.png";

/// The text of an element of the page.
fn text_of<'a>(page: &'a str, start: &str) -> &'a str {
    let (_, rest) = page.split_once(start).unwrap();
    rest.split_once("</script>").unwrap().0
}

fn data(page: &str) -> Value {
    serde_json::from_str(text_of(page, "id=\"data\">")).unwrap()
}

fn thumbnails(page: &str) -> Value {
    serde_json::from_str(text_of(page, "id=\"thumbnails\">")).unwrap()
}

/// The images of the page in its order: rejected, unknown, passed, skipped.
fn entries(data: &Value) -> Vec<&Value> {
    let outcomes = ["reject", "unknown", "pass", "skip"];
    let groups = outcomes.map(|outcome| data["images"][outcome].as_array().unwrap());
    groups.into_iter().flatten().collect()
}

fn json_lines(images: &[Image], repeated: &[Repeated]) -> Vec<Value> {
    let context = Context::new(Profile::emo());
    let lines = document(Format::Jsonl, &context, images, repeated, |_| ());
    let lines = lines.lines().map(serde_json::from_str);
    lines.map(Result::unwrap).collect()
}

fn with_thumbnail(name: &str, width: u32) -> Image {
    let bytes = whole_png(width);
    let mut image = image(name, &bytes);
    image.thumbnail = thumbnail(&bytes);
    assert!(image.thumbnail.is_some());
    image
}

/// A whole PNG that decodes.
fn whole_png(width: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_fn(width, 500, |x, y| image::Rgb([x as u8, y as u8, 90]));
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn the_data_are_the_json_lines_rejected_first() {
    let mut images = gallery_images();
    images.push(refused_by_the_service(
        image("z.png", &png(500, 500)),
        "PF401",
        "InvalidFile.FacePose",
        "The pose is <b>unusual</b>.",
    ));
    let mut listed = image("", &png(300, 500));
    listed.name = ImageName::Url("https://cdn.example.com/a.png?w=400".into());
    listed.listed = Some(ListLine {
        file: "urls.txt".into(),
        line: 12,
    });
    images.push(listed);
    let again = ImageName::Path("gallery/anna.jpg".into());
    let repeated = [Repeated::new(
        again,
        SameAs::Line(2),
        Outcome::Pass,
        Stage::Limits,
    )];

    let context = Context::new(Profile::emo());
    let page = document(Format::Html, &context, &images, &repeated, |_| ());
    let data = data(&page);
    let mut lines = json_lines(&images, &repeated);
    let summary = lines.pop().unwrap();
    let again = lines.pop().unwrap();

    let order = |line: &Value| {
        let outcomes = ["reject", "unknown", "pass", "skip"];
        outcomes
            .iter()
            .position(|it| line["outcome"] == *it)
            .unwrap()
    };
    lines.sort_by_key(order);
    let shown: Vec<_> = entries(&data).iter().map(|entry| &entry["line"]).collect();
    assert_eq!(shown, lines.iter().collect::<Vec<_>>());
    assert_eq!(
        data["repeated"],
        json!([{"name": "gallery/anna.jpg", "line": again}, null])
    );
    assert_eq!(data["summary"], summary);
    assert_eq!(order(shown[0]), 0, "a rejected image comes first");
}

#[test]
fn one_script_runs_and_the_policy_bears_its_hash() {
    let page = page(&gallery_images());
    let script = text_of(&page, "<script>");
    let hash = STANDARD.encode(gate::Sha256::of(script.as_bytes()).as_bytes());
    let policy = format!(
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
         script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\""
    );
    assert!(page.contains(&policy));
    assert!(page.find(&policy).unwrap() < page.find("<style>").unwrap());
    assert!(
        !script.contains('\r'),
        "a browser hashes lines that end in LF"
    );
    assert!(!page.contains("{{"), "everything is filled in");
    for loaded in ["src=\"", "url(", "@import", "<link", "http-equiv=\"refresh"] {
        assert!(!page.contains(loaded), "{loaded}");
    }
}

#[test]
fn names_and_words_of_strangers_are_inert() {
    let mut images = vec![
        image(HOSTILE, &png(399, 500)),
        image(HOSTILE, b"<script>alert(3)"),
    ];
    let api_code = "</script><script>alert(4)";
    images.push(refused_by_the_service(
        images[0].clone(),
        "PF401",
        api_code,
        HOSTILE,
    ));
    let mut url = images[0].clone();
    url.name = ImageName::Url(format!("https://cdn.example.com/{HOSTILE}"));
    url.listed = Some(ListLine {
        file: HOSTILE.into(),
        line: 1,
    });
    images.push(url);
    images.push(Image::new(ImageName::Stdin, gate::Report::skipped(HOSTILE)));
    let mut context = Context::new(Profile::emo());
    context.budget_flag = Some("--budget");
    let repeated = [Repeated::new(
        ImageName::Path(HOSTILE.into()),
        SameAs::Name(ImageName::Path(HOSTILE.into())),
        Outcome::Reject,
        Stage::Limits,
    )];
    let page = document(Format::Html, &context, &images, &repeated, |_| ());

    let tame = html_support::page(&[image("a.png", &png(500, 500))]);
    for tag in ["<script", "</script", "<!--", "<img", "onerror="] {
        let written = |page: &str| page.matches(tag).count();
        let allowed = if tag == "onerror=" {
            written(&page)
        } else {
            written(&tame)
        };
        assert_eq!(written(&page), allowed, "{tag}");
    }
    let data = data(&page);
    assert_eq!(data["images"]["reject"][0]["line"]["path"], HOSTILE);
    let name = data["images"]["reject"][0]["name"].as_str().unwrap();
    assert!(!name.contains('\u{202e}'), "{name}");
}

/// A page is passed around, so it must not contain the signature of a URL.
#[test]
fn no_signature_of_a_url_is_in_the_page() {
    let url = "https://b.oss-cn-beijing.aliyuncs.com/a.png?Expires=1&OSSAccessKeyId=k&Signature=s3cr3t%2F";
    let words = format!("Download the media resource timed out: {url}");
    let mut images = vec![
        refused_by_the_service(
            image("a.png", &png(500, 500)),
            "PF506",
            "InvalidURL",
            &words,
        ),
        judged(
            image("b.png", &png(500, 500)),
            url,
            &json!({"check_pass": true, "face_bbox": [10.50, 20, 110, 120], "ext_bbox": [0, 0, 400, 400]}),
            Some("ready"),
        ),
        judged(
            image("c.png", &png(500, 500)),
            "https://cdn.example.com/c.png",
            &json!({"check_pass": true, "face_bbox": [10.50, 20, 110, 120], "ext_bbox": [0, 0, 400, 400]}),
            Some("ready"),
        ),
    ];
    images[0].name = ImageName::Url(url.into());
    images[1].public_url = Some(url.into());
    let page = page(&images);
    assert!(!page.contains("s3cr3t"));
    assert!(!page.contains("OSSAccessKeyId"));

    let data = data(&page);
    let cut = "https://b.oss-cn-beijing.aliyuncs.com/a.png?…";
    assert_eq!(data["images"]["reject"][0]["line"]["url"], cut);
    let passed = &data["images"]["pass"];
    assert_eq!(passed[0]["line"]["handoff"]["input"]["image_url"], cut);
    assert_eq!(passed[0]["is_cut"], true);
    assert!(passed[1]["is_cut"].is_null());
    let copied = passed[1]["video_input"].as_str().unwrap();
    assert!(copied.contains("https://cdn.example.com/c.png"));
    assert!(copied.contains("10.5"), "{copied}");
}

#[test]
fn the_budget_of_thumbnails_holds_and_rejected_images_come_first() {
    let mut images: Vec<_> = (0..4)
        .map(|n| with_thumbnail(&format!("pass-{n}.png"), 500))
        .collect();
    images.extend((0..3).map(|n| with_thumbnail(&format!("small-{n}.png"), 399)));
    let page_within = |count, bytes| {
        let mut context = Context::new(Profile::emo());
        context.thumbnails = ThumbnailBudget::new(count, bytes);
        let page = page_of(&context, &images);
        let room = [Outcome::Reject, Outcome::Pass].map(|it| context.thumbnails.has_room(it));
        (page, room)
    };
    let counts = |page: &str| {
        ["reject", "pass"].map(|outcome| thumbnails(page)[outcome].as_array().unwrap().len())
    };

    let (all, room) = page_within(100, 1_000_000);
    assert_eq!((counts(&all), room), ([3, 4], [true, true]));
    assert!(all.contains("7 previews of 7 images; a page holds at most 100 in 1 MB"));

    let (five, room) = page_within(5, 1_000_000);
    assert_eq!((counts(&five), room), ([3, 2], [true, true]));
    let (two, room) = page_within(2, 1_000_000);
    assert_eq!((counts(&two), room), ([2, 0], [false, false]));
    assert_eq!(entries(&data(&two)).len(), 7, "no image is left out");
    let (none, _) = page_within(0, 1_000_000);
    assert_eq!(counts(&none), [0, 0]);

    for bytes in [0, 1_000, 3_000, 8_000, 20_000] {
        let (page, _) = page_within(100, bytes);
        let written = text_of(&page, "id=\"thumbnails\">").len() - thumbnails_of_none();
        assert!(written <= bytes, "{written} of {bytes}");
    }
}

/// Bytes of the element when there is no thumbnail.
fn thumbnails_of_none() -> usize {
    text_of(&page(&[]), "id=\"thumbnails\">").len()
}

#[test]
fn a_page_of_an_interrupted_run_is_whole_and_says_so() {
    let images = [image("a.png", &png(399, 500))];
    let context = Context::new(Profile::emo());
    let page = document(Format::Html, &context, &images, &[], |summary| {
        summary.interrupted = true;
    });
    assert!(page.contains("The run was interrupted"));
    assert!(page.trim_end().ends_with("</html>"));
    assert_eq!(data(&page)["summary"]["interrupted"], true);
}

#[test]
fn the_totals_say_what_was_saved_and_what_was_spent() {
    let images = [
        image("a.png", &png(399, 500)),
        judged(
            image("b.png", &png(500, 500)),
            "https://cdn.example.com/b.png",
            &json!({"check_pass": true, "face_bbox": [10, 20, 110, 120], "ext_bbox": [0, 0, 400, 400]}),
            Some("ready"),
        ),
    ];
    let page = page(&images);
    assert!(page.contains("the free stages rejected 1 image: CNY 0.004 not spent"));
    assert!(page.contains("1 asked, 1 charged (CNY 0.004)"));
    assert!(page.contains("<h1>1 of 2 images rejected</h1>"));
}

#[test]
fn a_page_of_26_images_is_below_400_kb() {
    let images = gallery_images();
    assert_eq!(images.len(), 26);
    let page = page(&images);
    assert!(page.len() < 400_000, "{}", page.len());
    // Whatever the images show.
    let most = 26 * (Thumbnail::MAX_BYTES.div_ceil(3) * 4 + 5);
    let fixed = page.len() - text_of(&page, "id=\"thumbnails\">").len();
    assert!(fixed + most < 400_000, "{fixed} + {most}");
}

#[test]
fn every_format_has_thumbnails_within_their_bounds() {
    let without = [
        "bit-rot.png",
        "empty.jpg",
        "half.webp",
        "login-page.png",
        "not-fetched.webp",
        "scrambled.png",
        "sticker.png",
        "upload-stopped.jpg",
    ];
    for image in gallery_images() {
        let ImageName::Path(path) = &image.name else {
            panic!("the gallery has paths");
        };
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(image.thumbnail.is_none(), without.contains(&name), "{name}");
        if let Some(thumbnail) = &image.thumbnail {
            let small = image::load_from_memory(thumbnail.jpeg()).unwrap();
            assert!(small.width().max(small.height()) <= Thumbnail::MAX_SIDE);
            assert!(thumbnail.jpeg().len() <= Thumbnail::MAX_BYTES);
        }
    }
}

#[test]
fn noise_is_shrunk_until_it_fits_and_a_bound_on_memory_holds() {
    let mut state = 1_u32;
    let noise = image::RgbImage::from_fn(1_200, 900, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [a, b, c, _] = state.to_le_bytes();
        image::Rgb([a, b, c])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    noise.write_to(&mut bytes, image::ImageFormat::Bmp).unwrap();
    let bytes = bytes.into_inner();
    let thumbnail = Thumbnail::of(&bytes, ImageFormat::Bmp, 10_000_000).unwrap();
    assert!(thumbnail.jpeg().len() <= Thumbnail::MAX_BYTES);
    assert_eq!(Thumbnail::of(&bytes, ImageFormat::Bmp, 3_000_000), None);
}

#[test]
fn bytes_of_strangers_make_no_thumbnail_or_one_and_no_panic() {
    let formats = ["anna.jpg", "anna-icc.webp", "goran.png", "bruno.bmp"];
    for name in formats {
        let whole = std::fs::read(gallery().join(Path::new(name))).unwrap();
        let preflight::Content::Image(header) = preflight::probe_bytes(&whole).content else {
            panic!("{name} is an image");
        };
        for part in 0..20 {
            let mut bytes = whole.clone();
            bytes.truncate(whole.len() * part / 20);
            let _ = Thumbnail::of(&bytes, header.format, 100_000_000);
            bytes.clone_from(&whole);
            for at in (part + 40..bytes.len()).step_by(97) {
                bytes[at] ^= 0x55;
            }
            let _ = Thumbnail::of(&bytes, header.format, 100_000_000);
        }
    }
}
