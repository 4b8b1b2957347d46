//! What the tests of sinks report.

use std::time::Duration;

use gate::Gate;
use preflight::Profile;
use report::{Context, Format, Image, ImageName, Summary, Totals};

pub(crate) fn context() -> Context {
    Context::new(Profile::emo())
}

/// A PNG of so many px, less its pixels.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    testkit::Png::new()
        .ihdr(testkit::Ihdr::new(width, height))
        .build()
}

/// An image that is too small.
pub(crate) fn rejected(name: &str) -> Image {
    let gate = Gate::builder(Profile::emo()).build();
    let report = gate.screen_bytes(png(399, 500)).into_report();
    Image::new(ImageName::Path(name.into()), report)
}

pub(crate) fn summary(images: &[Image]) -> Summary {
    let mut totals = Totals::new(None);
    for image in images {
        totals.add(&image.report);
    }
    Summary::new(totals, Duration::ZERO)
}

/// The whole report on some images.
pub(crate) fn report(format: Format, images: &[Image]) -> String {
    let mut out = Vec::new();
    let mut render = format.renderer(&context());
    render.begin(&mut out).unwrap();
    for image in images {
        render.image(&mut out, image).unwrap();
    }
    render.finish(&mut out, &summary(images)).unwrap();
    String::from_utf8(out).unwrap()
}
