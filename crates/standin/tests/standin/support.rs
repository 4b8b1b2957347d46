//! Images, requests, and a small server that images are fetched from.

use std::collections::HashMap;
use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use standin::{Builder, LocalUrl, Script, Standin};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

pub(crate) const FACE_DETECT: &str = "/services/aigc/image2video/face-detect";

/// For what must come, however slow the machine is.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// An image of one colour.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, height)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner().into()
}

/// The smallest portrait that is accepted.
pub(crate) fn portrait() -> Bytes {
    picture(400, 400, ImageFormat::Png)
}

pub(crate) fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test of this process may have come first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// A stand-in and a client of it.
pub(crate) struct Api {
    pub(crate) standin: Standin,
    pub(crate) client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The text at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> String {
        self.json()
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(Standin::builder()).await
    }

    pub(crate) async fn with(builder: Builder) -> Self {
        Self {
            standin: builder.start().await.unwrap(),
            client: client(),
        }
    }

    pub(crate) async fn scripted(script: &str) -> Self {
        Self::with(Standin::builder().script(Script::parse(script).unwrap())).await
    }

    pub(crate) fn lend(&self, name: &str) -> LocalUrl {
        self.standin.lend_bytes(name, portrait()).unwrap()
    }

    /// The reference's sample request, about this image.
    pub(crate) fn request(&self, image_url: &str) -> reqwest::RequestBuilder {
        let body = json!({
            "model": "emo-detect-v1",
            "input": {"image_url": image_url},
            "parameters": {"ratio": "1:1"},
        });
        self.post(&body.to_string())
            .header("content-type", "application/json")
    }

    /// A request to the check with this body, with a key and no content type.
    pub(crate) fn post(&self, body: &str) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}{FACE_DETECT}", self.standin.base_url()))
            .bearer_auth(self.standin.key())
            .body(body.to_owned())
    }

    /// Waits until this many requests to face-detect have come.
    pub(crate) async fn arrived(&self, requests: u64) {
        let arrived = self.standin.reached(|stats| stats.face_detect >= requests);
        tokio::time::timeout(DEADLINE, arrived).await.unwrap();
    }

    pub(crate) async fn detect(&self, image_url: &str) -> Answer {
        Answer::read(self.request(image_url).send().await.unwrap()).await
    }

    /// Asks about bytes under a name.
    pub(crate) async fn detect_bytes(&self, name: &str, bytes: impl Into<Bytes>) -> Answer {
        let lent = self.standin.lend_bytes(name, bytes).unwrap();
        self.detect(lent.url()).await
    }

    /// Asks about a sound portrait of this name.
    pub(crate) async fn detect_named(&self, name: &str) -> Answer {
        self.detect_bytes(name, portrait()).await
    }
}

/// A server that answers a path with these bytes, head included, and anything else with 404.
pub(crate) async fn serve(answers: HashMap<&'static str, Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answers = Arc::new(answers);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => return,
                    }
                }
                let head = String::from_utf8(head).unwrap();
                let path = head.split(' ').nth(1).unwrap();
                let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
                let _ = stream
                    .write_all(answers.get(path).unwrap_or(&missing))
                    .await;
            });
        }
    });
    address
}

/// A whole 200 answer with this body.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

pub(crate) fn redirect(to: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
    )
    .into_bytes()
}
