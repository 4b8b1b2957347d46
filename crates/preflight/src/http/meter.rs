//! Counts what a fetch receives, under TLS, and ends it at a ceiling.

use core::pin::Pin;
use core::sync::atomic::{AtomicU64, Ordering};
use core::task::{Context, Poll, ready};
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that a fetch may receive, on all of its connections together.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    limit: u64,
    received: Arc<AtomicU64>,
}

impl Allowance {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            received: Arc::default(),
        }
    }

    pub(super) const fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes received.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Whether it is used up. What fails after that fails for this reason.
    pub(super) fn is_used_up(&self) -> bool {
        self.received() >= self.limit
    }
}

/// A stream that draws on an allowance.
#[derive(Debug)]
pub(super) struct Meter<S> {
    stream: S,
    allowance: Allowance,
}

impl<S> Meter<S> {
    pub(super) const fn new(stream: S, allowance: Allowance) -> Self {
        Self { stream, allowance }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Meter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self
            .allowance
            .limit
            .saturating_sub(self.allowance.received());
        if left == 0 {
            return Poll::Ready(Err(io::Error::other("the byte budget is used up")));
        }
        let most =
            usize::try_from(left).map_or(buffer.remaining(), |left| left.min(buffer.remaining()));
        let mut window = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut window))?;
        let count = window.filled().len();
        buffer.advance(count);
        self.allowance
            .received
            .fetch_add(count as u64, Ordering::Relaxed);
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
    async fn not_one_byte_more_than_the_allowance_is_taken() {
        let allowance = Allowance::new(10);
        let mut first = Meter::new(&[1; 6][..], allowance.clone());
        let mut second = Meter::new(&[2; 99][..], allowance.clone());
        let mut taken = Vec::new();
        assert_eq!(first.read_to_end(&mut taken).await.unwrap(), 6);
        assert!(second.read_to_end(&mut taken).await.is_err());
        assert_eq!(taken, [1, 1, 1, 1, 1, 1, 2, 2, 2, 2]);
        assert!(allowance.is_used_up());
    }
}
