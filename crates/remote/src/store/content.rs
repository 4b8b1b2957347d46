//! What is uploaded, hashed on its way out.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncSeekExt;

use super::failed;
use crate::error::{BoxError, ErrorDraft};

/// The bytes to upload. They are read anew for each try.
pub(super) enum Content {
    Bytes(Bytes),
    File { file: File, len: u64 },
}

impl Content {
    /// The length in bytes.
    pub(super) const fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { len, .. } => *len,
        }
    }

    /// A body of exactly that length, and what tells afterwards which bytes it was made of.
    pub(super) async fn open(&self) -> Result<(reqwest::Body, Hashed), ErrorDraft> {
        let inner = match self {
            Self::Bytes(bytes) => reqwest::Body::from(bytes.clone()),
            Self::File { file, .. } => {
                let rewound = async {
                    let mut file = file.try_clone().await?;
                    file.rewind().await?;
                    Ok(file)
                };
                reqwest::Body::from(rewound.await.map_err(|error: std::io::Error| ErrorDraft {
                    source: Some(error.into()),
                    ..failed("the file cannot be read".to_owned())
                })?)
            }
        };
        let hashed = Hashed::default();
        let body = HashingBody {
            inner,
            left: self.len(),
            hashed: hashed.clone(),
        };
        Ok((reqwest::Body::wrap(body), hashed))
    }
}

/// The hash of what has left so far.
#[derive(Clone, Default)]
pub(super) struct Hashed(Arc<Mutex<(Sha256, u64)>>);

/// What left.
pub(super) struct Sent {
    pub(super) sha256: [u8; 32],
    pub(super) len: u64,
}

impl Hashed {
    fn update(&self, bytes: &[u8]) {
        let mut hashed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hashed.0.update(bytes);
        hashed.1 += bytes.len() as u64;
    }

    pub(super) fn finish(&self) -> Sent {
        let hashed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Sent {
            sha256: hashed.0.clone().finalize().into(),
            len: hashed.1,
        }
    }
}

/// A body that passes on as many bytes as were promised, and hashes them.
struct HashingBody {
    inner: reqwest::Body,
    left: u64,
    hashed: Hashed,
}

impl Body for HashingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.inner).poll_frame(context).map(|frame| {
            let Some(frame) = frame else {
                let left = self.left;
                return Some(Err(format!("the file ended {left} bytes early").into()));
            };
            let mut bytes = match frame.map(Frame::into_data) {
                Ok(Ok(bytes)) => bytes,
                // Trailers, which neither bytes nor files have.
                Ok(Err(_)) => Bytes::new(),
                Err(error) => return Some(Err(error.into())),
            };
            // A file may have grown since its length was taken.
            bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= bytes.len() as u64;
            self.hashed.update(&bytes);
            Some(Ok(Frame::data(bytes)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
