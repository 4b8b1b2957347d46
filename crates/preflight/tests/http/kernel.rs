//! Faults that only a kernel can show, over TCP on loopback, and the proxies of the environment.

use std::time::Duration;

use preflight::Content;
use preflight::http::{AddressPolicy, FetchErrorKind, Fetched, Fetcher};
use testkit::server::{Peer, Ranges, Server};

use crate::support::{jpeg, look, ok, png};

fn loopback() -> Fetcher {
    let policy = AddressPolicy::public().allow("127.0.0.0/8".parse().unwrap());
    Fetcher::builder()
        .policy(policy)
        .retries(0)
        .build()
        .unwrap()
}

async fn fetch(server: &Server) -> Fetched {
    let address = server.listen("127.0.0.1:0").await.unwrap();
    look(&loopback(), &format!("http://{address}/a.jpg")).await
}

fn kind(fetched: &Fetched) -> &FetchErrorKind {
    fetched
        .outcome
        .as_ref()
        .expect_err("nothing was seen")
        .kind()
}

// Windows asks again for two seconds before it believes a refusal.
#[cfg(unix)]
#[tokio::test]
async fn a_closed_port_is_no_connection() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let fetched = look(&loopback(), &format!("http://{free}/")).await;
    assert_eq!(*kind(&fetched), FetchErrorKind::Connect);
}

async fn reset_after(mut peer: Peer, bytes: Vec<u8>) -> std::io::Result<()> {
    peer.request().await?;
    peer.send(&bytes).await?;
    // Long enough for the client to have read it all: a reset may overtake what was not.
    tokio::time::sleep(Duration::from_millis(200)).await;
    peer.reset()
}

#[tokio::test]
async fn rows_5_to_7_a_reset_matters_only_before_the_header_was_in() {
    let head = Server::new(|peer| reset_after(peer, b"HTTP/1.1 200 OK\r\nContent-".to_vec()));
    assert_eq!(*kind(&fetch(&head).await), FetchErrorKind::Closed);
    let before =
        Server::new(|peer| reset_after(peer, [ok(99_999), jpeg(3_000)[..2_000].to_vec()].concat()));
    assert_eq!(*kind(&fetch(&before).await), FetchErrorKind::Closed);
    let after = Server::new(|peer| reset_after(peer, [ok(99_999), jpeg(3_000)].concat()));
    assert!(matches!(
        fetch(&after).await.outcome.unwrap().content,
        Content::Image(_)
    ));
}

#[tokio::test]
async fn a_drop_wastes_little_more_than_the_receive_buffer() {
    let server = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(&ok(64 << 20)).await?;
        peer.send(&png()).await?;
        peer.flood(&[0; 4096]).await
    });
    let fetched = fetch(&server).await;
    assert!(fetched.outcome.is_ok());
    assert!(
        fetched.facts.socket_bytes <= 32 * 1024,
        "{}",
        fetched.facts.socket_bytes
    );
}

/// A reset that comes while the connection is idle costs nothing; one that meets a request costs that
/// request.
#[tokio::test]
async fn a_kept_connection_that_is_reset_is_replaced() {
    for (asks_first, requests) in [(false, 1), (true, 2)] {
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let server = Server::new(move |mut peer| {
            let is_first = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            async move {
                if !is_first {
                    return peer.serve(&png(), Ranges::Honour).await;
                }
                let request = peer.request().await?;
                peer.send(&testkit::server::partial(&request, &png()))
                    .await?;
                if asks_first {
                    peer.request().await?;
                }
                peer.reset()
            }
        });
        let address = server.listen("127.0.0.1:0").await.unwrap();
        let (fetcher, url) = (loopback(), format!("http://{address}/a.png"));
        assert!(look(&fetcher, &url).await.outcome.is_ok());
        tokio::time::sleep(Duration::from_millis(200)).await;
        let fetched = look(&fetcher, &url).await;
        assert!(fetched.outcome.is_ok(), "{fetched:?}");
        assert_eq!(
            (fetched.facts.requests, server.connections()),
            (requests, 2)
        );
    }
}

#[tokio::test]
async fn the_dialled_address_is_told_by_the_kernel() {
    let server = Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await });
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let fetched = look(
        &loopback(),
        &format!("http://[::ffff:127.0.0.1]:{}/", address.port()),
    )
    .await;
    assert!(fetched.outcome.is_ok(), "{fetched:?}");
    assert_eq!(server.dialled(), [address]);
}

/// The environment of this process cannot be changed safely, so the test runs itself again in one
/// where every proxy variable leads to a listener that must not be called.
#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    const INNER: &str = "PREFLIGHT_TEST_PROXY_INNER";
    if std::env::var_os(INNER).is_some() {
        let server =
            Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await });
        assert!(fetch(&server).await.outcome.is_ok());
        let refused = look(&loopback(), "http://10.0.0.1/").await;
        assert!(matches!(kind(&refused), FetchErrorKind::Refused(_)));
        return;
    }
    let proxy = Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Ignore).await });
    let url = format!("http://{}", proxy.listen("127.0.0.1:0").await.unwrap());
    let mut inner = std::process::Command::new(std::env::current_exe().unwrap());
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        inner.env(name, &url);
    }
    inner
        .env(INNER, "1")
        .args(["--exact", "kernel::proxies_of_the_environment_are_not_used"]);
    let output = tokio::task::spawn_blocking(move || inner.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(proxy.connections(), 0);
}
