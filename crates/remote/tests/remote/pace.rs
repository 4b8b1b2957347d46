//! Five requests a second, as a server sees them: by the moments at which their heads arrive.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use remote::{ApiKey, BaseUrl, CertificateDer, Client, Ratio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::server::{KEY, http, image};

const PASS: &str = r#"{"output":{"check_pass":true,"face_bbox":[1,2,3,4],"ext_bbox":[0,0,5,5]},"usage":{"image_count":1}}"#;
const THROTTLED: &str = r#"{"code":"Throttling","message":"slow down"}"#;

/// A TLS server that answers no handshake before its gate opens, so that all of those that wait
/// there end at once. It throttles the first requests.
pub(crate) struct TlsServer {
    pub(crate) base: BaseUrl,
    pub(crate) certificate: CertificateDer<'static>,
    heads: Arc<Mutex<Vec<Instant>>>,
}

impl TlsServer {
    pub(crate) async fn start(gate: Duration, throttled: usize) -> Self {
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
        let heads = Arc::<Mutex<Vec<Instant>>>::default();
        let seen = Arc::clone(&heads);
        let opens = Instant::now() + gate;
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    sleep_until(opens).await;
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut bytes = Vec::new();
                    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
                        if stream.read_buf(&mut bytes).await.unwrap_or_default() == 0 {
                            return;
                        }
                    }
                    let number = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(Instant::now());
                        seen.len()
                    };
                    let answer = match number {
                        n if n <= throttled => http(429, "", THROTTLED),
                        _ => http(200, "", PASS),
                    };
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self {
            base: BaseUrl::parse(&format!("https://localhost:{port}/api/v1")).unwrap(),
            certificate,
            heads,
        }
    }

    /// The largest number of heads in any closed second.
    fn most_in_a_second(&self) -> usize {
        let heads = self.heads.lock().unwrap();
        let within = |start: &Instant| {
            let second = *start..=*start + Duration::from_secs(1);
            heads.iter().filter(|head| second.contains(head)).count()
        };
        heads.iter().map(within).max().unwrap_or_default()
    }
}

/// Found by reading: a turn taken before the handshake is worth nothing when the handshakes of two
/// seconds end at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_handshakes_end_in_no_burst_retries_included() {
    let server = TlsServer::start(Duration::from_secs(2), 3).await;
    let client = Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(server.base.clone())
        .tls_certs_merge([server.certificate.clone()])
        .build()
        .unwrap();
    let calls: Vec<_> = (0..14)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.detect(&image(), Ratio::Square).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(
        server.heads.lock().unwrap().len(),
        17,
        "each call, and three retries"
    );
    assert!(
        server.most_in_a_second() <= 5,
        "{:?}",
        server.heads.lock().unwrap()
    );
}
