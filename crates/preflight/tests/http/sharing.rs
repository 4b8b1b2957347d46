//! Look-ups that URLs share, and wants of our own that are not the server's fault.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use preflight::http::{FetchErrorKind, FetchLimit, Phase, Resolve, Resolving, Shortage};
use testkit::server::{Ranges, Server};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{ADDRESS, Fetchers, Station, URL, World, look, png};

fn serving() -> Server {
    Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await })
}

#[tokio::test(start_paused = true)]
async fn three_hundred_urls_of_one_host_look_it_up_once() {
    for (name, is_found) in [("img.example", true), ("nowhere.example", false)] {
        let world = World::default().server("img.example", ADDRESS, &serving());
        let fetcher = world
            .builder()
            .per_host(300)
            .concurrency(300)
            .build()
            .unwrap();
        let mut tasks = JoinSet::new();
        for n in 0..300 {
            let (fetcher, url) = (fetcher.clone(), format!("http://{name}/{n}.png"));
            tasks.spawn(async move { look(&fetcher, &url).await });
        }
        let fetched = tasks.join_all().await;
        assert!(
            fetched
                .iter()
                .all(|fetched| fetched.outcome.is_ok() == is_found)
        );
        assert_eq!(world.look_ups(), [name]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_used_for_ten_seconds() {
    let world = World::default().server("img.example", ADDRESS, &serving());
    let fetcher = world.fetcher();
    for _ in 0..30 {
        assert!(look(&fetcher, URL).await.outcome.is_ok());
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(world.look_ups().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_was_not_found_is_asked_for_again_soon() {
    let world = World::default();
    let fetcher = world.fetcher();
    for _ in 0..6 {
        assert!(look(&fetcher, URL).await.outcome.is_err());
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(world.look_ups().len(), 3);
    drop(world.clone().server("img.example", ADDRESS, &serving()));
    assert!(look(&fetcher, URL).await.outcome.is_ok());
}

/// The two seconds are over when they are.
#[tokio::test(start_paused = true)]
async fn a_failure_of_two_seconds_ago_is_old() {
    let world = World::default();
    let fetcher = world.fetcher();
    for (wait, look_ups) in [(0, 1), (1_999, 1), (1, 2)] {
        sleep(Duration::from_millis(wait)).await;
        assert!(look(&fetcher, URL).await.outcome.is_err());
        assert_eq!(world.look_ups().len(), look_ups);
    }
}

/// The table of answers is bounded; the newest stay.
#[tokio::test(start_paused = true)]
async fn of_many_names_the_last_ones_are_remembered() {
    let mut world = World::default();
    let server = serving();
    for n in 0..1_500_u16 {
        let [high, low] = n.to_be_bytes();
        world = world.server(&format!("h{n}.example"), [8, 8, high, low].into(), &server);
    }
    let fetcher = world.fetcher();
    for n in 0..1_500 {
        assert!(
            look(&fetcher, &format!("http://h{n}.example/a.png"))
                .await
                .outcome
                .is_ok()
        );
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(world.look_ups().len(), 1_500);
    for (n, look_ups) in [(1_499, 1_500), (500, 1_500), (0, 1_501)] {
        assert!(
            look(&fetcher, &format!("http://h{n}.example/a.png"))
                .await
                .outcome
                .is_ok()
        );
        assert_eq!(world.look_ups().len(), look_ups, "{n}");
    }
}

/// Six hundred names that never answer are more than there are slots. Found with 600 dead names and
/// 100 live ones: 43 of the live ones were "unknown", because waiting for a slot was their time.
#[tokio::test(start_paused = true)]
async fn names_that_never_answer_starve_nobody() {
    let mut world = World::default();
    let mut urls: Vec<_> = (0..600)
        .map(|n| format!("http://slow{n}.example/"))
        .collect();
    let server = serving();
    for n in 0..100 {
        world = world.server(&format!("live{n}.example"), [8, 8, 8, n].into(), &server);
        urls.push(format!("http://live{n}.example/a.png"));
    }
    let fetcher = world.builder().concurrency(1_000).build().unwrap();
    let mut tasks = JoinSet::new();
    for url in urls {
        let fetcher = fetcher.clone();
        tasks.spawn(async move { (url.contains("live"), look(&fetcher, &url).await) });
    }
    for (is_live, fetched) in tasks.join_all().await {
        match fetched.outcome {
            Ok(_) => assert!(is_live),
            Err(error) => {
                let limit = Duration::from_secs(2);
                let phase = Phase::LookUp;
                assert_eq!(
                    *error.kind(),
                    FetchErrorKind::Limit(FetchLimit::Time { phase, limit })
                );
                assert!(!is_live);
            }
        }
    }
}

/// A resolver that takes its time, and counts.
struct Slow(Arc<AtomicUsize>);

impl Resolve for Slow {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            sleep(Duration::from_millis(1_500)).await;
            Ok(vec![ADDRESS])
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_up_goes_on_when_the_one_who_asked_has_gone() {
    let count = Arc::new(AtomicUsize::new(0));
    let world = World::default().server("unused.example", ADDRESS, &serving());
    let fetcher = world
        .builder()
        .resolver(Slow(Arc::clone(&count)))
        .build()
        .unwrap();
    let start = Instant::now();
    assert!(
        timeout(Duration::from_secs(1), look(&fetcher, URL))
            .await
            .is_err()
    );
    assert!(look(&fetcher, URL).await.outcome.is_ok());
    assert_eq!(start.elapsed(), Duration::from_millis(1_500));
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

/// A resolver that panics or never ends must not stop those who come after.
struct Broken;

impl Resolve for Broken {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        match name {
            "panics.example" => panic!("a resolver's own fault"),
            "fails.example" => Box::pin(async { Err(io::Error::other("no")) }),
            _ => Box::pin(std::future::pending()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_breaks_is_an_answer() {
    let fetcher = World::default().builder().resolver(Broken).build().unwrap();
    for (name, seconds) in [
        ("panics.example", 0),
        ("fails.example", 0),
        ("hangs.example", 2),
    ] {
        for _ in 0..2 {
            let start = Instant::now();
            let url = format!("http://{name}/");
            assert!(look(&fetcher, &url).await.outcome.is_err());
            assert_eq!(start.elapsed().as_secs(), seconds, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_file_descriptor_is_not_the_servers_time() {
    let busy = |times| {
        World::default()
            .name("img.example", &[ADDRESS])
            .station(ADDRESS, Station::OutOfFiles(serving(), times))
    };
    // 200 pauses of 50 ms are twice the time that a fetch has.
    let start = Instant::now();
    assert!(look(&busy(200).fetcher(), URL).await.outcome.is_ok());
    assert!(start.elapsed() >= Duration::from_secs(10));

    let start = Instant::now();
    let error = look(&busy(usize::MAX).fetcher(), URL)
        .await
        .outcome
        .unwrap_err();
    assert_eq!(
        *error.kind(),
        FetchErrorKind::OwnShortage(Shortage::OpenFiles)
    );
    assert!(
        error.to_string().contains("nothing is known of the server"),
        "{error}"
    );
    assert_eq!(start.elapsed().as_secs(), 60);
}

/// Connections that are kept are the first to go.
#[tokio::test(start_paused = true)]
async fn a_kept_connection_makes_room() {
    let other = IpAddr::from([8, 8, 4, 4]);
    let world = World::default()
        .server("kept.example", other, &serving())
        .name("img.example", &[ADDRESS])
        .station(ADDRESS, Station::OutOfFiles(serving(), 1));
    let fetcher = world.fetcher();
    assert!(
        look(&fetcher, "http://kept.example/a.png")
            .await
            .outcome
            .is_ok()
    );
    assert_eq!(world.sockets().0, 1);
    let start = Instant::now();
    assert!(look(&fetcher, URL).await.outcome.is_ok());
    assert!(start.elapsed().is_zero(), "there was no need to wait");
    assert_eq!(world.sockets(), (1, 1));
}
