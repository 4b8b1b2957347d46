//! Images for the tests of reports, screened by the real gate.

use std::time::Duration;

use gate::Gate;
use preflight::Profile;

use crate::exit::Exit;
use crate::output::{
    Context, ImageLine, LeftOut, Origin, ReportFormat, Root, Subject, Summary, Tally, Verbosity,
    renderer,
};

/// A name that breaks out of whatever does not quote it.
pub(crate) const HOSTILE: &str =
    "a|b`c]]><i>&amp;\"'%0A,x:y=@z\n::error::\u{1b}[31m\u{fffe}\u{202e}*_#.png";

pub(crate) fn context() -> Context {
    Context {
        profile: Profile::emo(),
        root: Root::none(),
        service: None,
        verbosity: Verbosity::Normal,
        color: false,
    }
}

/// A PNG of so many px, less its pixels.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    testkit::Png::new()
        .ihdr(testkit::Ihdr::new(width, height))
        .build()
}

pub(crate) fn file(name: &str, bytes: &[u8]) -> ImageLine {
    ImageLine {
        subject: Subject::Path(name.into()),
        place: None,
        origin: None,
        public_url: None,
        report: Gate::builder(Profile::emo()).build().screen_bytes(bytes),
    }
}

pub(crate) fn passed(name: &str) -> ImageLine {
    file(name, &png(500, 500))
}

pub(crate) fn rejected(name: &str) -> ImageLine {
    file(name, &png(399, 500))
}

pub(crate) fn unknown(name: &str) -> ImageLine {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\
        4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    file(name, pointer.as_bytes())
}

pub(crate) fn skipped(name: &str, reason: &str) -> ImageLine {
    ImageLine {
        report: gate::Report::skipped(reason),
        ..passed(name)
    }
}

/// An image at a URL, named by line 12 of a list.
pub(crate) fn listed(url: &str, image: ImageLine) -> ImageLine {
    ImageLine {
        subject: Subject::Url(url.to_owned()),
        origin: Some(Origin {
            file: "urls.txt".into(),
            line: 12,
        }),
        ..image
    }
}

/// An image at a URL of the command line.
pub(crate) fn unlisted(url: &str, image: ImageLine) -> ImageLine {
    ImageLine {
        origin: None,
        ..listed(url, image)
    }
}

/// The whole report on some images.
pub(crate) fn report(format: ReportFormat, images: &[ImageLine]) -> String {
    report_of_run(format, images, false)
}

pub(crate) fn report_of_run(
    format: ReportFormat,
    images: &[ImageLine],
    interrupted: bool,
) -> String {
    let mut out = Vec::new();
    let mut render = renderer(format, &context());
    render.begin(&mut out).unwrap();
    for image in images {
        render.image(&mut out, image).unwrap();
    }
    render
        .finish(&mut out, &summary(images, interrupted))
        .unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn summary(images: &[ImageLine], interrupted: bool) -> Summary {
    let mut tally = Tally::new(false);
    for image in images {
        tally.add(&image.report);
    }
    Summary {
        exit: Exit::of(&tally, interrupted, false),
        tally,
        left_out: LeftOut::default(),
        elapsed: Duration::ZERO,
        interrupted,
    }
}
