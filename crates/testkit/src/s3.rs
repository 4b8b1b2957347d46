//! An object store that answers as Amazon S3 does: honest answers, to build lies on.
//!
//! It checks no signature. Written from the API reference of `ListObjectsV2` and `GetObject`.

use std::io;
use std::sync::Arc;

use crate::server::{Peer, Request, Server, partial};

/// A bucket in memory, all of whose objects hold the same image.
#[derive(Clone, Debug)]
pub struct Bucket {
    name: String,
    /// In the order of their bytes.
    keys: Arc<[String]>,
    image: Arc<[u8]>,
}

impl Bucket {
    /// A bucket with these keys.
    pub fn new(name: &str, keys: impl IntoIterator<Item = String>, image: Vec<u8>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort();
        Self {
            name: name.to_owned(),
            keys: keys.into(),
            image: image.into(),
        }
    }

    /// A server with this bucket alone, path style.
    pub fn serve(&self) -> Server {
        let bucket = self.clone();
        Server::new(move |mut peer: Peer| {
            let bucket = bucket.clone();
            async move { bucket.answer_all(&mut peer).await }
        })
    }

    async fn answer_all(&self, peer: &mut Peer) -> io::Result<()> {
        loop {
            let request = peer.request().await?;
            peer.send(&self.answer(&request)).await?;
        }
    }

    /// The answer to a request, path style: a page of the list, the bytes of an object, or an error.
    pub fn answer(&self, request: &Request) -> Vec<u8> {
        let target = request.target();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = decoded(path);
        let Some(rest) = path.strip_prefix(&format!("/{}/", self.name)) else {
            return error(404, "NoSuchBucket", "");
        };
        if rest.is_empty() && parameter(query, "list-type").as_deref() == Some("2") {
            return self.page(query);
        }
        match self.keys.binary_search_by(|key| key.as_str().cmp(rest)) {
            Ok(_) => partial(request, &self.image),
            Err(_) => error(404, "NoSuchKey", ""),
        }
    }

    fn page(&self, query: &str) -> Vec<u8> {
        let number = |name| parameter(query, name).and_then(|value| value.parse().ok());
        let prefix = parameter(query, "prefix").unwrap_or_default();
        let most = number("max-keys").unwrap_or(1000_usize).min(1000);
        let from = number("continuation-token").unwrap_or(0_usize);
        let from = from.max(self.keys.partition_point(|key| *key < prefix));
        let listed = self.keys.iter().skip(from);
        let listed = listed.take_while(|key| key.starts_with(&prefix));
        let mut listed: Vec<_> = listed.take(most + 1).collect();
        let next = (listed.len() > most).then(|| from + most);
        listed.truncate(most);
        page(listed, next.map(|next| next.to_string()).as_deref())
    }
}

/// A page of a list with these keys, and the token of the next.
pub fn page<K: AsRef<str>>(keys: impl IntoIterator<Item = K>, next: Option<&str>) -> Vec<u8> {
    let contents = keys.into_iter().map(|key| {
        format!(
            "<Contents><Key>{}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>\
             <ETag>&quot;v1&quot;</ETag><Size>70</Size><StorageClass>STANDARD</StorageClass></Contents>",
            encoded(key.as_ref())
        )
    });
    let contents: String = contents.collect();
    let is_truncated = next.is_some();
    let next = next.map(|token| format!("<NextContinuationToken>{token}</NextContinuationToken>"));
    xml(
        200,
        "",
        &format!(
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <EncodingType>url</EncodingType><IsTruncated>{is_truncated}</IsTruncated>{}{contents}\
             </ListBucketResult>",
            next.unwrap_or_default()
        ),
    )
}

/// An error of a store, with more elements in its body.
pub fn error(status: u16, code: &str, more: &str) -> Vec<u8> {
    error_with(status, "", code, more)
}

/// An error of a store, with more fields in its head, each with its line end, and more elements in
/// its body.
pub fn error_with(status: u16, fields: &str, code: &str, more: &str) -> Vec<u8> {
    let body = format!("<Error><Code>{code}</Code><Message>So it is.</Message>{more}</Error>");
    xml(status, fields, &body)
}

fn xml(status: u16, fields: &str, body: &str) -> Vec<u8> {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: application/xml\r\n{fields}\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A parameter of a query.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| decoded(value))
}

/// As HTML forms do: what Amazon sends where `encoding-type=url` was asked for.
fn encoded(key: &str) -> String {
    key.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' | b'/' => {
                char::from(byte).to_string()
            }
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).unwrap_or_default();
        bytes.push(u8::from_str_radix(digits, 16).expect("an encoding is two digits"));
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).expect("keys are UTF-8")
}
