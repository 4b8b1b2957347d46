//! Counts what a fetch receives, under TLS, and ends it at a limit.

use core::pin::Pin;
use core::sync::atomic::{AtomicU64, Ordering};
use core::task::{Context, Poll, ready};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that a fetch may receive, on all of its connections together.
#[derive(Clone, Debug)]
pub(crate) struct ByteBudget {
    limit: u64,
    received: Arc<AtomicU64>,
}

impl ByteBudget {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            received: Arc::default(),
        }
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes received.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Whether it is used up. What fails after that fails for this reason.
    pub(crate) fn is_used_up(&self) -> bool {
        self.received() >= self.limit
    }
}

/// The budget that a connection draws on. It is another one with each fetch that uses the
/// connection.
#[derive(Clone, Debug)]
pub(crate) struct Payer(Arc<Mutex<ByteBudget>>);

impl Payer {
    pub(crate) fn new(budget: &ByteBudget) -> Self {
        Self(Arc::new(Mutex::new(budget.clone())))
    }

    /// From now on another fetch pays.
    pub(crate) fn charge(&self, budget: &ByteBudget) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = budget.clone();
    }

    pub(crate) fn budget(&self) -> ByteBudget {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A stream whose bytes somebody pays for.
#[derive(Debug)]
pub(crate) struct Meter<S> {
    stream: S,
    payer: Payer,
}

impl<S> Meter<S> {
    pub(crate) const fn new(stream: S, payer: Payer) -> Self {
        Self { stream, payer }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Meter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let budget = self.payer.budget();
        let left = budget.limit.saturating_sub(budget.received());
        if left == 0 {
            return Poll::Ready(Err(io::Error::other("the byte budget is used up")));
        }
        let most =
            usize::try_from(left).map_or(buffer.remaining(), |left| left.min(buffer.remaining()));
        let mut window = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut window))?;
        let count = window.filled().len();
        buffer.advance(count);
        budget.received.fetch_add(count as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Meter<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn not_one_byte_more_than_the_budget_is_taken() {
        let budget = ByteBudget::new(10);
        let mut first = Meter::new(&[1; 6][..], Payer::new(&budget));
        let mut second = Meter::new(&[2; 99][..], Payer::new(&budget));
        let mut taken = Vec::new();
        assert_eq!(first.read_to_end(&mut taken).await.unwrap(), 6);
        assert!(second.read_to_end(&mut taken).await.is_err());
        assert_eq!(taken, [1, 1, 1, 1, 1, 1, 2, 2, 2, 2]);
        assert!(budget.is_used_up());
    }

    #[tokio::test]
    async fn each_fetch_pays_for_its_own_bytes() {
        let (early, late) = (ByteBudget::new(10), ByteBudget::new(10));
        let payer = Payer::new(&early);
        let mut stream = Meter::new(&[1; 9][..], payer.clone());
        stream.read_exact(&mut [0; 6]).await.unwrap();
        payer.charge(&late);
        stream.read_exact(&mut [0; 3]).await.unwrap();
        assert_eq!((early.received(), late.received()), (6, 3));
    }
}
