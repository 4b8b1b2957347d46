//! The manners of the servers of a crowd.

use std::io;
use std::time::Duration;

use tokio::time::sleep;

use crate::server::{Peer, Ranges, partial, whole};
use crate::{Ihdr, Jpeg, Png, Sof, hostile};

/// What a server of a crowd does to everyone who connects.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Manner {
    /// An image, with ranges.
    Ranges,
    /// A photograph whose metadata takes a second range.
    Photograph,
    /// An image, without ranges.
    Whole,
    /// An image; the connection is closed behind it.
    Closing,

    /// Accepts, and says nothing.
    Silence,
    /// Closes at once.
    Closes,
    /// Resets at once.
    Resets,
    /// Resets in the middle of the head.
    ResetsInHead,
    /// Resets in the middle of the body.
    ResetsInBody,
    /// Ends its half of the connection in the middle of the head, and listens on.
    HalfClosedHead,
    /// Ends its half of the connection in the middle of the body, and listens on.
    HalfClosedBody,
    /// Sends the head byte by byte.
    DripsHead,
    /// Sends the body byte by byte.
    DripsBody,
    /// Sends a line of the head without end.
    EndlessLine,
    /// Sends fields of the head without end.
    EndlessFields,
    /// Sends informational answers without end.
    EndlessHints,
    /// Sends metadata without end.
    EndlessBody,
    /// Sends metadata without end, a byte a chunk.
    EndlessChunks,
    /// Sends metadata without end, range by range.
    EndlessRanges,
    /// Sends an image, and goes on behind it.
    MoreThanPromised,
    /// Sends what is called gzip, and inflates a thousandfold, without end.
    GzipBomb,
    /// Redirects to itself.
    RedirectLoop,
    /// Redirects to another path each time.
    RedirectChain,
    /// Redirects to another server of the crowd.
    RedirectToNext,
    /// Redirects to an address that must not be dialled.
    RedirectInside,
    /// Sends other ranges than those that were asked for.
    WrongRange,
    /// Says of each range that it is of another file.
    Changes,
    /// Says two lengths.
    TwoLengths,
    /// Speaks another protocol.
    Banner,
    /// Is busy, and asks to come back.
    Busy,
    /// Sends a page.
    Page,
    /// Sends nothing, and says so.
    Empty,
    /// TLS: reads, and says nothing.
    TlsSilence,
    /// TLS: sends noise.
    TlsGarbage,
    /// TLS: answers in plain HTTP.
    TlsPlain,
    /// TLS: refuses by an alert.
    TlsAlert,
    /// TLS: sends a handshake message without end.
    TlsEndless,
    /// TLS: sends a record byte by byte.
    TlsDrips,
}

/// What there is to see at a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else")]
pub enum Shows {
    /// An image that passes.
    Image,
    /// A file that is no image.
    OtherFile,
    /// Nothing that could be judged.
    Nothing,
}

/// A pause between two bytes: a probe's time is over long before the answer is.
const DRIP: Duration = Duration::from_millis(100);

impl Manner {
    /// The manners of servers that serve an image.
    pub const HONEST: [Self; 4] = [Self::Ranges, Self::Photograph, Self::Whole, Self::Closing];

    /// The manners of servers that do not.
    pub const HOSTILE: [Self; 34] = [
        Self::Silence,
        Self::Closes,
        Self::Resets,
        Self::ResetsInHead,
        Self::ResetsInBody,
        Self::HalfClosedHead,
        Self::HalfClosedBody,
        Self::DripsHead,
        Self::DripsBody,
        Self::EndlessLine,
        Self::EndlessFields,
        Self::EndlessHints,
        Self::EndlessBody,
        Self::EndlessChunks,
        Self::EndlessRanges,
        Self::MoreThanPromised,
        Self::GzipBomb,
        Self::RedirectLoop,
        Self::RedirectChain,
        Self::RedirectToNext,
        Self::RedirectInside,
        Self::WrongRange,
        Self::Changes,
        Self::TwoLengths,
        Self::Banner,
        Self::Busy,
        Self::Page,
        Self::Empty,
        Self::TlsSilence,
        Self::TlsGarbage,
        Self::TlsPlain,
        Self::TlsAlert,
        Self::TlsEndless,
        Self::TlsDrips,
    ];

