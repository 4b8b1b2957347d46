//! Redirects.

use std::net::IpAddr;

use preflight::http::{AddressPolicy, BadRedirect, FetchErrorKind, FetchLimit, Fetched, Refusal};
use testkit::server::{Ranges, Server};

use crate::support::{ADDRESS, Fetchers, URL, World, answer, look, png, settle};

const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(8, 8, 4, 4));

fn redirecting(status: u16, location: &str, fields: &str) -> Server {
    let answer = format!(
        "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\n{fields}Content-Length: 0\r\n\r\n"
    );
    Server::new(move |mut peer| {
        let answer = answer.clone();
        async move {
            loop {
                peer.request().await?;
                peer.send(answer.as_bytes()).await?;
            }
        }
    })
}

fn serving_png() -> Server {
    Server::new(|mut peer| async move { peer.serve(&png(), Ranges::Honour).await })
}

fn kind(fetched: &Fetched) -> &FetchErrorKind {
    fetched
        .outcome
        .as_ref()
        .expect_err("nothing was seen")
        .kind()
}

#[tokio::test(start_paused = true)]
async fn every_redirect_is_followed_and_told() {
    for status in [301, 302, 303, 307, 308] {
        let from = redirecting(status, "//other.example/b.png?x=1", "Set-Cookie: a=b\r\n");
        let to = serving_png();
        let world = World::default()
            .server("img.example", ADDRESS, &from)
            .server("other.example", OTHER, &to);
        let fetched = look(
            &world.fetcher(),
            "http://img.example/a.jpg?X-Amz-Signature=SECRET",
        )
        .await;
        assert!(fetched.outcome.is_ok(), "{fetched:?}");
        assert_eq!(
            fetched.facts.final_url.unwrap().as_str(),
            "http://other.example/b.png?x=1"
        );
        assert_eq!(fetched.facts.redirects.len(), 1);
        assert_eq!((fetched.facts.requests, world.look_ups().len()), (2, 2));
        // Row 50: the next server learns nothing of the one before it.
        let request = &to.requests()[0];
        assert!(
            !request.head().contains("SECRET")
                && !request.head().to_lowercase().contains("img.example")
        );
        assert_eq!(
            (request.field("referer"), request.field("cookie")),
            (None, None)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rows_44_and_52_circles_end_at_once() {
    for (cookie, wants_cookie) in [("", false), ("Set-Cookie: seen=1\r\n", true)] {
        let server = redirecting(302, "/a.jpg", cookie);
        let world = World::default().server("img.example", ADDRESS, &server);
        let fetched = look(&world.fetcher(), URL).await;
        assert_eq!(
            *kind(&fetched),
            FetchErrorKind::RedirectLoop { wants_cookie }
        );
        assert_eq!(server.requests().len(), 1);
    }
    let there = redirecting(302, "http://other.example/a.jpg", "");
    let back = redirecting(302, "http://img.example/a.jpg", "");
    let world = World::default()
        .server("img.example", ADDRESS, &there)
        .server("other.example", OTHER, &back);
    let fetched = look(&world.fetcher(), URL).await;
    assert_eq!(
        *kind(&fetched),
        FetchErrorKind::RedirectLoop {
            wants_cookie: false
        }
    );
    assert_eq!(there.requests().len() + back.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_chain_ends_after_three() {
    let server = redirecting(302, "x/a.jpg", "");
    let world = World::default().server("img.example", ADDRESS, &server);
    let fetched = look(&world.fetcher(), URL).await;
    assert_eq!(
        *kind(&fetched),
        FetchErrorKind::Limit(FetchLimit::Redirects { limit: 3 })
    );
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_nowhere_is_never_an_image() {
    for (fields, expected) in [
        (b"".as_slice(), BadRedirect::NoLocation),
        (b"Location:\r\n", BadRedirect::NoLocation),
        (b"Location: /\xFF\r\n", BadRedirect::NotText),
    ] {
        let head = [
            b"HTTP/1.1 302 Found\r\n",
            fields,
            b"Content-Length: 0\r\n\r\n",
        ]
        .concat();
        let trial = answer(head).await;
        assert_eq!(*trial.kind(), FetchErrorKind::BadRedirect(expected));
    }
    for location in [
        "http://[",
        "ftp://a.example/",
        "file:///etc/passwd",
        "data:image/png;base64,AA",
        "javascript:1",
        "http://u:p@a.example/",
        "\\\\a.example",
        "oss://b/k",
        "http://0x08080404/",
        "https:a",
    ] {
        let trial = answer(format!(
            "HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
        assert!(
            matches!(
                trial.kind(),
                FetchErrorKind::BadRedirect(BadRedirect::Url(_))
            ),
            "{location}: {:?}",
            trial.kind()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_inwards_is_refused_and_nothing_is_dialled() {
    let canary = serving_png();
    for location in [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "//10.0.0.1/",
        "http://inside.example/",
        "http://localhost/",
        "http://kubernetes/",
        "http://[::ffff:127.0.0.1]/",
        "http://0x7f.1/",
        "http://2130706433/",
    ] {
        let from = redirecting(302, location, "");
        let mut world = World::default().server("img.example", ADDRESS, &from);
        for inside in ["127.0.0.1", "169.254.169.254", "::1", "10.0.0.1"] {
            world = world.server("inside.example", inside.parse().unwrap(), &canary);
        }
        let fetched = look(&world.fetcher(), URL).await;
        assert_eq!(
            *kind(&fetched),
            FetchErrorKind::Refused(Refusal::Address),
            "{location}"
        );
        assert_eq!(
            (canary.connections(), world.dialled().len()),
            (0, 1),
            "{location}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_redirect_is_not_read() {
    let from = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(b"HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 10000000\r\n\r\n").await?;
        peer.flood(&[b'x'; 1024]).await
    });
    let to = serving_png();
    let world = World::default()
        .server("img.example", ADDRESS, &from)
        .server("other.example", OTHER, &to);
    let fetched = look(&world.fetcher(), URL).await;
    assert!(fetched.outcome.is_ok());
    settle().await;
    assert!(from.sent() <= 64 * 1024, "{}", from.sent());
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_held_to_the_ports_and_to_the_networks_that_were_opened() {
    let from = redirecting(302, "http://10.2.0.7:9000/b.png", "");
    let to = serving_png();
    let world = World::default()
        .server("img.example", ADDRESS, &from)
        .server("unused.example", "10.2.0.7".parse().unwrap(), &to);
    let widened = AddressPolicy::public().allow("10.2.0.0/16".parse().unwrap());
    assert!(
        look(&world.builder().policy(widened).build().unwrap(), URL)
            .await
            .outcome
            .is_ok()
    );
    let fetched = look(&world.fetcher(), URL).await;
    assert_eq!(*kind(&fetched), FetchErrorKind::Refused(Refusal::Address));
    let from = redirecting(302, "http://other.example:22/", "");
    let world = World::default()
        .server("img.example", ADDRESS, &from)
        .server("other.example", OTHER, &to);
    let fetched = look(&world.fetcher(), URL).await;
    assert_eq!(
        *kind(&fetched),
        FetchErrorKind::Refused(Refusal::Port { port: 22 })
    );
}
