//! A machine that lacks something says so, and does not blame the server. Each test runs itself again
//! in a process that lacks it.
#![cfg(unix)]

use std::process::{Command, Output};

use preflight::http::{AddressPolicy, FetchErrorKind, Fetcher, Shortage};
use testkit::server::{Ranges, Server};
use tokio::task::JoinSet;

use crate::support::{look, png};

/// Set in the process that lacks something; where its server is.
const INNER: &str = "PREFLIGHT_TEST_SHORTAGE_INNER";

fn loopback() -> AddressPolicy {
    AddressPolicy::public().allow("127.0.0.0/8".parse().unwrap())
}

/// Runs one test again, with a server outside of it.
async fn again(name: &'static str, mut command: Command) -> Server {
    let server = Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await });
    let address = server.listen("127.0.0.1:0").await.unwrap();
    command.args(["--exact", name, "--nocapture"]);
    command.env(INNER, address.to_string());
    let ran = tokio::task::spawn_blocking(move || command.output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = ran.unwrap().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    assert!(status.success() && out.contains("1 passed"), "{out}\n{err}");
    server
}

/// Found with `ulimit -n 64 -j 200`: 249 of 300 were "the server takes no connection: too many open
/// files".
#[tokio::test]
async fn sixty_four_files_are_enough_for_three_hundred_urls() {
    if let Ok(address) = std::env::var(INNER) {
        let builder = Fetcher::builder().policy(loopback()).retries(0);
        let fetcher = builder.concurrency(200).per_host(200).build().unwrap();
        assert!(
            (1..=32).contains(&fetcher.concurrency()),
            "{}",
            fetcher.concurrency()
        );
        let mut tasks = JoinSet::new();
        for n in 0..300 {
            // Names, too: a look-up takes files as well.
            let host = if n % 2 == 0 { "127.0.0.1" } else { "localhost" };
            let port = address.rsplit(':').next().unwrap();
            let (fetcher, url) = (fetcher.clone(), format!("http://{host}:{port}/{n}.png"));
            tasks.spawn(async move { look(&fetcher, &url).await });
        }
        for fetched in tasks.join_all().await {
            assert!(fetched.outcome.is_ok(), "{fetched:?}");
        }
        return;
    }
    let mut limited = Command::new("sh");
    let test = std::env::current_exe().unwrap();
    limited
        .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
        .arg(test);
    let server = again(
        "shortages::sixty_four_files_are_enough_for_three_hundred_urls",
        limited,
    )
    .await;
    assert_eq!(server.requests().len(), 300);
}

#[tokio::test]
async fn a_machine_without_roots_says_so_and_asks_nobody() {
    if let Ok(address) = std::env::var(INNER) {
        let fetcher = Fetcher::builder().policy(loopback()).build().unwrap();
        let fetched = look(&fetcher, &format!("https://{address}/a.png")).await;
        let error = fetched.outcome.unwrap_err();
        assert_eq!(
            *error.kind(),
            FetchErrorKind::OwnShortage(Shortage::TrustedRoots)
        );
        assert!(
            error.to_string().contains("no root certificates"),
            "{error}"
        );
        assert!(!error.is_final());
        return;
    }
    let nothing = tempfile::tempdir().unwrap();
    let mut bare = Command::new(std::env::current_exe().unwrap());
    bare.env("SSL_CERT_FILE", nothing.path().join("none.pem"));
    bare.env("SSL_CERT_DIR", nothing.path());
    let server = again(
        "shortages::a_machine_without_roots_says_so_and_asks_nobody",
        bare,
    )
    .await;
    assert!(server.requests().is_empty());
}
