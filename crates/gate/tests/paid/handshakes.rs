//! A service behind TLS, the handshakes of which can be held.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gate::{ApiKey, BaseUrl, Client};
use remote::CertificateDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::{DEADLINE, KEY};

const PASS: &str = r#"{"output":{"check_pass":true,"face_bbox":[10,10,90,90],"ext_bbox":[0,0,100,100]},"usage":{"image_count":1}}"#;

pub(crate) struct SlowTls {
    base: BaseUrl,
    certificate: CertificateDer<'static>,
    connections: watch::Receiver<usize>,
    handshakes: Arc<Semaphore>,
    requests: Arc<AtomicUsize>,
}

impl SlowTls {
    /// Lets so many handshakes through.
    pub(crate) async fn start(handshakes: usize) -> Self {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = cert.der().clone();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connected, connections) = watch::channel(0);
        let handshakes = Arc::new(Semaphore::new(handshakes));
        let requests = Arc::<AtomicUsize>::default();
        let (gate, seen) = (Arc::clone(&handshakes), Arc::clone(&requests));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connected.send_modify(|connections| *connections += 1);
                let (acceptor, gate, seen) =
                    (acceptor.clone(), Arc::clone(&gate), Arc::clone(&seen));
                tokio::spawn(async move {
                    gate.acquire().await.unwrap().forget();
                    answer(acceptor, stream, &seen).await;
                });
            }
        });
        Self {
            base: BaseUrl::parse(&format!("https://localhost:{port}/api/v1")).unwrap(),
            certificate,
            connections,
            handshakes,
            requests,
        }
    }

    /// A client whose pace holds nothing up.
    pub(crate) fn client(&self) -> Client {
        Client::builder(ApiKey::new(KEY).unwrap())
            .base_url(self.base.clone())
            .tls_certs_merge([self.certificate.clone()])
            .requests_per_second(1_000.try_into().unwrap())
            .build()
            .unwrap()
    }

    /// Waits until so many connections were opened.
    pub(crate) async fn connected(&self, connections: usize) {
        let mut opened = self.connections.clone();
        let opened = opened.wait_for(|opened| *opened >= connections);
        tokio::time::timeout(DEADLINE, opened)
            .await
            .unwrap()
            .unwrap();
    }

    pub(crate) fn let_through(&self, handshakes: usize) {
        self.handshakes.add_permits(handshakes);
    }

    /// Requests that came.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn answer(acceptor: TlsAcceptor, stream: TcpStream, requests: &AtomicUsize) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.unwrap_or_default() == 0 {
            return;
        }
    }
    requests.fetch_add(1, Ordering::Relaxed);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", PASS.len());
    let _ = stream
        .write_all(&[head.as_bytes(), PASS.as_bytes()].concat())
        .await;
    let _ = stream.shutdown().await;
}
