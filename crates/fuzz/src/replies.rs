//! What an image's server answers.

use std::sync::Arc;

use preflight::http::{FetchErrorKind, FetchLimit};
use preflight::{Content, probe_bytes};
use testkit::server::{Peer, Request, Server, partial, whole};
use testkit::world::World;
use tokio::time::Instant;

use crate::draw::Draw;
use crate::net::{ADDRESS, LONGEST, fetcher, runtime, within_budgets};

/// Ends one reply in the input and begins the next.
const BETWEEN: &[u8] = b"\xFF\x00";

/// Whatever a server replies, a fetch ends within its budgets of time, bytes, requests and redirects,
/// and dials no address but the server's own. The input holds replies, parted by `FF 00`.
pub fn replies(data: &[u8]) {
    let replies = Arc::new(split(data));
    runtime().block_on(async {
        let server = Server::new(move |mut peer| {
            let replies = Arc::clone(&replies);
            async move {
                for reply in replies.iter() {
                    peer.request().await?;
                    peer.send(reply).await?;
                }
                Ok(())
            }
        });
        let world = World::default().server("img.example", ADDRESS, &server);
        let fetcher = fetcher(&world);
        let url = fetcher
            .parse("http://img.example/a.jpg")
            .expect("a plain URL");
        let start = Instant::now();
        let fetched = fetcher.probe(&url).await;
        assert!(start.elapsed() <= LONGEST, "{:?}", start.elapsed());
        within_budgets(&fetched);
        if let Ok(probed) = fetched.outcome {
            assert_eq!(probed.len, fetched.facts.validators.len);
        }
        assert!(
            world
                .dialled()
                .iter()
                .all(|address| address.ip() == ADDRESS)
        );
    });
}

fn split(data: &[u8]) -> Vec<Vec<u8>> {
    let mut replies = vec![Vec::new()];
    let mut rest = data;
    while let Some((&first, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(BETWEEN) {
            replies.push(Vec::new());
            rest = tail;
        } else {
            replies.last_mut().expect("never empty").push(first);
            rest = tail;
        }
    }
    replies
}

/// How an honest server sends a file.
#[derive(Clone, Copy, Debug)]
enum Style {
    /// The ranges that are asked for.
    Ranges,
    /// The same, and it does not say how long the file is.
    Unmeasured,
    /// All of it, each time.
    Whole,
    /// All of it, in chunks.
    Chunks,
    /// All of it, until the connection ends.
    ToTheEnd,
}

/// However an honest server sends a file, and in whatever pieces, it is what its bytes are, or a
/// limit was reached. The first byte chooses how it is sent, the next two the pieces, the fourth how
/// many segments of metadata stand before what makes up the rest of the input.
pub fn transfers(data: &[u8]) {
    let mut draw = Draw::new(data);
    let style = draw.of([
        Style::Ranges,
        Style::Unmeasured,
        Style::Whole,
        Style::Chunks,
        Style::ToTheEnd,
    ]);
    let piece = usize::from(u16::from_be_bytes(draw.bytes())).max(1);
    let segments = usize::from(draw.byte());
    let file = match segments {
        0 => draw.rest().to_vec(),
        _ => [
            b"\xFF\xD8",
            SEGMENT.repeat(segments).as_slice(),
            draw.rest(),
        ]
        .concat(),
    };
    let expected = probe_bytes(&file).content;
    let len = file.len() as u64;
    let file = Arc::new(file);
    runtime().block_on(async {
        let server = Server::new(move |mut peer| {
            let file = Arc::clone(&file);
            async move {
                loop {
                    let request = peer.request().await?;
                    let reply = style.reply(&request, &file, piece);
                    in_pieces(&mut peer, &reply, piece).await?;
                    if matches!(style, Style::ToTheEnd) {
                        return Ok(());
                    }
                }
            }
        });
        let world = World::default().server("img.example", ADDRESS, &server);
        let fetcher = fetcher(&world);
        let url = fetcher.parse("http://img.example/a").expect("a plain URL");
        let fetched = fetcher.probe(&url).await;
        within_budgets(&fetched);
        match &fetched.outcome {
            Ok(probed) => {
                let content = match probed.content {
                    // A file whose length no server told may be shorter than its header says.
                    Content::Image(header) if probed.len.is_none() => {
                        header.check_len(len).map_or(expected, |()| probed.content)
                    }
                    content => content,
                };
                assert_eq!(content, expected, "{style:?} {:?}", fetched.facts);
            }
            // An end that comes early may be the connection's as well as the file's.
            Err(error)
                if matches!(style, Style::ToTheEnd) && *error.kind() == FetchErrorKind::Closed =>
            {
                assert!(!matches!(expected, Content::Image(_)), "{expected:?}");
            }
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    FetchErrorKind::BotChallenge
                        | FetchErrorKind::Limit(
                            FetchLimit::BodyBytes { .. }
                                | FetchLimit::Requests { .. }
                                | FetchLimit::SocketBytes { .. }
                        )
                ),
                "{error:?} of {style:?}, but it is {expected:?}"
            ),
        }
    });
}

/// A segment of metadata of 1,000 bytes.
const SEGMENT: [u8; 1_002] = {
    let mut segment = [0; 1_002];
    [segment[0], segment[1], segment[2], segment[3]] = [0xFF, 0xED, 0x03, 0xE8];
    segment
};

async fn in_pieces(peer: &mut Peer, reply: &[u8], piece: usize) -> std::io::Result<()> {
    // So many that a body of 256 KiB comes in time.
    for part in reply.chunks(piece.max(reply.len() / 200)) {
        peer.send(part).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

impl Style {
    fn reply(self, request: &Request, file: &[u8], piece: usize) -> Vec<u8> {
        match self {
            Self::Ranges => partial(request, file),
            Self::Unmeasured => {
                let reply = partial(request, file);
                let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n");
                let (head, body) = reply.split_at(end.expect("a head") + 2);
                let head = String::from_utf8_lossy(head);
                let head = head.replace(&format!("/{}\r\n", file.len()), "/*\r\n");
                [head.as_bytes(), body].concat()
            }
            Self::Whole => whole(file),
            Self::Chunks => {
                let mut reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
                for chunk in file.chunks(piece) {
                    reply.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    reply.extend(chunk);
                    reply.extend(b"\r\n");
                }
                reply.extend(b"0\r\n\r\n");
                reply
            }
            Self::ToTheEnd => [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", file].concat(),
        }
    }
}