    /// What there is to see at such a server itself, for those who have the time.
    pub(super) const fn shows(self) -> Shows {
        match self {
            Self::Ranges
            | Self::Photograph
            | Self::Whole
            | Self::Closing
            | Self::MoreThanPromised => Shows::Image,
            Self::Empty | Self::Page => Shows::OtherFile,
            _ => Shows::Nothing,
        }
    }

    /// The scheme of URLs of such a server.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::TlsSilence
            | Self::TlsGarbage
            | Self::TlsPlain
            | Self::TlsAlert
            | Self::TlsEndless
            | Self::TlsDrips => "https",
            _ => "http",
        }
    }
}

/// What the servers of a crowd send, made once.
#[derive(Debug)]
pub(super) struct Files {
    png: Vec<u8>,
    photograph: Vec<u8>,
    /// A JPEG of long metadata, which never comes to its size.
    metadata: Vec<u8>,
    /// A segment of a kilobyte that a JPEG may have any number of.
    segment: Vec<u8>,
}

impl Files {
    pub(super) fn new() -> Self {
        let png = Png::new().ihdr(Ihdr::new(840, 1120)).idat_blank(100, 4);
        let photograph = Jpeg::new().app1(b"Exif\0\0", 30_000);
        let photograph = photograph.sof(Sof::Baseline, 800, 600).sos();
        let metadata = hostile::all(1 << 20)
            .into_iter()
            .find(|file| file.name == "full segments");
        Self {
            png: png.iend().build(),
            photograph: photograph.junk(&[0x55; 20_000]).eoi().build(),
            metadata: metadata.expect("it is one of them").bytes,
            segment: Jpeg::headless().app(1, b"", 1_000).build(),
        }
    }
}

/// The head of a JPEG's answer, without a length.
const JPEG_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n\xFF\xD8";

