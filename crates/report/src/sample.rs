//! Images for the tests of reports, checked by the real gate.

use std::time::Duration;

use gate::{Gate, Outcome};
use preflight::Profile;

use crate::format::Format;
use crate::image::{Image, ImageName, ListLine};
use crate::render::Context;
use crate::totals::{Summary, Totals};

/// A name that breaks out of whatever does not quote it.
pub(crate) const HOSTILE: &str =
    "a|b`c]]><i>&amp;\"'%0A,x:y=@z\n::error::\u{1b}[31m\u{fffe}\u{202e}*_#.png";

pub(crate) fn context() -> Context {
    Context::new(Profile::emo())
}

/// A PNG of this size in px, without its pixel data.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    testkit::Png::new()
        .ihdr(testkit::Ihdr::new(width, height))
        .build()
}

pub(crate) fn file(name: &str, bytes: &[u8]) -> Image {
    let gate = Gate::builder(Profile::emo()).build();
    let report = gate.screen_bytes(bytes.to_vec()).into_report();
    Image::new(ImageName::Path(name.into()), report).with_repairs(&Profile::emo())
}

pub(crate) fn passed(name: &str) -> Image {
    file(name, &png(500, 500))
}

pub(crate) fn rejected(name: &str) -> Image {
    file(name, &png(399, 500))
}

pub(crate) fn unknown(name: &str) -> Image {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\
        4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    file(name, pointer.as_bytes())
}

pub(crate) fn skipped(name: &str, reason: &str) -> Image {
    Image {
        report: gate::Report::skipped(reason),
        ..passed(name)
    }
}

/// An image at a URL, named by line 12 of a list.
pub(crate) fn listed(url: &str, image: Image) -> Image {
    Image {
        name: ImageName::Url(url.to_owned()),
        listed: Some(ListLine {
            file: "urls.txt".into(),
            line: 12,
        }),
        ..image
    }
}

/// An image at a URL of the command line.
pub(crate) fn unlisted(url: &str, image: Image) -> Image {
    Image {
        listed: None,
        ..listed(url, image)
    }
}

/// The whole report on some images.
pub(crate) fn report(format: Format, images: &[Image]) -> String {
    report_of_run(format, images, false)
}

pub(crate) fn report_of_run(format: Format, images: &[Image], interrupted: bool) -> String {
    let mut out = Vec::new();
    let mut render = format.renderer(&context());
    render.begin(&mut out).unwrap();
    for image in images {
        render.image(&mut out, image).unwrap();
    }
    render
        .finish(&mut out, &summary(images, interrupted))
        .unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn summary(images: &[Image], interrupted: bool) -> Summary {
    let mut totals = Totals::new(None);
    for image in images {
        totals.add(&image.report);
    }
    Summary {
        exit_code: u8::from(totals.of(Outcome::Reject) > 0),
        interrupted,
        ..Summary::new(totals, Duration::ZERO)
    }
}
