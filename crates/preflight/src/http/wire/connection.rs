//! One HTTP/1.1 connection, driven by whoever waits for it.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::http::response::Parts;
use hyper::{Request, http};
use hyper_util::rt::TokioIo;

use super::clock::Clock;
use super::dial::{Dial, Transport, race};
use super::meter::{ByteBudget, Meter, Payer};
use super::tls::Tls;
use crate::http::error::{FetchError, FetchErrorKind, FetchLimit, Phase, Shortage};
use crate::http::limits;
use crate::http::url::TargetUrl;

/// Opens connections.
pub(crate) struct Connector {
    pub(crate) dialer: Arc<dyn Dial>,
    pub(crate) tls: Tls,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl Connector {
    /// Connects to one of the addresses, which have been judged, and shakes hands.
    pub(crate) async fn open(
        &self,
        url: &TargetUrl,
        addresses: &[IpAddr],
        receive_buffer: Option<u32>,
        clock: &Clock,
        budget: &ByteBudget,
    ) -> Result<Connection, FetchError> {
        let dialling = race(&self.dialer, addresses, url.port(), receive_buffer);
        let (stream, address) = clock
            .within(Phase::Connect, dialling)
            .await?
            .map_err(no_connection)?;
        let payer = Payer::new(budget);
        let stream = Meter::new(stream, payer.clone());
        let stream: Box<dyn Transport> = if url.is_https() {
            let handshake = self.tls.connect(url.host(), stream);
            let encrypted = clock.within(Phase::Tls, handshake).await?;
            Box::new(encrypted.map_err(|error| over_budget(budget).unwrap_or(error))?)
        } else {
            Box::new(stream)
        };
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(limits::MAX_HEAD)
            .max_headers(limits::MAX_FIELDS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| explain(error, budget))?;
        Ok(Connection {
            sender,
            driver: Some(Box::pin(driver)),
            body: None,
            address,
            payer,
        })
    }
}

fn no_connection(error: io::Error) -> FetchError {
    let kind = if is_out_of_files(&error) {
        FetchErrorKind::OwnShortage(Shortage::OpenFiles)
    } else {
        FetchErrorKind::Connect
    };
    FetchError::new(kind).with_source(error)
}

/// Whether this process, or this machine, has no file descriptor left.
#[cfg(unix)]
fn is_out_of_files(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE)
    )
}

#[cfg(not(unix))]
fn is_out_of_files(_error: &io::Error) -> bool {
    false
}

type Sender = http1::SendRequest<Empty<Bytes>>;
type Driver = http1::Connection<TokioIo<Box<dyn Transport>>, Empty<Bytes>>;

/// A connection, with the body that is being read from it. It has no task of its own: it moves only
/// while one of its futures is polled, and closes its socket when it is dropped.
pub(crate) struct Connection {
    sender: Sender,
    /// None once it has come to its end.
    driver: Option<Pin<Box<Driver>>>,
    /// None before a response, and once its body was read to the end.
    body: Option<Incoming>,
    address: IpAddr,
    payer: Payer,
}

impl Connection {
    /// The address that was dialled, as it was judged.
    pub(crate) const fn address(&self) -> IpAddr {
        self.address
    }

    /// From now on another fetch pays for what comes.
    pub(crate) fn charge(&self, budget: &ByteBudget) {
        self.payer.charge(budget);
    }

    /// Sends a request and waits for the head of the response, past any 1xx.
    pub(crate) async fn send(
        &mut self,
        request: Request<Empty<Bytes>>,
    ) -> Result<Parts, FetchError> {
        let Self {
            sender,
            driver,
            payer,
            ..
        } = self;
        let response = async {
            sender.ready().await?;
            sender.send_request(request).await
        };
        let response: http::Response<Incoming> = drive(driver, response)
            .await
            .map_err(|error| explain(error, &payer.budget()))?;
        let (head, body) = response.into_parts();
        self.body = Some(body);
        Ok(head)
    }

    /// Bytes left of the body, as the framing tells. 0 without a body.
    pub(crate) fn rest(&self) -> Option<u64> {
        self.body
            .as_ref()
            .map_or(Some(0), |body| body.size_hint().exact())
    }

    /// The next piece of the body, of at most 16 KiB; none at its end. Trailers are passed over.
    pub(crate) async fn next_piece(&mut self) -> Result<Option<Bytes>, FetchError> {
        let Self {
            driver,
            body: current,
            payer,
            ..
        } = self;
        while let Some(body) = current {
            let Some(frame) = drive(driver, body.frame()).await else {
                *current = None;
                break;
            };
            let frame = frame.map_err(|error| explain(error, &payer.budget()))?;
            if let Ok(piece) = frame.into_data() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// Whether another request can be sent: the last body was read to its end, and the server has
    /// neither closed the connection nor sent a byte that nobody asked for.
    pub(crate) fn is_open(&mut self) -> bool {
        if self.body.is_some() {
            return false;
        }
        // Once to see what has come, and once more to make room for a request.
        for _ in 0..2 {
            let Some(driver) = &mut self.driver else {
                return false;
            };
            let mut cx = Context::from_waker(Waker::noop());
            if driver.as_mut().poll(&mut cx).is_ready() {
                self.driver = None;
            }
        }
        self.driver.is_some() && self.sender.is_ready()
    }
}

/// Polls a future and, beside it, the connection that it waits for.
async fn drive<F: Future>(driver: &mut Option<Pin<Box<Driver>>>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        // Its own result is not needed: whatever ends a connection also ends the exchange on it.
        if driver
            .as_mut()
            .is_some_and(|driver| driver.as_mut().poll(cx).is_ready())
        {
            *driver = None;
        }
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(output),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn over_budget(budget: &ByteBudget) -> Option<FetchError> {
    let limit = budget.limit();
    budget
        .is_used_up()
        .then(|| FetchErrorKind::Limit(FetchLimit::SocketBytes { limit }).into())
}

/// What an error of hyper's means.
fn explain(error: hyper::Error, budget: &ByteBudget) -> FetchError {
    if let Some(over) = over_budget(budget) {
        return over;
    }
    let kind = if error.is_parse_too_large() {
        FetchErrorKind::Limit(FetchLimit::Head {
            bytes: limits::MAX_HEAD,
            fields: limits::MAX_FIELDS,
        })
    } else if error.is_parse() || io_kind(&error).is_some_and(is_bad_framing) {
        FetchErrorKind::BadHttp
    } else {
        FetchErrorKind::Closed
    };
    FetchError::new(kind).with_source(error)
}

fn io_kind(error: &hyper::Error) -> Option<io::ErrorKind> {
    use std::error::Error;
    Some(error.source()?.downcast_ref::<io::Error>()?.kind())
}

/// hyper's words for chunks that break RFC 9112, section 7.1.
const fn is_bad_framing(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}
