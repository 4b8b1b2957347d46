//! From a judged address to a connection.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep_until};

/// A connection's bytes, both ways.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// A dial under way.
pub type Dialling<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Transport>>> + Send + 'a>>;

/// Opens connections. It is handed nothing but addresses that the
/// [`AddressPolicy`](crate::http::AddressPolicy) has let pass, and must connect to those.
pub trait Dial: Send + Sync {
    /// Connects to an address. `receive_buffer` is what the kernel should buffer at most, in bytes;
    /// none leaves it to the system.
    fn dial(&self, address: SocketAddr, receive_buffer: Option<u32>) -> Dialling<'_>;
}

/// TCP, straight to the address: no proxy, whatever the environment says.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TcpDialer;

impl Dial for TcpDialer {
    fn dial(&self, address: SocketAddr, receive_buffer: Option<u32>) -> Dialling<'_> {
        Box::pin(async move {
            let socket = match address {
                SocketAddr::V4(_) => TcpSocket::new_v4()?,
                SocketAddr::V6(_) => TcpSocket::new_v6()?,
            };
            if let Some(size) = receive_buffer {
                // Before connecting: the window's scale is settled in the handshake.
                socket.set_recv_buffer_size(size)?;
            }
            let stream = socket.connect(address).await?;
            // A transparent redirection would show here; and it costs nothing to know.
            if stream.peer_addr()? != address {
                return Err(io::Error::other(
                    "connected to another address than was judged",
                ));
            }
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Transport>)
        })
    }
}

/// Addresses tried, of each family: of a name with 500 of them, trying all would take minutes.
const MAX_PER_FAMILY: usize = 4;

/// When the next address is tried beside those that have not answered: RFC 8305, section 8.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the first address that accepts. Each is tried a little after the one before it, or
/// at once when that has failed; the rest are dropped when one accepts.
pub(crate) async fn race(
    dialer: &Arc<dyn Dial>,
    addresses: &[IpAddr],
    port: u16,
    receive_buffer: Option<u32>,
) -> io::Result<(Box<dyn Transport>, IpAddr)> {
    let mut waiting = candidates(addresses).into_iter();
    let mut running: Vec<(IpAddr, Dialling<'_>)> = Vec::new();
    let mut error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let mut next = Box::pin(sleep_until(Instant::now()));
    poll_fn(|cx| {
        loop {
            let mut failed = false;
            let mut index = 0;
            while let Some((address, attempt)) = running.get_mut(index) {
                match attempt.as_mut().poll(cx) {
                    Poll::Ready(Ok(stream)) => return Poll::Ready(Ok((stream, *address))),
                    Poll::Ready(Err(reason)) => {
                        error = reason;
                        failed = true;
                        drop(running.swap_remove(index));
                    }
                    Poll::Pending => index += 1,
                }
            }
            let is_time = failed || running.is_empty() || next.as_mut().poll(cx).is_ready();
            if !is_time {
                return Poll::Pending;
            }
            match waiting.next() {
                Some(address) => {
                    let dialling = dialer.dial(SocketAddr::new(address, port), receive_buffer);
                    running.push((address, dialling));
                    next.as_mut().reset(Instant::now() + ATTEMPT_DELAY);
                }
                None if running.is_empty() => {
                    let none = io::Error::from(io::ErrorKind::AddrNotAvailable);
                    return Poll::Ready(Err(core::mem::replace(&mut error, none)));
                }
                None => return Poll::Pending,
            }
        }
    })
    .await
}

/// The first few of each family, in the system's order of preference (RFC 6724), families in turn.
fn candidates(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let of = |v6: bool| {
        addresses
            .iter()
            .filter(move |a| a.is_ipv6() == v6)
            .take(MAX_PER_FAMILY)
    };
    let (mut preferred, mut other) = (of(first_is_v6), of(!first_is_v6));
    let mut all = Vec::new();
    loop {
        let before = all.len();
        all.extend(preferred.next());
        all.extend(other.next());
        if all.len() == before {
            return all;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::net::Ipv4Addr;
    use std::sync::Mutex;

    /// The last number of the address says what it does: 0 never answers, 1 refuses, 2 accepts.
    #[derive(Default)]
    struct Scripted {
        dialled: Mutex<Vec<(u8, Duration)>>,
        start: Option<Instant>,
    }

    impl Dial for Scripted {
        fn dial(&self, address: SocketAddr, _: Option<u32>) -> Dialling<'_> {
            let IpAddr::V4(v4) = address.ip() else {
                unreachable!()
            };
            let [.., kind] = v4.octets();
            self.dialled
                .lock()
                .unwrap()
                .push((kind, self.start.unwrap().elapsed()));
            Box::pin(async move {
                match kind {
                    0 => std::future::pending().await,
                    1 => Err(io::ErrorKind::ConnectionRefused.into()),
                    _ => Ok(Box::new(tokio::io::duplex(1).0) as Box<dyn Transport>),
                }
            })
        }
    }

    async fn run(kinds: &[u8]) -> (bool, Vec<(u8, Duration)>) {
        let scripted = Arc::new(Scripted {
            start: Some(Instant::now()),
            ..Scripted::default()
        });
        let addresses: Vec<IpAddr> = kinds
            .iter()
            .map(|k| Ipv4Addr::new(8, 8, 8, *k).into())
            .collect();
        let dialer: Arc<dyn Dial> = scripted.clone();
        let raced =
            tokio::time::timeout(Duration::from_secs(60), race(&dialer, &addresses, 80, None))
                .await;
        let dialled = scripted.dialled.lock().unwrap().clone();
        (matches!(raced, Ok(Ok(_))), dialled)
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_address_answers_when_the_first_ones_are_black_holes() {
        let ms = Duration::from_millis;
        let (connected, dialled) = run(&[0, 0, 0, 2]).await;
        assert!(connected);
        assert_eq!(
            dialled,
            [(0, ms(0)), (0, ms(250)), (0, ms(500)), (2, ms(750))]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_no_reason_to_wait() {
        let (connected, dialled) = run(&[1, 1, 2, 0]).await;
        assert!(connected);
        assert!(dialled.iter().all(|(_, at)| at.is_zero()) && dialled.len() == 3);
        assert!(!run(&[1, 1]).await.0);
        assert!(!run(&[]).await.0);
    }

    #[test]
    fn at_most_four_of_each_family_are_tried_in_turn() {
        let v4 = |n: u8| IpAddr::from([8, 8, 8, n]);
        let v6 = |n: u16| IpAddr::from([0x2600, 0, 0, 0, 0, 0, 0, n]);
        let mut all: Vec<_> = (0..250).map(v4).collect();
        all.extend((0..250).map(v6));
        assert_eq!(
            candidates(&all),
            [v4(0), v6(0), v4(1), v6(1), v4(2), v6(2), v4(3), v6(3)]
        );
        assert_eq!(candidates(&[v6(1), v6(2), v4(1)]), [v6(1), v4(1), v6(2)]);
    }
}
