//! Many fetches at once, and fetches that are given up.

use std::net::IpAddr;
use std::time::Duration;

use preflight::http::FetchErrorKind;
use testkit::server::{Ranges, Server, partial};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{ADDRESS, Fetchers, Station, URL, World, jpeg, look, ok, png, settle};

/// A thousand names at a thousand addresses, all of them this server.
fn thousand(server: &Server) -> (World, Vec<String>) {
    let mut world = World::default();
    let mut urls = Vec::new();
    for n in 0..1_000_u16 {
        let [high, low] = n.to_be_bytes();
        let address = IpAddr::from([8, 8, high, low]);
        let name = format!("img{n}.example");
        urls.push(format!("http://{name}/a.jpg"));
        world = world.server(&name, address, server);
    }
    (world, urls)
}

#[tokio::test(start_paused = true)]
async fn a_thousand_drips_hold_at_most_64_connections() {
    let server = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(&ok(1_000_000)).await?;
        peer.drip(&jpeg(60_000), Duration::from_millis(100)).await
    });
    let (world, urls) = thousand(&server);
    let fetcher = world.fetcher();
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for url in urls {
        let fetcher = fetcher.clone();
        tasks.spawn(async move { look(&fetcher, &url).await });
    }
    let fetched = tasks.join_all().await;
    assert_eq!(fetched.len(), 1_000);
    assert!(fetched.iter().all(|f| matches!(
        f.outcome.as_ref().unwrap_err().kind(),
        FetchErrorKind::Limit(_)
    )));
    assert_eq!(world.sockets(), (0, 64));
    // Sixteen rounds of 64, each of five seconds: waiting for a permit is no part of them.
    assert_eq!(start.elapsed().as_secs(), 80);
    settle().await;
    assert_eq!(server.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_slow_host_takes_four_places_and_leaves_the_rest_alone() {
    let slow = Server::new(|mut peer| async move { peer.wait_for_the_end().await });
    let fast = Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await });
    let world = World::default()
        .server("stuck.example", ADDRESS, &slow)
        .server("fast.example", IpAddr::from([8, 8, 8, 8]), &fast);
    let fetcher = world.fetcher();
    let mut tasks = JoinSet::new();
    for _ in 0..500 {
        let fetcher = fetcher.clone();
        tasks.spawn(async move { look(&fetcher, "http://stuck.example/").await });
    }
    sleep(Duration::from_millis(1)).await;
    let start = Instant::now();
    assert!(look(&fetcher, "http://fast.example/").await.outcome.is_ok());
    assert!(start.elapsed().is_zero());
    assert_eq!(world.sockets().1, 5);
}

/// Gives up after every possible number of polls, so at every await point there is.
#[tokio::test(start_paused = true)]
async fn a_fetch_given_up_anywhere_leaves_nothing_behind() {
    let server = Server::new(|mut peer| async move {
        loop {
            let request = peer.request().await?;
            sleep(Duration::from_millis(10)).await;
            for piece in partial(&request, &jpeg(60_000)).chunks(3_000) {
                sleep(Duration::from_millis(1)).await;
                peer.send(piece).await?;
            }
        }
    });
    let world = World::default().name("img.example", &[ADDRESS]).station(
        ADDRESS,
        Station::Far(server.clone(), Duration::from_millis(10)),
    );
    let fetcher = world.builder().concurrency(1).per_host(1).build().unwrap();
    let mut given_up = 0;
    for ms in 0..60 {
        let is_given_up = timeout(Duration::from_millis(ms), look(&fetcher, URL))
            .await
            .is_err();
        given_up += usize::from(is_given_up);
        let kept = usize::from(!is_given_up);
        assert_eq!(world.sockets().0, kept, "after {ms} ms");
        settle().await;
    }
    assert!((20..60).contains(&given_up), "{given_up}");
    // With one permit in all, one that was not given back would stop this for ever.
    assert!(look(&fetcher, URL).await.outcome.is_ok());
}

#[tokio::test(start_paused = true)]
async fn at_a_hundred_milliseconds_a_round_trip_64_at_once_cost_what_they_must() {
    const ROUND_TRIP: Duration = Duration::from_millis(100);
    let server = Server::new(|mut peer| async move {
        loop {
            let request = peer.request().await?;
            sleep(ROUND_TRIP).await;
            peer.send(&partial(&request, &jpeg(30_000))).await?;
        }
    });
    let world = World::default()
        .name("img.example", &[ADDRESS])
        .station(ADDRESS, Station::Far(server.clone(), ROUND_TRIP));
    let fetcher = world.builder().per_host(64).build().unwrap();
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..640 {
        let fetcher = fetcher.clone();
        tasks.spawn(async move { look(&fetcher, URL).await });
    }
    assert!(
        tasks
            .join_all()
            .await
            .iter()
            .all(|fetched| fetched.outcome.is_ok())
    );
    // Connecting once, then the first range and a jump: two round trips, ten times over.
    let least = ROUND_TRIP * 21;
    assert!(
        start.elapsed() >= least && start.elapsed() <= least.mul_f64(1.3),
        "{:?}",
        start.elapsed()
    );
}

/// A list of 50,000 URLs is as many futures in the worst of programs.
#[test]
fn a_probe_that_waits_is_small_and_goes_from_thread_to_thread() {
    fn goes<T: Send>(future: &T) -> usize {
        size_of_val(future)
    }
    let fetcher = World::default().fetcher();
    let url = fetcher.parse(URL).unwrap();
    assert!(goes(&fetcher.download(&url, 1)) > 0);
    let size = goes(&fetcher.probe(&url));
    println!("{size} bytes");
    assert!(size <= 6 * 1024, "{size} bytes");
}
