//! A server that can lie: it sends what its script says, byte by byte, over TCP or in memory, and
//! keeps count of what was asked and taken.

mod file;
mod peer;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{DuplexStream, duplex};
use tokio::net::TcpListener;
use tokio::time::sleep;

pub use file::{Ranges, partial, whole};
pub use peer::{Peer, Request};

/// How many bytes the in-memory stream holds each way before a writer must wait: what a small
/// receive buffer would hold.
pub const WINDOW: usize = 32 * 1024;

type Playing = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;
type Script = Arc<dyn Fn(Peer) -> Playing + Send + Sync>;

/// A server that plays a script to everyone who connects. Clones are the same server.
///
/// ```
/// use testkit::Server;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = Server::new(|mut peer| async move {
///     let request = peer.request().await?;
///     assert_eq!(request.target(), "/a");
///     peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n").await
/// });
/// let mut client = server.connect();
/// client.write_all(b"GET /a HTTP/1.1\r\n\r\n").await?;
/// let mut answer = String::new();
/// client.read_to_string(&mut answer).await?;
/// assert!(answer.starts_with("HTTP/1.1 103"));
/// assert_eq!(server.requests().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    script: Script,
    log: Arc<Mutex<Log>>,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) is_brief: bool,
    pub(crate) asked: u64,
    pub(crate) requests: Vec<Request>,
    pub(crate) sent: u64,
    pub(crate) dialled: Vec<SocketAddr>,
    pub(crate) connections: usize,
    pub(crate) open: usize,
    pub(crate) most_open: usize,
    pub(crate) panicked: bool,
}

impl Log {
    pub(crate) fn note(&mut self, request: &Request) {
        self.asked += 1;
        if !self.is_brief {
            self.requests.push(request.clone());
        }
    }
}

impl Server {
    /// A server that plays a script. An I/O error ends the script: the client went away.
    pub fn new<F, P>(script: F) -> Self
    where
        F: Fn(Peer) -> P + Send + Sync + 'static,
        P: Future<Output = io::Result<()>> + Send + 'static,
    {
        Self {
            script: Arc::new(move |peer| Box::pin(script(peer))),
            log: Arc::default(),
        }
    }

    /// The same server, which counts and keeps no request and no address: for more of them than memory
    /// should hold.
    #[must_use]
    pub fn brief(self) -> Self {
        self.log().is_brief = true;
        self
    }

    /// A connection in memory, with [`WINDOW`] bytes each way. Time may be paused.
    pub fn connect(&self) -> DuplexStream {
        let (near, far) = duplex(WINDOW);
        self.play(Peer::new(Box::new(far), Arc::clone(&self.log)));
        near
    }

    /// Plays the script over a stream that someone else made, such as a TLS one.
    pub fn serve(&self, stream: impl peer::Stream + 'static) {
        self.play(Peer::new(Box::new(stream), Arc::clone(&self.log)));
    }

    /// Listens on a TCP address, port 0 for any, for as long as the runtime lives.
    ///
    /// # Errors
    ///
    /// Those of binding.
    pub async fn listen(&self, address: &str) -> io::Result<SocketAddr> {
        self.listen_on(TcpListener::bind(address).await?)
    }

    /// Listens on a socket that was set up, for as long as the runtime lives.
    ///
    /// # Errors
    ///
    /// It has no address.
    pub fn listen_on(&self, listener: TcpListener) -> io::Result<SocketAddr> {
        let address = listener.local_addr()?;
        let server = self.clone();
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    // No descriptor is free: one will be.
                    sleep(Duration::from_millis(10)).await;
                    continue;
                };
                if let Ok(dialled) = stream.local_addr()
                    && !server.log().is_brief
                {
                    server.log().dialled.push(dialled);
                }
                server.play(Peer::tcp(stream, Arc::clone(&server.log)));
            }
        });
        Ok(address)
    }

    /// How many requests there were so far.
    pub fn asked(&self) -> u64 {
        self.log().asked
    }

    /// The requests so far, in order of their arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.log().requests.clone()
    }

    /// Bytes that the clients' side took so far, over all connections. In memory that is exact to
    /// [`WINDOW`] bytes a connection; over TCP the kernels' buffers are counted as taken.
    pub fn sent(&self) -> u64 {
        self.log().sent
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.log().connections
    }

    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.log().open
    }

    /// The most connections that were open at once.
    pub fn most_open(&self) -> usize {
        self.log().most_open
    }

    /// The local address of every accepted TCP connection: what the client really dialled.
    pub fn dialled(&self) -> Vec<SocketAddr> {
        self.log().dialled.clone()
    }

    fn play(&self, peer: Peer) {
        let log = Arc::clone(&self.log);
        {
            let mut log = self.log();
            log.connections += 1;
            log.open += 1;
            log.most_open = log.most_open.max(log.open);
        }
        let playing = (self.script)(peer);
        tokio::spawn(async move {
            let _end = End(log);
            let _ = playing.await;
        });
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }
}

/// A script that panicked (an assertion about a request, say) fails the test that owns the server.
impl Drop for Server {
    fn drop(&mut self) {
        let panicked = self.log().panicked;
        assert!(
            !panicked || std::thread::panicking(),
            "the server's script panicked"
        );
    }
}

/// Notes the end of a script, whichever way it ends.
struct End(Arc<Mutex<Log>>);

impl Drop for End {
    fn drop(&mut self) {
        let mut log = lock(&self.0);
        log.open -= 1;
        log.panicked |= std::thread::panicking();
    }
}

pub(crate) fn lock(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
