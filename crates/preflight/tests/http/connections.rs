//! Getting through to the server.

use std::net::IpAddr;
use std::time::Duration;

use preflight::http::{FetchErrorKind, FetchLimit, Phase};
use testkit::server::{Ranges, Server};
use tokio::time::Instant;

use crate::support::{ADDRESS, Fetchers, Station, URL, World, look, png};

fn ip(n: u8) -> IpAddr {
    IpAddr::from([8, 8, 8, n])
}

async fn probe(world: &World, url: &str) -> (Option<FetchErrorKind>, Duration) {
    let start = Instant::now();
    let fetcher = world.fetcher();
    let error = match fetcher.parse(url) {
        Ok(url) => fetcher.probe(&url).await.outcome.err(),
        Err(error) => Some(error),
    };
    (error.map(|error| error.kind().clone()), start.elapsed())
}

fn timed_out(phase: Phase, seconds: u64) -> Option<FetchErrorKind> {
    let limit = Duration::from_secs(seconds);
    Some(FetchErrorKind::Limit(FetchLimit::Time { phase, limit }))
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_is_given_two_seconds() {
    let world = World::default()
        .name("img.example", &[ADDRESS])
        .station(ADDRESS, Station::BlackHole);
    let (kind, took) = probe(&world, URL).await;
    assert_eq!((kind, took.as_secs()), (timed_out(Phase::Connect, 2), 2));
}

/// The next address waits its turn behind one that says nothing, and not behind one that refuses.
#[tokio::test(start_paused = true)]
async fn a_refusal_makes_way_for_the_next_address_at_once() {
    let server = Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await });
    let world = World::default()
        .server("img.example", ip(3), &server)
        .name("img.example", &[ip(1), ip(2), ip(3)])
        .station(ip(1), Station::BlackHole)
        .station(ip(2), Station::Refuses);
    let (kind, took) = probe(&world, URL).await;
    assert_eq!((kind, took), (None, Duration::from_millis(250)));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_at_once() {
    let world = World::default()
        .name("img.example", &[ADDRESS])
        .station(ADDRESS, Station::Refuses);
    let (kind, took) = probe(&world, URL).await;
    assert_eq!(
        (kind, took),
        (Some(FetchErrorKind::Connect), Duration::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn hostile_dns_is_named_and_bounded() {
    let server = Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await });
    let (kind, took) = probe(&World::default(), "http://nowhere.example/").await;
    assert_eq!(
        (kind, took),
        (Some(FetchErrorKind::NameNotFound), Duration::ZERO)
    );

    let (kind, took) = probe(&World::default(), "http://slow.example/").await;
    assert_eq!((kind, took.as_secs()), (timed_out(Phase::LookUp, 2), 2));

    let nothing = World::default().name("img.example", &[]);
    assert_eq!(
        probe(&nothing, URL).await.0,
        Some(FetchErrorKind::NameNotFound)
    );

    let many: Vec<IpAddr> = (0..250).map(ip).collect();
    let world = World::default().name("img.example", &many);
    assert_eq!(probe(&world, URL).await.0, timed_out(Phase::Connect, 2));
    assert_eq!(world.dialled().len(), 4);

    let fourth = World::default()
        .name("img.example", &[ip(1), ip(2), ip(3), ip(4)])
        .station(ip(4), Station::Server(server.clone()));
    let (kind, took) = probe(&fourth, URL).await;
    assert_eq!((kind, took), (None, Duration::from_millis(750)));

    // One private address among 500 refuses the name, and nothing is dialled.
    let mut poisoned: Vec<IpAddr> = (0..250).map(ip).collect();
    poisoned.push("10.0.0.1".parse().unwrap());
    let world = World::default().name("img.example", &poisoned);
    assert!(matches!(
        probe(&world, URL).await.0,
        Some(FetchErrorKind::Refused(_))
    ));
    assert!(world.dialled().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_text_rules_out_costs_no_look_up() {
    let world = World::default().name("img.example", &[ADDRESS]);
    for url in [
        "ftp://img.example/",
        "oss://bucket/key",
        "http://user:pw@img.example/",
        "http://img.example/\n",
        "",
        "http://img.example:22/",
        "http://localhost/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://134744072/",
        "https://img.example/?X-Amz-Date=20200102T030405Z&X-Amz-Expires=60&X-Amz-Signature=s",
        "https://img.example/?X-Amz-Date=29990102T030405Z&X-Amz-Expires=6048000&X-Amz-Signature=s",
        "https://img.example/?X-Tos-Date=20200101T000000Z&X-Tos-Expires=60&X-Tos-Signature=s",
        "https://img.example/?authorization=bce-auth-v1/k/2020-01-01T00:00:00Z/60//s",
        "https://img.example/?ex=5e0be100&is=5e0a8f80&hm=abc",
        "https://img.example/?Expires=1577836800&amp;OSSAccessKeyId=k&amp;Signature=s",
    ] {
        let (kind, took) = probe(&world, url).await;
        assert!(kind.is_some() && took.is_zero(), "{url}");
    }
    assert_eq!((world.look_ups().len(), world.dialled().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_text_decides_between_refused_rejected_and_skipped() {
    let kind = |url: &'static str| async move { probe(&World::default(), url).await.0.unwrap() };
    assert_eq!(kind("oss://bucket/key").await, FetchErrorKind::Opaque);
    assert!(matches!(
        kind("http://134744072/").await,
        FetchErrorKind::Url(_)
    ));
    assert!(matches!(
        kind("http://2130706433/").await,
        FetchErrorKind::Refused(_)
    ));
    let expired =
        "https://img.example/?X-Amz-Date=20200102T030405Z&X-Amz-Expires=60&X-Amz-Signature=SECRET";
    assert!(matches!(
        kind(expired).await,
        FetchErrorKind::Expired { .. }
    ));
    let fetched = look(&World::default().fetcher(), expired).await;
    assert!(!format!("{fetched:?}").contains("SECRET"));
}
