//! Whatever a server sends: an answer within the budgets, and no panic.

use std::time::Duration;

use proptest::prelude::*;
use testkit::server::Server;
use tokio::time::{Instant, sleep};

use crate::support::{ADDRESS, Fetchers, URL, World, jpeg, look, png};

/// Bytes that a server may put together: sound pieces, broken ones, and noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let sound = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 206 Partial Content\r\n",
        "HTTP/1.0 200\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n",
        "HTTP/1.1 302 Found\r\n",
        "HTTP/1.1 416 No\r\n",
        "HTTP/1.1 503 Busy\r\n",
        "Content-Length: 5000\r\n",
        "Content-Length: 0\r\n",
        "Content-Range: bytes 0-12287/60000\r\n",
        "Content-Range: bytes 60010-64105/70000\r\n",
        "Transfer-Encoding: chunked\r\n",
        "ETag: \"a\"\r\n",
        "ETag: \"b\"\r\n",
        "Location: /b.jpg\r\n",
        "Location: //[\r\n",
        "Content-Encoding: gzip\r\n",
        "Connection: close\r\n",
        "\r\n",
        "1000\r\n",
        "0\r\n\r\n",
        "\r\n\r\n",
        "<!DOCTYPE html>",
        "\u{FFFD}",
    ]);
    prop_oneof![
        8 => sound.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..50),
        1 => Just(png()),
        1 => Just(jpeg(60_000)),
        1 => (0..3_000_usize).prop_map(|cut| jpeg(3_000)[..cut].to_vec()),
    ]
}

proptest! {
    #[test]
    fn whatever_comes_ends_within_the_budgets(
        answers in prop::collection::vec(prop::collection::vec(piece(), 0..12), 1..6),
        stalls: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let server = Server::new(move |mut peer| {
                let answers = answers.clone();
                async move {
                    for answer in answers {
                        peer.request().await?;
                        for piece in answer {
                            sleep(Duration::from_millis(7)).await;
                            peer.send(&piece).await?;
                        }
                    }
                    if stalls { peer.wait_for_the_end().await } else { Ok(()) }
                }
            });
            let world = World::default().server("img.example", ADDRESS, &server);
            let start = Instant::now();
            let fetcher = world.builder().retries(2).build().unwrap();
            let fetched = look(&fetcher, URL).await;
            assert!(start.elapsed() <= Duration::from_millis(5_050), "{:?}", start.elapsed());
            assert!(fetched.facts.socket_bytes <= 256 * 1024);
            assert!(fetched.facts.body_bytes <= 144 * 1024);
            // Six requests to each of four servers.
            assert!(fetched.facts.requests <= 24 && fetched.facts.retries <= 2);
            assert!(fetched.facts.redirects.len() <= 3);
            assert!(world.sockets().0 <= 1);
            drop(fetcher);
            assert_eq!(world.sockets().0, 0);
            if let Ok(probed) = fetched.outcome {
                assert_eq!(probed.len, fetched.facts.validators.len);
            }
        });
    }
}
