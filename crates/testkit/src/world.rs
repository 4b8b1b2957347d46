//! A small internet in memory: names, addresses, and servers behind them, in real or virtual time.
//!
//! It knows no client. A test makes it the resolver and the dialler of the client that it tests.

use std::collections::HashMap;
use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::time::sleep;

use crate::server::Server;

/// What stands at an address.
#[derive(Clone)]
#[non_exhaustive]
pub enum Station {
    /// Nothing answers.
    BlackHole,
    /// Connections are refused.
    Refuses,
    /// Connections fail for the want of a file descriptor, so many times; then a server.
    OutOfFiles(Server, usize),
    /// A server.
    Server(Server),
    /// A server that answers after a round trip of this length, connecting included.
    Far(Server, Duration),
}

/// Names and what stands behind them. Clones are the same world.
///
/// A name that begins with `slow` is looked up for 30 s; an address where nothing stands is a black
/// hole.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    names: HashMap<String, Vec<IpAddr>>,
    stations: HashMap<IpAddr, Station>,
    look_ups: Vec<String>,
    dialled: Vec<SocketAddr>,
    open: usize,
    most_open: usize,
}

/// A client's end of a connection, which the world counts.
pub struct Socket(DuplexStream, World);

impl World {
    /// A name and its addresses, instead of those that it had.
    #[must_use]
    pub fn name(self, name: &str, addresses: &[IpAddr]) -> Self {
        self.state()
            .names
            .insert(name.to_owned(), addresses.to_vec());
        self
    }

    /// What stands at an address, instead of what stood there.
    #[must_use]
    pub fn station(self, address: IpAddr, station: Station) -> Self {
        self.state().stations.insert(address, station);
        self
    }

    /// A server at an address of its own, with a name.
    #[must_use]
    pub fn server(self, name: &str, address: IpAddr, server: &Server) -> Self {
        self.name(name, &[address])
            .station(address, Station::Server(server.clone()))
    }

    /// The names that were looked up, in order.
    pub fn look_ups(&self) -> Vec<String> {
        self.state().look_ups.clone()
    }

    /// The addresses that were dialled, in order.
    pub fn dialled(&self) -> Vec<SocketAddr> {
        self.state().dialled.clone()
    }

    /// Connections that clients hold now, and the most that they held at once.
    pub fn sockets(&self) -> (usize, usize) {
        let state = self.state();
        (state.open, state.most_open)
    }

    /// Looks a name up.
    ///
    /// # Errors
    ///
    /// The future's: nobody has the name.
    pub fn resolve(
        &self,
        name: &str,
    ) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send + use<> {
        let name = name.to_owned();
        let mut state = self.state();
        state.look_ups.push(name.clone());
        let found = state.names.get(&name).cloned();
        async move {
            if name.starts_with("slow") {
                sleep(Duration::from_secs(30)).await;
            }
            found.ok_or_else(|| io::Error::other("Name or service not known"))
        }
    }

    /// Connects to an address.
    ///
    /// # Errors
    ///
    /// The future's: what the [`Station`] says.
    pub fn dial(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Socket>> + Send + use<> {
        /// `EMFILE`, the same number on every Unix that has tests.
        const OUT_OF_FILES: i32 = 24;
        let world = self.clone();
        let mut state = self.state();
        state.dialled.push(address);
        let mut station = state.stations.get_mut(&address.ip());
        if let Some(Station::OutOfFiles(server, times)) = &mut station {
            match times.checked_sub(1) {
                Some(left) => *times = left,
                None => {
                    let server = server.clone();
                    state.stations.insert(address.ip(), Station::Server(server));
                }
            }
        }
        let station = state.stations.get(&address.ip()).cloned();
        async move {
            match station {
                None | Some(Station::BlackHole) => pending().await,
                Some(Station::Refuses) => Err(io::ErrorKind::ConnectionRefused.into()),
                Some(Station::OutOfFiles(..)) => Err(io::Error::from_raw_os_error(OUT_OF_FILES)),
                Some(Station::Server(server)) => Ok(world.open(&server)),
                Some(Station::Far(server, round_trip)) => {
                    sleep(round_trip).await;
                    Ok(world.open(&server))
                }
            }
        }
    }

    fn open(self, server: &Server) -> Socket {
        {
            let mut state = self.state();
            state.open += 1;
            state.most_open = state.most_open.max(state.open);
        }
        Socket(server.connect(), self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.1.state().open -= 1;
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
