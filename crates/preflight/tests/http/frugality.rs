//! What a look at photographs costs, over an honest server with ranges.

use std::sync::Arc;
use std::time::Duration;

use preflight::Content;
use preflight::http::{FetchErrorKind, FetchLimit};
use testkit::photos::photos;
use testkit::server::{Ranges, Server, partial};
use testkit::{Bmp, Vp8l, Webp};
use tokio::time::{Instant, sleep};

use crate::support::{ADDRESS, Fetchers, Station, URL, World, look, play_url, png};

#[tokio::test(start_paused = true)]
async fn photographs_cost_what_was_promised() {
    let mut sent = Vec::new();
    let mut requests = 0;
    let mut beyond = 0;
    for photo in photos(7, 400, 20_000) {
        let file = photo.bytes.clone();
        let server = Server::new(move |mut peer| {
            let file = file.clone();
            async move { peer.serve(&file, Ranges::Honour).await }
        });
        let world = World::default().server("img.example", ADDRESS, &server);
        let fetched = look(&world.fetcher(), URL).await;
        match fetched.outcome {
            Ok(probed) => {
                let Content::Image(header) = probed.content else {
                    panic!("{:?}", probed.content);
                };
                assert_eq!((header.width, header.height), (photo.width, photo.height));
            }
            Err(error) => {
                assert!(
                    matches!(
                        error.kind(),
                        FetchErrorKind::Limit(FetchLimit::Requests { .. })
                    ),
                    "{error}"
                );
                beyond += 1;
            }
        }
        sent.push(fetched.facts.body_bytes);
        requests += fetched.facts.requests;
    }
    let count = sent.len();
    sent.sort_unstable();
    let mean = sent.iter().sum::<u64>() as f64 / count as f64;
    let mean_requests = f64::from(requests) / count as f64;
    println!(
        "mean {mean:.0} bytes, p99 {} bytes, {mean_requests:.3} requests, {beyond} beyond",
        sent[count * 99 / 100]
    );
    assert!(mean <= 13.0 * 1024.0, "{mean} bytes");
    assert!(sent[count * 99 / 100] <= 64 * 1024);
    assert!(mean_requests <= 1.47, "{mean_requests} requests");
    assert!(
        beyond * 100 <= count,
        "at most 1 in 100 is out of reach: {beyond}"
    );
}

/// What a driver pays that sends one URL at a time: one round trip a request, and one for the only
/// connection.
#[tokio::test(start_paused = true)]
async fn a_hundred_and_fifty_urls_one_after_another_cost_their_requests() {
    const ROUND_TRIP: Duration = Duration::from_millis(50);
    let files: Vec<_> = photos(11, 150, 20_000).map(|photo| photo.bytes).collect();
    let count = files.len() as u32;
    let served = Arc::new(files);
    let server = Server::new(move |mut peer| {
        let files = Arc::clone(&served);
        async move {
            loop {
                let request = peer.request().await?;
                let number: usize = request.target().trim_start_matches('/').parse().unwrap();
                sleep(ROUND_TRIP).await;
                peer.send(&partial(&request, &files[number])).await?;
            }
        }
    });
    let world = World::default()
        .name("img.example", &[ADDRESS])
        .station(ADDRESS, Station::Far(server.clone(), ROUND_TRIP));
    let fetcher = world.fetcher();
    let start = Instant::now();
    let mut requests = 0;
    for number in 0..count {
        let fetched = look(&fetcher, &format!("http://img.example/{number}")).await;
        requests += fetched.facts.requests;
    }
    assert_eq!(start.elapsed(), ROUND_TRIP * (1 + requests));
    // The answer of a look-up is used for ten seconds, and this takes eleven.
    assert_eq!((server.connections(), world.look_ups().len()), (1, 2));
    let against_one_each = f64::from(1 + requests) / f64::from(1 + count);
    println!("{against_one_each:.3} times one round trip each");
    assert!(against_one_each <= 1.5, "{against_one_each}");
}

#[tokio::test(start_paused = true)]
async fn png_bmp_and_webp_take_one_request_of_one_first_range() {
    let bmp = Bmp::new(400, 500).build();
    let webp = Webp::new().vp8l(Vp8l::new(400, 500), &[0; 90_000]).build();
    for (name, file) in [
        ("a.png", png()),
        ("a.bmp", bmp),
        ("a.webp", webp),
        ("a", png()),
    ] {
        let trial = play_url(&format!("http://img.example/{name}"), move |mut peer| {
            let file = file.clone();
            async move { peer.serve(&file, Ranges::Honour).await }
        })
        .await;
        assert!(
            matches!(trial.content(), Content::Image(_)),
            "{name}: {:?}",
            trial.content()
        );
        assert_eq!(trial.fetched.facts.requests, 1, "{name}");
        let most = if name == "a" { 11_264 } else { 4_096 };
        assert!(trial.fetched.facts.body_bytes <= most, "{name}");
    }
}