/// Plays a manner to a client. `next` is another server, as the authority of a URL.
///
/// # Errors
///
/// The client went away.
pub(super) async fn play(
    manner: Manner,
    mut peer: Peer,
    files: &Files,
    next: &str,
) -> io::Result<()> {
    match manner {
        Manner::Ranges => peer.serve(&files.png, Ranges::Honour).await,
        Manner::Photograph => peer.serve(&files.photograph, Ranges::Honour).await,
        Manner::Whole => peer.serve(&files.png, Ranges::Ignore).await,
        Manner::Closing => {
            let request = peer.request().await?;
            peer.send(&partial(&request, &files.png)).await
        }
        Manner::Silence | Manner::TlsSilence => silence(&mut peer).await,
        Manner::Closes => Ok(()),
        Manner::Resets => peer.reset(),
        Manner::ResetsInHead => {
            peer.request().await?;
            peer.send(b"HTTP/1.1 200 OK\r\nContent-").await?;
            peer.reset()
        }
        Manner::ResetsInBody => {
            peer.request().await?;
            peer.send(JPEG_HEAD).await?;
            // Long enough for the client to see it: a reset may overtake what was not read.
            sleep(DRIP).await;
            peer.reset()
        }
        Manner::HalfClosedHead => {
            peer.request().await?;
            peer.send(b"HTTP/1.1 200 OK\r\nContent-").await?;
            peer.shut_down().await?;
            silence(&mut peer).await
        }
        Manner::HalfClosedBody => {
            peer.request().await?;
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n\xFF\xD8")
                .await?;
            peer.shut_down().await?;
            silence(&mut peer).await
        }
        Manner::DripsHead => {
            peer.request().await?;
            peer.drip(b"HTTP/1.1 200 OK\r\nX: ", DRIP).await?;
            peer.drip(&[b'x'; 4_000], DRIP).await
        }
        Manner::DripsBody => {
            peer.request().await?;
            peer.send(JPEG_HEAD).await?;
            peer.drip(&files.segment, DRIP).await
        }
        Manner::EndlessLine => flood(&mut peer, b"HTTP/1.1 200 OK\r\nX: ", b"xxxxxxxx").await,
        Manner::EndlessFields => flood(&mut peer, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n").await,
        Manner::EndlessHints => flood(&mut peer, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n").await,
        Manner::EndlessBody => flood(&mut peer, JPEG_HEAD, &files.segment).await,
        Manner::EndlessChunks => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\xFF\xD8\r\n";
            let chunks: Vec<u8> = files
                .segment
                .iter()
                .flat_map(|byte| [b"1\r\n", &[*byte][..], b"\r\n"].concat())
                .collect();
            flood(&mut peer, head, &chunks).await
        }
        Manner::EndlessRanges => peer.serve(&files.metadata, Ranges::Honour).await,
        Manner::MoreThanPromised => {
            let image = whole(&files.png);
            flood(&mut peer, &image, b"HTTP/1.1 200 OK\r\n").await
        }
        Manner::GzipBomb => {
            // Stored blocks would do as well: nobody must inflate them.
            let head =
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1F\x8B\x08\0\0\0\0\0\0\x03";
            flood(&mut peer, head, &[0; 1024]).await
        }
        Manner::RedirectLoop => redirect(&mut peer, str::to_owned).await,
        Manner::RedirectChain => redirect(&mut peer, |request| format!("{request}/x.jpg")).await,
        Manner::RedirectToNext => {
            redirect(&mut peer, |request| format!("http://{next}{request}")).await
        }
        Manner::RedirectInside => redirect(&mut peer, |_| "http://10.0.0.1/".to_owned()).await,
        Manner::WrongRange => {
            let answer = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-5/9\r\nContent-Length: 1\r\n\r\nx";
            repeat(&mut peer, |_| answer.to_vec()).await
        }
        Manner::Changes => {
            for version in 0.. {
                let request = peer.request().await?;
                let mut answer = partial(&request, &files.photograph);
                let tag = answer.windows(4).position(|bytes| bytes == b"\"v1\"");
                if let Some(tag) = tag.and_then(|at| answer.get_mut(at + 1..at + 3)) {
                    tag.copy_from_slice(format!("{:02}", version % 100).as_bytes());
                }
                peer.send(&answer).await?;
            }
            Ok(())
        }
        Manner::TwoLengths => {
            let answer =
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n\xFF\xD8\xFF";
            repeat(&mut peer, |_| answer.to_vec()).await
        }
        Manner::Banner => peer.send(b"SSH-2.0-OpenSSH_9.6\r\n").await,
        Manner::Busy => {
            let answer = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
            repeat(&mut peer, |_| answer.to_vec()).await
        }
        Manner::Page => {
            let page = "<!DOCTYPE html><title>Sign in</title>".repeat(20);
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
            repeat(&mut peer, |_| answer.clone().into_bytes()).await
        }
        Manner::Empty => {
            repeat(&mut peer, |_| {
                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()
            })
            .await
        }
        Manner::TlsGarbage => {
            peer.swallow().await?;
            peer.flood(&[0xA5; 512]).await
        }
        Manner::TlsPlain => {
            peer.swallow().await?;
            peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                .await
        }
        Manner::TlsAlert => {
            peer.swallow().await?;
            // RFC 8446, section 6: a fatal handshake_failure.
            peer.send(&[21, 3, 3, 0, 2, 2, 40]).await
        }
        Manner::TlsEndless => {
            peer.swallow().await?;
            // RFC 8446, section 5.1: records of 16 KiB, whose message says that it is of 16 MB.
            let record = [
                &[22, 3, 3, 0x40, 0, 2, 0xFF, 0xFF, 0xFF][..],
                &[3; 0x4000 - 4],
            ]
            .concat();
            peer.flood(&record).await
        }
        Manner::TlsDrips => {
            peer.swallow().await?;
            let record = [&[22, 3, 3, 0x40, 0, 2, 0, 0x3F, 0xFC][..], &[3; 4_000]].concat();
            peer.drip(&record, DRIP).await
        }
    }
}

/// Listens, and says nothing, until the client goes away.
async fn silence(peer: &mut Peer) -> io::Result<()> {
    loop {
        peer.swallow().await?;
    }
}

async fn flood(peer: &mut Peer, head: &[u8], bytes: &[u8]) -> io::Result<()> {
    peer.request().await?;
    peer.send(head).await?;
    peer.flood(bytes).await
}

async fn repeat(peer: &mut Peer, mut answer: impl FnMut(&str) -> Vec<u8>) -> io::Result<()> {
    loop {
        let request = peer.request().await?;
        peer.send(&answer(request.target())).await?;
    }
}

async fn redirect(peer: &mut Peer, to: impl Fn(&str) -> String) -> io::Result<()> {
    repeat(peer, |request| {
        let location = to(request);
        format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
            .into_bytes()
    })
    .await
}
