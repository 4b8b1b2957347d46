//! Local files and bytes that are lent to the stand-in under an URL of its own.
//!
//! A detector takes only URLs, and a file on this machine has none. What is lent is read by the
//! stand-in directly; it is never served to anybody, so that no other program on the machine can
//! read along.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use reqwest::Url;

use crate::inspection::Source;

/// First segment of the path of a lent image's URL.
const FOLDER: &str = "files";

/// An image lent to the stand-in, until this is dropped.
#[derive(Debug)]
pub struct LocalUrl {
    url: Url,
    token: String,
    loans: Arc<Loans>,
}

impl LocalUrl {
    /// The URL to send as `image_url`: `http://127.0.0.1:<port>/files/<token>/<name>`. Only the
    /// stand-in that gave it knows what it means.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
}

impl Drop for LocalUrl {
    fn drop(&mut self) {
        self.loans.lock().remove(&self.token);
    }
}

/// The images that are lent at present.
#[derive(Debug)]
pub(crate) struct Loans {
    address: SocketAddr,
    tokens: RandomState,
    /// How many were made, so that no address ever means two images.
    made: AtomicU64,
    by_token: Mutex<HashMap<String, Source>>,
}

impl Loans {
    pub(crate) fn new(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            address,
            tokens: RandomState::new(),
            made: AtomicU64::new(0),
            by_token: Mutex::default(),
        })
    }

    pub(crate) fn lend_file(self: &Arc<Self>, path: &Path) -> io::Result<LocalUrl> {
        let path = std::path::absolute(path)?;
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        if !std::fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "expected a regular file",
            ));
        }
        self.lend(&name, Source::File(PathBuf::into_boxed_path(path).into()))
    }

    pub(crate) fn lend_bytes(self: &Arc<Self>, name: &str, bytes: Bytes) -> io::Result<LocalUrl> {
        self.lend(name, Source::Bytes(bytes))
    }

    /// The image behind this URL; None if the URL is not one of ours, or its image no longer lent.
    pub(crate) fn find(&self, url: &Url) -> Option<Source> {
        if !self.is_own(url) {
            return None;
        }
        let token = url.path_segments()?.nth(1)?;
        self.lock().get(token).cloned()
    }

    /// Whether the URL leads back to this stand-in, where nothing is served to be fetched.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        url.scheme() == "http"
            && url.port_or_known_default() == Some(self.address.port())
            && url.host_str() == Some(self.address.ip().to_string().as_str())
    }

    fn lend(self: &Arc<Self>, name: &str, source: Source) -> io::Result<LocalUrl> {
        let mut url = Url::parse(&format!("http://{}/", self.address)).map_err(io::Error::other)?;
        let mut loans = self.lock();
        // Unique here and not to be guessed elsewhere: keyed by the process's own randomness.
        let token = loop {
            let number = self.made.fetch_add(1, Ordering::Relaxed);
            let token = format!("{:016x}", self.tokens.hash_one((name, number)));
            if !loans.contains_key(&token) {
                break token;
            }
        };
        match url.path_segments_mut() {
            Ok(mut segments) => segments.clear().extend([FOLDER, &token, name]),
            Err(()) => return Err(io::ErrorKind::InvalidInput.into()),
        };
        loans.insert(token.clone(), source);
        drop(loans);
        Ok(LocalUrl {
            url,
            token,
            loans: Arc::clone(self),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Source>> {
        // A map of plain values cannot be left half-changed.
        self.by_token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn none() -> Arc<Loans> {
        Loans::new(SocketAddr::from(([127, 0, 0, 1], 4000)))
    }

    #[test]
    fn a_loan_ends_when_it_is_dropped() {
        let loans = none();
        let lent = loans
            .lend_bytes("a portrait #1?.jpg", Bytes::from_static(b"x"))
            .unwrap();
        let url = Url::parse(lent.url()).unwrap();
        assert!(
            lent.url().ends_with("/a%20portrait%20%231%3F.jpg"),
            "{}",
            lent.url()
        );
        assert!(loans.find(&url).is_some());
        drop(lent);
        assert!(loans.find(&url).is_none());
    }

    /// Found when an image that was lent anew got the address of one that was not lent any more,
    /// and with it what had been said about that one.
    #[test]
    fn no_address_means_two_images() {
        let loans = none();
        let lend = |n: u32| {
            let bytes = Bytes::copy_from_slice(&n.to_be_bytes());
            loans.lend_bytes("a.jpg", bytes).unwrap()
        };
        let mut kept: Vec<_> = (0..1000).map(lend).collect();
        let mut urls: BTreeSet<_> = kept.iter().map(|lent| lent.url().to_owned()).collect();
        kept.truncate(10);
        urls.extend((0..10).map(|n| lend(n).url().to_owned()));
        assert_eq!(urls.len(), 1010);
    }

    #[test]
    fn a_folder_cannot_be_lent() {
        assert!(none().lend_file(Path::new(".")).is_err());
        assert!(none().lend_file(Path::new("no such file.png")).is_err());
    }
}
