//! A server that does to a connection what its script says, and counts what really arrived.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use remote::{ApiKey, BaseUrl, Client, ClientBuilder, Detection, Error, ImageUrl, Ratio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const KEY: &str = "sk-SECRET0123456789abcdef";

/// What happens to one connection.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Read a request, write these bytes, close.
    Answer(Vec<u8>),
    /// Close before reading anything.
    CloseAtOnce,
    /// Read a request, write these bytes one by one with pauses, for good.
    Drip(Vec<u8>),
    /// Read a request, write these bytes, and then neither write nor close.
    Hang(Vec<u8>),
    /// Read the request's head only, then close.
    CloseAfterHead,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves the acts one connection each, and the last one for good.
    pub(crate) async fn start(acts: impl Into<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let connections = Arc::<Mutex<usize>>::default();
        let (acts, seen, count) = (acts.into(), Arc::clone(&requests), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            for turn in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                *count.lock().unwrap() += 1;
                let act = acts.get(turn).or(acts.last()).unwrap().clone();
                tokio::spawn(play(stream, act, Arc::clone(&seen)));
            }
        });
        Self {
            port,
            requests,
            connections,
            task,
        }
    }

    /// The requests that arrived whole: each is one that a service might have billed.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .map(|request| String::from_utf8_lossy(request).into_owned())
            .collect()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    pub(crate) fn base(&self) -> BaseUrl {
        BaseUrl::parse(&format!("http://127.0.0.1:{}/api/v1", self.port)).unwrap()
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder(ApiKey::new(KEY).unwrap())
            .base_url(self.base())
            .unpaced()
    }

    pub(crate) fn client(&self) -> Client {
        self.builder()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap()
    }

    /// Asks once, with a client of its own.
    pub(crate) async fn ask(&self) -> Result<Detection, Error> {
        self.client().detect(&image(), Ratio::Square).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with a true length, after which the connection closes.
pub(crate) fn http(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}").into_bytes()
}

pub(crate) fn json(status: u16, body: &str) -> Act {
    Act::Answer(http(status, "content-type: application/json\r\n", body))
}

pub(crate) fn image() -> ImageUrl {
    ImageUrl::parse("http://a/a.jpg").unwrap()
}

async fn play(mut stream: TcpStream, act: Act, seen: Arc<Mutex<Vec<Vec<u8>>>>) {
    match act {
        Act::CloseAtOnce => return,
        Act::CloseAfterHead => {
            let mut byte = [0];
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).await.is_ok() {
                head.push(byte[0]);
            }
            return;
        }
        Act::Answer(_) | Act::Drip(_) | Act::Hang(_) => {}
    }
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    seen.lock().unwrap().push(request);
    match act {
        Act::Answer(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Act::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Act::Hang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut [0]).await;
        }
        Act::CloseAtOnce | Act::CloseAfterHead => {}
    }
}

/// A whole request by its Content-Length, or `None` if the connection ended before.
async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = head_end {
            let head = String::from_utf8_lossy(bytes.split_at(end).0).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |value| value.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(bytes);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
