//! Connections that outlive their URL: what is gained, and how many stay for how long.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use preflight::http::{AddressPolicy, FetchErrorKind, Fetched, Refusal};
use preflight::{Content, Format};
use testkit::server::{Peer, Ranges, Server, partial};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::{ADDRESS, Fetchers, World, jpeg, look, png};

pub(crate) const PNG: &str = "http://img.example/a.png";
pub(crate) const JPEG: &str = "http://img.example/b.jpg";

const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(8, 8, 4, 4));

/// The file that a request is for.
pub(crate) fn file(target: &str) -> Vec<u8> {
    if target.ends_with(".png") {
        png()
    } else {
        jpeg(0)
    }
}

pub(crate) async fn serve(mut peer: Peer) -> io::Result<()> {
    loop {
        let request = peer.request().await?;
        peer.send(&partial(&request, &file(request.target())))
            .await?;
    }
}

fn honest() -> (Server, World) {
    let server = Server::new(serve);
    let world = World::default().server("img.example", ADDRESS, &server);
    (server, world)
}

pub(crate) fn format(fetched: &Fetched) -> Format {
    match fetched.outcome.as_ref().unwrap().content {
        Content::Image(header) => header.format,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn urls_of_one_host_share_one_connection_and_pay_each_for_itself() {
    let (server, world) = honest();
    let fetcher = world.fetcher();
    let mut received = 0;
    for n in 0..150 {
        let fetched = look(&fetcher, if n % 2 == 0 { PNG } else { JPEG }).await;
        assert_eq!(fetched.facts.connections, u32::from(n == 0));
        assert_eq!(fetched.facts.requests, 1);
        received += fetched.facts.socket_bytes;
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 150));
    assert_eq!((world.look_ups().len(), world.dialled().len()), (1, 1));
    assert_eq!(received, server.sent(), "every byte was paid for once");
}

#[tokio::test(start_paused = true)]
async fn sixteen_at_once_open_sixteen_connections() {
    let (server, world) = honest();
    let fetcher = world.builder().per_host(16).build().unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..400 {
        let fetcher = fetcher.clone();
        tasks.spawn(async move { look(&fetcher, JPEG).await });
    }
    assert!(
        tasks
            .join_all()
            .await
            .iter()
            .all(|fetched| fetched.outcome.is_ok())
    );
    assert!(server.connections() <= 16, "{}", server.connections());
    assert_eq!(world.look_ups().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_host_port_or_purpose_has_a_connection_of_its_own() {
    let (server, world) = honest();
    let world = world.name("twin.example", &[ADDRESS]);
    let fetcher = world.fetcher();
    for url in [
        PNG,
        "http://twin.example/a.png",
        "http://img.example:8080/a.png",
    ] {
        assert_eq!(look(&fetcher, url).await.facts.connections, 1, "{url}");
    }
    // A download wants another receive buffer.
    let url = fetcher.parse(PNG).unwrap();
    assert_eq!(fetcher.download(&url, 9_999).await.facts.connections, 1);
    assert_eq!(fetcher.download(&url, 9_999).await.facts.connections, 0);
    assert_eq!(server.connections(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_holds_no_permit_and_closes_after_seconds() {
    let (_server, world) = honest();
    let world = world.server("other.example", OTHER, &Server::new(serve));
    let fetcher = world.builder().concurrency(1).per_host(1).build().unwrap();
    assert!(look(&fetcher, PNG).await.outcome.is_ok());
    assert!(
        look(&fetcher, "http://other.example/a.png")
            .await
            .outcome
            .is_ok()
    );
    assert_eq!(world.sockets().0, 2);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(world.sockets().0, 0);
    assert_eq!(look(&fetcher, PNG).await.facts.connections, 1);
    drop(fetcher);
    assert_eq!(world.sockets().0, 0, "nothing outlives the fetcher");
}

#[tokio::test(start_paused = true)]
async fn of_a_thousand_hosts_few_connections_stay() {
    let server = Server::new(serve);
    let mut world = World::default();
    for n in 0..1_000_u16 {
        let [high, low] = n.to_be_bytes();
        world = world.server(&format!("h{n}.example"), [8, 8, high, low].into(), &server);
    }
    let fetcher = world.fetcher();
    for n in 0..1_000 {
        assert!(
            look(&fetcher, &format!("http://h{n}.example/a.png"))
                .await
                .outcome
                .is_ok()
        );
    }
    let (open, most) = world.sockets();
    assert!(open == 64 && most <= 65, "{open} of {most}");
    // The last ones to be used are those that stay.
    assert_eq!(
        look(&fetcher, "http://h999.example/a.png")
            .await
            .facts
            .connections,
        0
    );
    assert_eq!(
        look(&fetcher, "http://h0.example/a.png")
            .await
            .facts
            .connections,
        1
    );
}

/// Found by counting: such a server got eleven requests, since those that were lost did not count.
#[tokio::test(start_paused = true)]
async fn a_server_that_closes_after_each_answer_gets_six_requests() {
    let file = jpeg(660_000);
    let server = Server::new(move |mut peer| {
        let file = file.clone();
        async move {
            let request = peer.request().await?;
            peer.send(&partial(&request, &file)).await?;
            // Late enough for the next request to be on its way.
            peer.request().await.map(drop)
        }
    });
    let world = World::default().server("img.example", ADDRESS, &server);
    let fetched = look(&world.fetcher(), JPEG).await;
    assert!(matches!(
        fetched.outcome.unwrap_err().kind(),
        FetchErrorKind::Limit(_)
    ));
    assert_eq!((fetched.facts.requests, server.requests().len()), (6, 6));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_must_be_cut_costs_its_connection_and_a_short_one_does_not() {
    for (length, connections) in [(2_000, 1), (64_000, 3)] {
        let mut file = png();
        file.resize(length, 0);
        let server = Server::new(move |mut peer| {
            let file = file.clone();
            async move { peer.serve(&file, Ranges::Ignore).await }
        });
        let world = World::default().server("img.example", ADDRESS, &server);
        let fetcher = world.fetcher();
        for _ in 0..3 {
            assert_eq!(format(&look(&fetcher, PNG).await), Format::Png);
        }
        assert_eq!(server.connections(), connections, "{length} bytes");
    }
}

/// 11 KiB of a rest are read for the sake of the connection; a byte more is not.
#[tokio::test(start_paused = true)]
async fn a_rest_of_just_the_bound_keeps_its_connection() {
    for (rest, connections) in [(11_264, 1), (11_265, 2)] {
        let server = Server::new(move |mut peer| async move {
            loop {
                peer.request().await?;
                let length = png().len() + rest;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
                peer.send(&[head.as_bytes(), &png()].concat()).await?;
                sleep(Duration::from_millis(10)).await;
                peer.send(&vec![0; rest]).await?;
            }
        });
        let world = World::default().server("img.example", ADDRESS, &server);
        let fetcher = world.fetcher();
        for _ in 0..2 {
            assert_eq!(format(&look(&fetcher, PNG).await), Format::Png);
        }
        assert_eq!(server.connections(), connections, "{rest} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rest_that_stalls_delays_the_answer_by_a_quarter_of_a_second_at_most() {
    let server = Server::new(|mut peer| async move {
        let request = peer.request().await?;
        let answer = partial(&request, &jpeg(0));
        let (now, never) = answer.split_at(answer.len() - 1_000);
        peer.send(now).await?;
        sleep(Duration::from_secs(60)).await;
        peer.send(never).await
    });
    let world = World::default().server("img.example", ADDRESS, &server);
    let start = tokio::time::Instant::now();
    assert_eq!(format(&look(&world.fetcher(), JPEG).await), Format::Jpeg);
    assert_eq!(start.elapsed(), Duration::from_millis(250));
    assert_eq!(world.sockets().0, 0);
}

#[tokio::test(start_paused = true)]
async fn an_error_page_and_a_redirect_keep_their_connection() {
    let server = Server::new(|mut peer| async move {
        loop {
            let request = peer.request().await?;
            let answer = match request.target() {
                "/from" => {
                    b"HTTP/1.1 302 Found\r\nLocation: /a.png\r\nContent-Length: 3\r\n\r\nyes"
                        .to_vec()
                }
                "/gone" => b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno".to_vec(),
                target => partial(&request, &file(target)),
            };
            peer.send(&answer).await?;
        }
    });
    let world = World::default().server("img.example", ADDRESS, &server);
    let fetcher = world.fetcher();
    for url in ["http://img.example/gone", "http://img.example/from", PNG] {
        let _ = look(&fetcher, url).await;
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 4));
}

/// The kept connection leads where the host was; it serves only as long as the host is known there.
#[tokio::test(start_paused = true)]
async fn a_host_that_moves_is_followed_when_its_answer_is_old() {
    let (old, new) = (Server::new(serve), Server::new(serve));
    let world = World::default().server("img.example", ADDRESS, &old);
    let fetcher = world.fetcher();
    for _ in 0..4 {
        assert!(look(&fetcher, PNG).await.outcome.is_ok());
        sleep(Duration::from_secs(3)).await;
        drop(world.clone().server("img.example", OTHER, &new));
    }
    assert_eq!(
        (old.requests().len(), old.connections(), new.connections()),
        (4, 1, 0)
    );
    // 12 s later, with a connection to the old address still at hand.
    assert_eq!(world.sockets().0, 1);
    assert!(look(&fetcher, PNG).await.outcome.is_ok());
    assert_eq!((old.requests().len(), new.requests().len()), (4, 1));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_moves_inside_is_refused_and_not_dialled() {
    let (server, world) = honest();
    let fetcher = world.fetcher();
    assert!(look(&fetcher, PNG).await.outcome.is_ok());
    drop(
        world
            .clone()
            .server("img.example", "10.0.0.7".parse().unwrap(), &server),
    );
    // While the answer is pinned there is no window for it; and then it is judged.
    assert!(look(&fetcher, PNG).await.outcome.is_ok());
    sleep(Duration::from_secs(11)).await;
    let refused = FetchErrorKind::Refused(Refusal::Address);
    assert_eq!(
        *look(&fetcher, PNG).await.outcome.unwrap_err().kind(),
        refused
    );
    assert_eq!((world.dialled().len(), world.look_ups().len()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn another_allow_list_has_connections_of_its_own() {
    let server = Server::new(serve);
    let world = World::default().server("img.example", "10.2.0.7".parse().unwrap(), &server);
    let widened = AddressPolicy::public().allow("10.2.0.0/16".parse().unwrap());
    let wide = world.builder().policy(widened).build().unwrap();
    assert!(look(&wide, PNG).await.outcome.is_ok());
    assert_eq!(world.sockets().0, 1);
    let refused = FetchErrorKind::Refused(Refusal::Address);
    assert_eq!(
        *look(&world.fetcher(), PNG)
            .await
            .outcome
            .unwrap_err()
            .kind(),
        refused
    );
    assert_eq!(server.connections(), 1);
}

/// What closes the connections that nobody comes back to goes with the fetcher.
#[tokio::test(start_paused = true)]
async fn no_task_outlives_the_fetcher() {
    let (_server, world) = honest();
    let alive = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = alive();
    let fetcher = world.fetcher();
    assert!(look(&fetcher, PNG).await.outcome.is_ok());
    assert!(alive() > before);
    drop(fetcher);
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    assert_eq!(alive(), before);
}

/// A fetcher that outlives a runtime does not wait for the dead one's sockets.
#[test]
fn another_runtime_has_connections_of_its_own() {
    let world = honest().1;
    let fetcher = world.fetcher();
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    let (first, second) = (runtime(), runtime());
    for runtime in [&first, &second, &second] {
        let fetched = runtime.block_on(look(&fetcher, PNG));
        assert!(fetched.outcome.is_ok(), "{fetched:?}");
    }
    assert_eq!(world.dialled().len(), 2);
}
