//! Honest answers, to build lies on.

use std::io;

use super::{Peer, Request};

/// What a server does with ranges.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Ranges {
    /// Sends what was asked for.
    Honour,
    /// Sends everything.
    Ignore,
}

impl Peer {
    /// Serves a file, request after request, until the client goes away.
    ///
    /// # Errors
    ///
    /// Always, in the end: the client went away.
    pub async fn serve(&mut self, file: &[u8], ranges: Ranges) -> io::Result<()> {
        loop {
            let request = self.request().await?;
            let answer = match ranges {
                Ranges::Honour => partial(&request, file),
                Ranges::Ignore => whole(file),
            };
            self.send(&answer).await?;
        }
    }
}

/// The answer 200 with the whole file.
pub fn whole(file: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.len());
    [head.as_bytes(), file].concat()
}

/// The answer 206 with the range that was asked for, or 416, or 200 where none was asked for.
pub fn partial(request: &Request, file: &[u8]) -> Vec<u8> {
    let total = file.len();
    let Some((first, last)) = request.range() else {
        return whole(file);
    };
    let first = usize::try_from(first).unwrap_or(usize::MAX);
    let end = usize::try_from(last).map_or(total, |last| last.saturating_add(1).min(total));
    let Some(part) = file.get(first..end).filter(|part| !part.is_empty()) else {
        return format!("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{total}\r\nContent-Length: 0\r\n\r\n")
            .into_bytes();
    };
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{}/{total}\r\nContent-Length: {}\r\n\
         ETag: \"v1\"\r\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\n\r\n",
        end - 1,
        part.len(),
    );
    [head.as_bytes(), part].concat()
}
