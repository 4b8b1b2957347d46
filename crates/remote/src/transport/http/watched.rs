//! How far a request got.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::transport::departure::Departure;

/// A body that knows whether it was asked for, and tells so.
///
/// The connection asks for it once it stands and takes the request; until then not a byte of the
/// body is anywhere but here. That is how we know that a failed request cannot have been charged,
/// whatever the layers below call the failure.
pub(super) struct Watched {
    bytes: Option<Bytes>,
    sent: Arc<AtomicBool>,
    departure: Arc<Departure>,
}

impl Watched {
    pub(super) fn new(bytes: Bytes, sent: Arc<AtomicBool>, departure: Arc<Departure>) -> Self {
        Self {
            bytes: Some(bytes),
            sent,
            departure,
        }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.store(true, Ordering::Release);
        self.departure.leave();
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
