//! The real client and gate with a ledger, in this process or one of its own.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use gate::{
    ApiKey, BaseUrl, Bytes, Client, Detector, DetectorBuilder, Gate, ImageUrl, Ledger, Outcome,
    Profile, Publication, Ratio, Report,
};
use ledger::SqliteLedger;
use standin::{LocalUrl, Standin};

use super::{KEY, open};

const FOLDER: &str = "LEDGER_MONEY_FOLDER";
const BASE_URL: &str = "LEDGER_MONEY_BASE_URL";
const IMAGES: &str = "LEDGER_MONEY_IMAGES";

pub(crate) fn image(number: usize) -> Bytes {
    testkit::Png::new()
        .ihdr(testkit::Ihdr {
            bit_depth: 1,
            colour_type: 0,
            ..testkit::Ihdr::new(500, 600)
        })
        .chunk(*b"tEXt", format!("Number\0{number}").as_bytes())
        .idat_blank(500_usize.div_ceil(8), 600)
        .iend()
        .build()
        .into()
}

pub(crate) fn detector(base_url: &str, ledger: &SqliteLedger) -> Detector {
    builder(base_url, ledger).build()
}

pub(crate) fn builder(base_url: &str, ledger: &SqliteLedger) -> DetectorBuilder {
    let client = Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(BaseUrl::parse(base_url).unwrap())
        .pace(Arc::new(ledger.pace().unwrap()))
        .build()
        .unwrap();
    Detector::builder(client).ledger(Arc::new(ledger.clone()))
}

pub(crate) async fn ask(detector: &Detector, number: usize, url: &str) -> Report {
    let publication = Publication::Vouched(ImageUrl::parse(url).unwrap());
    Gate::builder(Profile::emo())
        .build()
        .admit_bytes(detector, image(number), Ratio::Square, async || publication)
        .await
}

pub(crate) fn lend(standin: &Standin, images: usize) -> Vec<LocalUrl> {
    (0..images)
        .map(|number| {
            standin
                .lend_bytes(&format!("{number}.png"), image(number))
                .unwrap()
        })
        .collect()
}

/// The other side of [`spawn`].
pub(crate) fn help() {
    let variable = |name| std::env::var(name).unwrap();
    let urls: Vec<_> = variable(IMAGES).lines().map(str::to_owned).collect();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let ledger = open(Path::new(&variable(FOLDER)));
        let detector = detector(&variable(BASE_URL), &ledger);
        let mut tasks = tokio::task::JoinSet::new();
        for (number, url) in urls.into_iter().enumerate() {
            let detector = detector.clone();
            tasks.spawn(async move { ask(&detector, number, &url).await });
        }
        for report in tasks.join_all().await {
            assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
        }
        let spent = ledger.spent().await.unwrap();
        println!(
            "\ntold charged={} maybe={} before={} over=0",
            spent.charged, spent.maybe_charged, spent.open_before
        );
        ledger.close().await.unwrap();
    });
}

/// Starts a process that asks about each image. The test binary must have a test `helper` that calls
/// [`help`].
pub(crate) fn spawn(folder: &Path, standin: &Standin, lent: &[LocalUrl]) -> Child {
    let urls: Vec<_> = lent.iter().map(LocalUrl::url).collect();
    Command::new(std::env::current_exe().unwrap())
        .args(["helper", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(BASE_URL, standin.base_url())
        .env(IMAGES, urls.join("\n"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
