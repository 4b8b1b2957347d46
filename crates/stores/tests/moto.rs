//! What a store of somebody else's thinks of our signatures: moto, behind a check of them by botocore.
//!
//! Needs Python with `moto[server]`; `PREFLIGHT_PYTHON` names one (`.ci/run` makes it), else it is
//! `python3`.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use preflight::Content;
use preflight::http::{AddressPolicy, Fetcher, StoreCause};
use stores::{Account, ListError, Location, Prefix, Store, Stores};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The store's process, which ends with its input.
struct Moto {
    process: Child,
    endpoint: String,
}

impl Moto {
    fn start() -> Self {
        let python = std::env::var_os("PREFLIGHT_PYTHON").unwrap_or_else(|| "python3".into());
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(python)
            .arg(here.join("tests/store_in_moto.py"))
            .arg(here.join("../../fixtures/gallery"))
            .arg("1100")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a Python");
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).unwrap();
        let port: u16 = line.trim().parse().expect("moto[server] is installed");
        let endpoint = format!("http://127.0.0.1:{port}");
        Self { process, endpoint }
    }

    fn account(&self, key: &str, secret: &str, region: &str) -> Account {
        let stores = Stores::from_vars(|name| match name {
            "AWS_ACCESS_KEY_ID" => Some(key.into()),
            "AWS_SECRET_ACCESS_KEY" => Some(secret.into()),
            "AWS_REGION" => Some(region.into()),
            "AWS_ENDPOINT_URL" => Some(self.endpoint.clone().into()),
            _ => None,
        });
        stores.account(Store::S3).unwrap().unwrap().clone()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn fetcher(account: &Account) -> Fetcher {
    let at = account.endpoint();
    let policy = AddressPolicy::public().allow_host(at.host(), at.port());
    Fetcher::builder().policy(policy).build().unwrap()
}

fn prefix(address: &str) -> Prefix {
    match address.parse() {
        Ok(Location::Prefix(prefix)) => prefix,
        other => panic!("{address}: {other:?}"),
    }
}

async fn fault(account: &Account, address: &str) -> ListError {
    let mut listing = account.list(prefix(address), fetcher(account));
    listing.next_page().await.expect_err("the store refuses")
}

#[tokio::test]
#[ignore = "needs Python with moto; .ci/run runs it"]
async fn moto_gives_pages_and_objects_and_refuses_what_is_signed_wrong() {
    let moto = Moto::start();
    let account = moto.account("AKIAIOSFODNN7EXAMPLE", SECRET, "eu-west-1");
    let fetcher = fetcher(&account);

    let mut listing = account
        .list(prefix("s3://portraits/many/"), fetcher.clone())
        .page_size(100);
    let (mut pages, mut keys) = (0, Vec::new());
    while let Some(page) = listing.next_page().await.unwrap() {
        pages += 1;
        keys.extend(page.iter().map(|object| object.key().to_owned()));
    }
    let expected: Vec<_> = (0..1100)
        .map(|number| format!("many/{number:04}.png"))
        .collect();
    assert_eq!((pages, keys), (11, expected));

    let mut odd = account.list(prefix("s3://portraits/odd/"), fetcher.clone());
    let odd = odd.next_page().await.unwrap().unwrap();
    assert_eq!(odd.len(), 7, "eight keys, and one of them is a folder");
    for object in odd {
        let url = fetcher
            .parse(account.sign(&object).unwrap().as_str())
            .unwrap();
        let seen = fetcher.probe(&url).await;
        match seen.outcome {
            Ok(seen) => assert!(matches!(seen.content, Content::Image(_)), "{object}"),
            Err(error) => panic!("{object}: {error}"),
        }
        assert_eq!(
            seen.facts.status,
            Some(206),
            "{object}: a range was asked for"
        );
        assert!(seen.facts.validators.strong_etag().is_some());
    }

    let wrong = moto.account("AKIAIOSFODNN7EXAMPLE", "wrong", "eu-west-1");
    assert_eq!(
        fault(&wrong, "s3://portraits/").await.cause(),
        Some(StoreCause::BadSignature)
    );
    let unknown = moto.account("AKIAUNKNOWN", SECRET, "eu-west-1");
    assert_eq!(
        fault(&unknown, "s3://portraits/").await.cause(),
        Some(StoreCause::UnknownKey)
    );
    let elsewhere = moto.account("AKIAIOSFODNN7EXAMPLE", SECRET, "us-east-1");
    let error = fault(&elsewhere, "s3://portraits/").await;
    assert_eq!(
        error.help(Store::S3).unwrap(),
        "set AWS_REGION to eu-west-1"
    );
    let missing = fault(&account, "s3://nobodys-bucket/").await;
    assert_eq!(missing.cause(), Some(StoreCause::NoSuchBucket));
}
