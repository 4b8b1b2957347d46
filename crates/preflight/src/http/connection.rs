//! One HTTP/1.1 connection, driven by whoever waits for it.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use super::budget;
use super::clock::Clock;
use super::dial::{Dial, Transport, race};
use super::error::{FetchError, FetchErrorKind, FetchLimit, Phase};
use super::meter::{Allowance, Meter};
use super::tls::Tls;
use super::url::TargetUrl;

/// Opens connections.
pub(super) struct Connector {
    pub(super) dialer: Arc<dyn Dial>,
    pub(super) tls: Tls,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl Connector {
    /// Connects to one of the addresses, which have been judged, and shakes hands.
    pub(super) async fn open(
        &self,
        url: &TargetUrl,
        addresses: &[IpAddr],
        receive_buffer: Option<u32>,
        clock: &Clock,
        allowance: &Allowance,
    ) -> Result<Connection, FetchError> {
        let dialling = race(&self.dialer, addresses, url.port(), receive_buffer);
        let stream = clock
            .within(Phase::Connect, budget::CONNECT, dialling)
            .await?
            .map_err(|error| FetchError::new(FetchErrorKind::Connect).with_source(error))?;
        let stream = Meter::new(stream, allowance.clone());
        let stream: Box<dyn Transport> = if url.is_https() {
            let handshake = self.tls.connect(url.host(), stream);
            let encrypted = clock.within(Phase::Tls, budget::TLS, handshake).await?;
            Box::new(encrypted.map_err(|error| over_budget(allowance).unwrap_or(error))?)
        } else {
            Box::new(stream)
        };
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(budget::MAX_HEAD)
            .max_headers(budget::MAX_FIELDS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| explain(error, allowance))?;
        Ok(Connection {
            sender,
            driver: Some(Box::pin(driver)),
            allowance: allowance.clone(),
        })
    }
}

type Sender = http1::SendRequest<Empty<Bytes>>;
type Driver = http1::Connection<TokioIo<Box<dyn Transport>>, Empty<Bytes>>;

/// A connection. It has no task of its own: it moves only while one of its futures is polled, and
/// closes its socket when it is dropped.
pub(super) struct Connection {
    sender: Sender,
    /// None once it has come to its end.
    driver: Option<Pin<Box<Driver>>>,
    allowance: Allowance,
}

impl Connection {
    /// Sends a request and waits for the head of the response, past any 1xx.
    pub(super) async fn send(
        &mut self,
        request: Request<Empty<Bytes>>,
    ) -> Result<Response<Incoming>, FetchError> {
        let Self {
            sender,
            driver,
            allowance,
        } = self;
        let response = async {
            sender.ready().await?;
            sender.send_request(request).await
        };
        drive(driver, response)
            .await
            .map_err(|error| explain(error, allowance))
    }

    /// The next piece of a body, of at most 16 KiB; none at its end. Trailers are passed over.
    pub(super) async fn next_piece(
        &mut self,
        body: &mut Incoming,
    ) -> Result<Option<Bytes>, FetchError> {
        let Self {
            driver, allowance, ..
        } = self;
        loop {
            let Some(frame) = drive(driver, body.frame()).await else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| explain(error, allowance))?;
            if let Ok(piece) = frame.into_data() {
                return Ok(Some(piece));
            }
        }
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

fn over_budget(allowance: &Allowance) -> Option<FetchError> {
    let limit = allowance.limit();
    allowance
        .is_used_up()
        .then(|| FetchErrorKind::Limit(FetchLimit::SocketBytes { limit }).into())
}

/// What an error of hyper's means.
fn explain(error: hyper::Error, allowance: &Allowance) -> FetchError {
    if let Some(over) = over_budget(allowance) {
        return over;
    }
    let kind = if error.is_parse_too_large() {
        FetchErrorKind::Limit(FetchLimit::Head {
            bytes: budget::MAX_HEAD,
            fields: budget::MAX_FIELDS,
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
