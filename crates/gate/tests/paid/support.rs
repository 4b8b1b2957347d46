//! A stand-in, a detector that asks it, and images.

use std::path::PathBuf;
use std::time::Duration;

use gate::{
    Account, ApiKey, BaseUrl, Bytes, Client, Code, Detector, DetectorBuilder, Gate, ImageUrl,
    Outcome, Profile, Publication, Ratio, Report,
};
use standin::{Lent, Standin};

pub(crate) const KEY: &str = "sk-0123456789abcdef";

/// For what must come, however slow the machine is.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) fn gallery(name: &str) -> PathBuf {
    testkit::manifest::folder().join("gallery").join(name)
}

pub(crate) fn bytes(name: &str) -> Bytes {
    std::fs::read(gallery(name)).unwrap().into()
}

/// A PNG of these sides, which no other number draws.
pub(crate) fn portrait(number: u32) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let colour = image::Rgb([
        (number % 256) as u8,
        (number / 256 % 256) as u8,
        (number / 65_536) as u8,
    ]);
    image::RgbImage::from_pixel(500, 600, colour)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

pub(crate) fn gate() -> Gate {
    Gate::builder(Profile::emo()).build()
}

pub(crate) fn strict_gate() -> Gate {
    Gate::builder(Profile::emo()).strict(true).build()
}

/// A gate that may fetch from this machine.
pub(crate) fn local_gate() -> Gate {
    let policy = gate::AddressPolicy::public()
        .allow("127.0.0.0/8".parse().unwrap());
    let fetcher = gate::Fetcher::builder().policy(policy).build();
    Gate::builder(Profile::emo()).fetcher(fetcher).build()
}

pub(crate) fn client(standin: &Standin) -> Client {
    let base_url = BaseUrl::parse(&standin.base_url()).unwrap();
    Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(base_url)
        .unpaced()
        .build()
        .unwrap()
}

pub(crate) fn detector(standin: &Standin) -> DetectorBuilder {
    Detector::builder(client(standin))
}

pub(crate) async fn start() -> Standin {
    Standin::builder().start().await.unwrap()
}

pub(crate) fn at(lent: &Lent) -> Publication {
    Publication::Vouched(ImageUrl::parse(lent.url()).unwrap())
}

/// Asks about a file of the gallery, which the stand-in reads by itself.
pub(crate) async fn ask(detector: &Detector, standin: &Standin, name: &str) -> Report {
    let lent = standin.lend(gallery(name)).unwrap();
    gate()
        .admit_file(detector, gallery(name), Ratio::Square, async || at(&lent))
        .await
}

pub(crate) async fn ask_bytes(detector: &Detector, standin: &Standin, bytes: Bytes) -> Report {
    let lent = standin.lend_bytes("upload.png", bytes.clone()).unwrap();
    gate()
        .admit_bytes(detector, bytes, Ratio::Square, async || at(&lent))
        .await
}

#[track_caller]
pub(crate) fn only_code(report: &Report) -> Code {
    let mut errors = report.errors();
    let code = errors.next().unwrap_or_else(|| panic!("{report:?}")).code;
    assert!(errors.next().is_none(), "{report:?}");
    code
}

#[track_caller]
pub(crate) fn assert_pass(report: &Report) {
    assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
}

pub(crate) async fn account(detector: &Detector) -> Account {
    detector.account().await.unwrap()
}
