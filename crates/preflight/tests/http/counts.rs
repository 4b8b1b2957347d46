//! What each kind of fetch costs: requests, connections and bytes of bodies, exactly.

use preflight::http::TargetUrl;
use testkit::server::{Ranges, Server};
use testkit::{Bmp, Vp8l, Webp};

use crate::support::{ADDRESS, Fetchers, World, jpeg, look, png};

/// Requests, connections, bytes of bodies.
type Cost = (u32, u32, u64);

/// The cost of a look at a file by a path, and whether the server knows ranges.
async fn cost(path: &str, file: Vec<u8>, ranges: Ranges) -> Cost {
    let server = Server::new(move |mut peer| {
        let file = file.clone();
        async move { peer.serve(&file, ranges).await }
    });
    let world = World::default().server("img.example", ADDRESS, &server);
    let facts = look(&world.fetcher(), &format!("http://img.example/{path}"))
        .await
        .facts;
    (facts.requests, facts.connections, facts.body_bytes)
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_fetch_costs_what_the_table_says() {
    let large = |file: Vec<u8>| [file, vec![0; 90_000]].concat();
    let bmp = || Bmp::new(400, 500).build();
    let webp = || Webp::new().vp8l(Vp8l::new(400, 500), &[0; 90_000]).build();
    let page = || b"<!DOCTYPE html><title>Sign in</title>".to_vec();
    let rows: [(&str, Vec<u8>, Ranges, Cost); 9] = [
        ("a.png", large(png()), Ranges::Honour, (1, 1, 4_096)),
        ("a.bmp", bmp(), Ranges::Honour, (1, 1, 4_096)),
        ("a.webp", webp(), Ranges::Honour, (1, 1, 4_096)),
        ("a.jpg", large(jpeg(2_000)), Ranges::Honour, (1, 1, 11_264)),
        ("a.jpg", large(jpeg(30_000)), Ranges::Honour, (2, 1, 15_360)),
        ("a", large(png()), Ranges::Honour, (1, 1, 11_264)),
        ("a.jpg", page(), Ranges::Honour, (1, 1, 37)),
        ("a.png", png(), Ranges::Ignore, (1, 1, png().len() as u64)),
        (
            "a.jpg",
            jpeg(30_000),
            Ranges::Ignore,
            (1, 1, jpeg(30_000).len() as u64),
        ),
    ];
    for (path, file, ranges, expected) in rows {
        let len = file.len();
        let found = cost(path, file, ranges).await;
        assert_eq!(found, expected, "{path}, {len} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_look_and_a_download_cost_what_they_must() {
    let file = png();
    let len = file.len() as u64;
    let server = Server::new(move |mut peer| {
        let file = file.clone();
        async move { peer.serve(&file, Ranges::Honour).await }
    });
    let world = World::default().server("img.example", ADDRESS, &server);
    let fetcher = world.fetcher();
    let url = TargetUrl::parse("http://img.example/a.png").unwrap();
    let first = fetcher.probe(&url).await.facts;
    assert_eq!((first.requests, first.connections), (1, 1));
    // On the connection that was kept, with the addresses that were judged.
    let second = fetcher.probe(&url).await.facts;
    assert_eq!((second.requests, second.connections), (1, 0));
    assert_eq!(world.look_ups().len(), 1);
    let whole = fetcher.download(&url, 1 << 20).await.facts;
    assert_eq!((whole.requests, whole.body_bytes), (1, len));
}
