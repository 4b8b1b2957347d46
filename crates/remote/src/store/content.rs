//! What is uploaded, hashed on its way out.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncSeekExt;

use super::failed;
use crate::box_error::BoxError;
use crate::error::{ErrorDraft, ErrorKind};

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
    pub(super) async fn open(&self) -> Result<(reqwest::Body, Hashed), Box<ErrorDraft>> {
        let inner = match self {
            Self::Bytes(bytes) => reqwest::Body::from(bytes.clone()),
            Self::File { file, .. } => {
                let rewound = async {
                    let mut file = file.try_clone().await?;
                    file.rewind().await?;
                    Ok(file)
                };
                reqwest::Body::from(rewound.await.map_err(|error: std::io::Error| {
                    let mut draft = failed("the file cannot be read".to_owned());
                    draft.source = Some(error.into());
                    draft
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
pub(super) struct Hashed(Arc<Mutex<Progress>>);

#[derive(Default)]
struct Progress {
    hash: Sha256,
    len: u64,
    /// Why no more can be read.
    broken: Option<String>,
}

/// The bytes that left.
pub(super) struct Sent {
    pub(super) sha256: [u8; 32],
    pub(super) len: u64,
}

impl Hashed {
    pub(super) fn finish(&self) -> Sent {
        let progress = self.progress();
        Sent {
            sha256: progress.hash.clone().finalize().into(),
            len: progress.len,
        }
    }

    /// What a try that was not answered ended for: the file, if that is where it ended.
    pub(super) fn blame(&self, mut draft: Box<ErrorDraft>) -> Box<ErrorDraft> {
        let progress = self.progress();
        if let Some(why) = &progress.broken {
            return failed(format!("the file cannot be read whole: {why}"));
        }
        if progress.len > 0 {
            draft.classified.kind = ErrorKind::UploadFailed;
        }
        draft
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body that passes on as many bytes as were promised, and hashes them.
struct HashingBody {
    inner: reqwest::Body,
    left: u64,
    hashed: Hashed,
}

impl HashingBody {
    fn broken(&self, error: BoxError) -> BoxError {
        self.hashed.progress().broken = Some(error.to_string());
        error
    }
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
            let mut bytes = match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(bytes))) => bytes,
                // Trailers, which neither bytes nor files have.
                Some(Ok(Err(_))) => Bytes::new(),
                Some(Err(error)) => return Some(Err(self.broken(error.into()))),
                None => {
                    let early = format!("it ended {} bytes early", self.left);
                    return Some(Err(self.broken(early.into())));
                }
            };
            // A file may have grown since its length was taken.
            bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= bytes.len() as u64;
            let mut progress = self.hashed.progress();
            progress.hash.update(&bytes);
            progress.len += bytes.len() as u64;
            drop(progress);
            Some(Ok(Frame::data(bytes)))
        })
    }
}
