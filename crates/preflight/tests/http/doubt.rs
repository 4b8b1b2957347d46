//! Connections that are given up: no URL gets what was sent for another.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use preflight::Format;
use preflight::http::{FetchErrorKind, Fetched, Fetcher};
use proptest::prelude::*;
use testkit::server::{Peer, Server, partial, whole};
use tokio::time::sleep;

use crate::keeping::{JPEG, PNG, file, format, serve};
use crate::support::{ADDRESS, Fetchers, Station, World, look, png};

/// A server whose first connection plays a script after its first answer, and that is honest else.
fn turning<F, P>(script: F) -> (Server, World)
where
    F: Fn(Peer) -> P + Send + Sync + 'static,
    P: Future<Output = io::Result<()>> + Send + 'static,
{
    let (count, script) = (AtomicUsize::new(0), Arc::new(script));
    let server = Server::new(move |mut peer| {
        let is_first = count.fetch_add(1, Ordering::Relaxed) == 0;
        let script = Arc::clone(&script);
        async move {
            if !is_first {
                return serve(peer).await;
            }
            let request = peer.request().await?;
            peer.send(&partial(&request, &file(request.target())))
                .await?;
            script(peer).await
        }
    });
    let world = World::default().server("img.example", ADDRESS, &server);
    (server, world)
}

/// Looks at the PNG and, a second later, at the JPEG.
async fn one_then_the_other(fetcher: &Fetcher) -> Fetched {
    assert_eq!(format(&look(fetcher, PNG).await), Format::Png);
    sleep(Duration::from_secs(1)).await;
    look(fetcher, JPEG).await
}

/// What a server does on a kept connection.
#[derive(Clone)]
enum Turn {
    Closes,
    /// Sends bytes that nobody asked for, after so many milliseconds, and is honest else.
    Sends(u64, Vec<u8>),
    /// Answers the next request with these bytes, and closes.
    Answers(&'static str),
}

/// Whatever the server does to a connection that is kept, the next URL gets its own image.
#[tokio::test(start_paused = true)]
async fn a_connection_is_given_up_at_the_first_sign_of_doubt() {
    use Turn::{Answers, Closes, Sends};
    let late = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
    for (what, turn, requests) in [
        ("closes", Closes, 1),
        ("answers twice", Sends(0, whole(&png())), 1),
        ("answers again, late", Sends(900, whole(&png())), 1),
        ("sends a byte", Sends(0, b"\n".to_vec()), 1),
        ("goes on with the range of before", Sends(0, png()), 1),
        (
            "says that it waited too long, unasked",
            Sends(0, late.into()),
            1,
        ),
        ("says that it waited too long", Answers(late), 2),
        ("closes when asked again", Answers(""), 2),
        ("answers nonsense", Answers("\u{89}PNG"), 2),
        ("gives half an answer", Answers("HTTP/1.1 206 Part"), 2),
    ] {
        let (server, world) = turning(move |mut peer| {
            let turn = turn.clone();
            async move {
                match turn {
                    Closes => Ok(()),
                    Sends(after, bytes) => {
                        sleep(Duration::from_millis(after)).await;
                        peer.send(&bytes).await?;
                        serve(peer).await
                    }
                    Answers(bytes) => {
                        peer.request().await?;
                        peer.send(bytes.as_bytes()).await
                    }
                }
            }
        });
        let fetched = one_then_the_other(&world.fetcher()).await;
        assert_eq!(format(&fetched), Format::Jpeg, "{what}");
        assert_eq!(fetched.facts.requests, requests, "{what}");
        let connections = (fetched.facts.connections, server.connections());
        assert_eq!(connections, (1, 2), "{what}");
    }
}

/// A server that loses every request on a kept connection, and the new one too: once more is enough.
#[tokio::test(start_paused = true)]
async fn a_lost_request_is_sent_once_again_and_counts() {
    let (server, world) = turning(|mut peer| async move { peer.request().await.map(drop) });
    let fetcher = world.fetcher();
    assert!(look(&fetcher, PNG).await.outcome.is_ok());
    drop(world.clone().station(
        ADDRESS,
        Station::Server(Server::new(|mut peer| async move {
            peer.request().await.map(drop)
        })),
    ));
    let fetched = look(&fetcher, JPEG).await;
    assert_eq!(*fetched.outcome.unwrap_err().kind(), FetchErrorKind::Closed);
    assert_eq!((fetched.facts.requests, fetched.facts.connections), (2, 1));
    assert_eq!(server.requests().len(), 2);
}

fn after_an_answer() -> impl Strategy<Value = Vec<(u64, Vec<u8>)>> {
    let sent = prop_oneof![
        Just(whole(&png())),
        Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Just(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(png()),
        prop::collection::vec(any::<u8>(), 1..40),
    ];
    prop::collection::vec((0..1_500_u64, sent), 0..4)
}

proptest! {
    /// Whatever a server sends on a connection before it is asked again, and whenever: the next URL
    /// gets its own image.
    #[test]
    fn no_url_gets_what_was_sent_for_another(sent in after_an_answer(), closes: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (_server, world) = turning(move |mut peer| {
                let sent = sent.clone();
                async move {
                    let unasked = async {
                        for (pause, bytes) in &sent {
                            sleep(Duration::from_millis(*pause)).await;
                            peer.send(bytes).await?;
                        }
                        io::Result::Ok(())
                    };
                    // The server sends this in the second between the URLs; it ends before the next request.
                    if let Ok(sent) = tokio::time::timeout(Duration::from_millis(999), unasked).await {
                        sent?;
                    }
                    if closes { Ok(()) } else { serve(peer).await }
                }
            });
            let fetched = one_then_the_other(&world.fetcher()).await;
            assert_eq!(format(&fetched), Format::Jpeg);
        });
    }
}
