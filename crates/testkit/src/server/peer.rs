//! One connection, from the server's side.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Log, lock};

/// Bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The client of a connection, as its server sees it. Dropping it closes the connection.
pub struct Peer {
    link: Link,
    log: Arc<Mutex<Log>>,
    taken: Vec<u8>,
}

enum Link {
    Tcp(TcpStream),
    Other(Box<dyn Stream>),
}

impl Peer {
    pub(super) fn new(stream: Box<dyn Stream>, log: Arc<Mutex<Log>>) -> Self {
        Self {
            link: Link::Other(stream),
            log,
            taken: Vec::new(),
        }
    }

    pub(super) fn tcp(stream: TcpStream, log: Arc<Mutex<Log>>) -> Self {
        Self {
            link: Link::Tcp(stream),
            log,
            taken: Vec::new(),
        }
    }

    /// The address that the client dialled; none of a connection that is not TCP.
    pub fn dialled(&self) -> Option<SocketAddr> {
        match &self.link {
            Link::Tcp(stream) => stream.local_addr().ok(),
            Link::Other(_) => None,
        }
    }

    /// Reads some bytes, whatever they are, and throws them away.
    ///
    /// # Errors
    ///
    /// The client closed the connection, or reset it.
    pub async fn swallow(&mut self) -> io::Result<()> {
        let mut bytes = [0; 1024];
        let count = match &mut self.link {
            Link::Tcp(stream) => stream.read(&mut bytes).await?,
            Link::Other(stream) => stream.read(&mut bytes).await?,
        };
        match count {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Says that nothing more will come (FIN), and goes on to listen.
    ///
    /// # Errors
    ///
    /// The client closed the connection, or reset it.
    pub async fn shut_down(&mut self) -> io::Result<()> {
        match &mut self.link {
            Link::Tcp(stream) => stream.shutdown().await,
            Link::Other(stream) => stream.shutdown().await,
        }
    }

    /// Reads the next request's head, and notes it.
    ///
    /// # Errors
    ///
    /// The client closed the connection, or reset it.
    pub async fn request(&mut self) -> io::Result<Request> {
        loop {
            let end = self.taken.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                let head: Vec<u8> = self.taken.drain(..end + 4).collect();
                let request = Request {
                    head: String::from_utf8_lossy(&head).into_owned(),
                };
                lock(&self.log).note(&request);
                return Ok(request);
            }
            let count = match &mut self.link {
                Link::Tcp(stream) => stream.read_buf(&mut self.taken).await?,
                Link::Other(stream) => stream.read_buf(&mut self.taken).await?,
            };
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Sends bytes, whatever they are.
    ///
    /// # Errors
    ///
    /// The client closed the connection, or reset it.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        // In small pieces, so that what a client that went away has taken is known closely.
        for piece in bytes.chunks(1024) {
            match &mut self.link {
                Link::Tcp(stream) => stream.write_all(piece).await?,
                Link::Other(stream) => {
                    stream.write_all(piece).await?;
                    stream.flush().await?;
                }
            }
            lock(&self.log).sent += piece.len() as u64;
        }
        Ok(())
    }

    /// Sends bytes one by one, with a pause before each.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn drip(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            sleep(pause).await;
            self.send(&[*byte]).await?;
        }
        Ok(())
    }

    /// Sends the same bytes again and again until the client has had enough.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send): the only way that this ends.
    pub async fn flood(&mut self, bytes: &[u8]) -> io::Result<()> {
        loop {
            self.send(bytes).await?;
        }
    }

    /// Says and closes nothing until the client goes away.
    ///
    /// # Errors
    ///
    /// Always, in the end: the client went away.
    pub async fn wait_for_the_end(&mut self) -> io::Result<()> {
        loop {
            self.request().await?;
        }
    }

    /// Ends the connection with a reset (RST) rather than an orderly close. TCP only.
    ///
    /// # Errors
    ///
    /// Those of the socket's option.
    ///
    /// # Panics
    ///
    /// Not a TCP connection.
    pub fn reset(self) -> io::Result<()> {
        let Link::Tcp(stream) = self.link else {
            unreachable!("only TCP connections can be reset");
        };
        stream.set_zero_linger()
    }
}

/// The head of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    head: String,
}

impl Request {
    /// All of it, from the request line to the empty line.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The request target: `/path?query`.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// A field's value, by its name in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The first and the last byte of a `Range` with one range.
    pub fn range(&self) -> Option<(u64, u64)> {
        let (first, last) = self
            .field("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?))
    }
}
