//! Images by URL: fetched for real, within limits.

use std::collections::HashMap;
use std::net::IpAddr;

use standin::Standin;

use crate::support::{Api, ok, portrait, redirect, serve};

#[tokio::test]
async fn an_image_is_fetched_where_its_url_says() {
    let png = portrait();
    let mut cut = ok(&png);
    cut.truncate(cut.len() - 10);
    let host = serve(HashMap::from([
        ("/a.png", ok(&png)),
        ("/signed.png?Signature=secret", ok(&png)),
        ("/moved.png", redirect("/a.png")),
        ("/loop.png", redirect("/loop.png")),
        ("/local", redirect("file:///etc/passwd")),
        ("/cut.png", cut),
        ("/empty.png", ok(b"")),
        (
            "/error.png",
            b"HTTP/1.1 500 x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(),
        ),
        ("/garbage.png", b"\x00\x01garbage\r\n\r\n".to_vec()),
    ]))
    .await;
    let api = Api::start().await;
    for (path, status) in [
        ("/a.png", 200),
        ("/signed.png?Signature=secret", 200),
        ("/moved.png", 200),
        ("/loop.png", 400),
        ("/local", 400),
        ("/cut.png", 400),
        ("/empty.png", 400),
        ("/error.png", 400),
        ("/garbage.png", 400),
        ("/missing.png", 400),
    ] {
        let answer = api.detect(&format!("http://{host}{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        if status == 400 {
            assert_eq!(answer.at("/code"), "InvalidURL", "{path}");
        }
    }
    // A signature in a query is nobody's business.
    let stats = api.standin.stats();
    assert_eq!(
        stats.images[&format!("http://{host}/signed.png")].billable,
        1
    );
    assert!(!serde_json::to_string(&stats).unwrap().contains("secret"));
    assert_eq!(stats.billable, 3);
}

#[tokio::test]
async fn nobody_there_is_an_invalid_url() {
    let api = Api::start().await;
    // TEST-NET names and a port that nobody listens on.
    for url in [
        "http://127.0.0.1:9/a.png",
        "http://portrait.invalid/a.png",
        "https://127.0.0.1:9/a.png",
    ] {
        let answer = api.detect(url).await;
        assert_eq!(
            (answer.status, answer.at("/code").as_str()),
            (400, "InvalidURL"),
            "{url}"
        );
    }
}

#[tokio::test]
async fn nothing_of_the_stand_in_s_own_can_be_fetched() {
    let api = Api::start().await;
    let address = api.standin.address();
    for path in ["/standin/stats", "/files/0123456789abcdef/a.png", "/", ""] {
        assert_eq!(
            api.detect(&format!("http://{address}{path}"))
                .await
                .at("/code"),
            "InvalidURL",
            "{path}"
        );
    }
    // Nor does it serve what it was lent.
    let lent = api.lend("a.png");
    assert_eq!(
        api.client
            .get(lent.url())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        404
    );
}

#[tokio::test]
async fn only_addresses_that_are_admitted_are_dialled() {
    let png = portrait();
    let inside = serve(HashMap::from([("/a.png", ok(&png))])).await;
    let port = inside.port();
    let api =
        Api::with(Standin::builder().fetch_only_from(|address: IpAddr| !address.is_loopback()))
            .await;
    for url in [
        format!("http://127.0.0.1:{port}/a.png"),
        format!("http://localhost:{port}/a.png"),
        format!("http://0x7f000001:{port}/a.png"),
        format!("http://[::ffff:127.0.0.1]:{port}/a.png"),
    ] {
        assert_eq!(api.detect(&url).await.at("/code"), "InvalidURL", "{url}");
    }
    // A lent image is not fetched.
    assert_eq!(api.detect_named("a.png").await.status, 200);
}

#[tokio::test]
async fn a_redirect_is_judged_like_any_other_address() {
    let secret = serve(HashMap::from([("/a.png", ok(&portrait()))])).await;
    let to = format!("http://127.0.0.1:{}/a.png", secret.port());
    let door = serve(HashMap::from([("/a.png", redirect(&to))])).await;
    let from = format!("http://localhost:{}/a.png", door.port());
    // Admit the first address asked about, and none after it: what a rebinding name would need.
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let api = Api::with(Standin::builder().fetch_only_from(move |address| {
        address.is_ipv4() && asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0
    }))
    .await;
    assert_eq!(api.detect(&from).await.at("/code"), "InvalidURL");
}
