//! TLS.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use preflight::http::{
    Dial, Dialling, FetchErrorKind, FetchLimit, Fetched, Fetcher, Phase, Refusal, Resolve,
    Resolving, TlsFault, Transport,
};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use testkit::server::{Peer, Ranges, Server};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::support::{ADDRESS, Fetchers, URL, World, jpeg, look, settle};

const HTTPS: &str = "https://img.example/a.jpg";

/// Someone who signs, and a server's certificate that they signed.
struct Identity {
    root: Vec<u8>,
    config: Arc<ServerConfig>,
}

fn identity(name: &str, expired: bool, protocols: &[&str]) -> Identity {
    let mut issuer = CertificateParams::new(Vec::new()).unwrap();
    // Two who sign under one name are told apart by their keys only, which is another fault.
    let signs = format!("signs for {name}");
    issuer
        .distinguished_name
        .push(rcgen::DnType::CommonName, signs);
    issuer.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if expired {
        leaf.not_before = date_time_ymd(2019, 1, 1);
        leaf.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    Identity {
        root: issuer.der().to_vec(),
        config: Arc::new(config),
    }
}

/// A server behind TLS, at every address.
#[derive(Clone)]
struct Secure {
    server: Server,
    config: Arc<std::sync::Mutex<Arc<ServerConfig>>>,
}

impl Dial for Secure {
    fn dial(&self, _: std::net::SocketAddr, _: Option<u32>) -> Dialling<'_> {
        let (near, far) = tokio::io::duplex(testkit::server::WINDOW);
        let Self { server, config } = self.clone();
        let config = Arc::clone(&config.lock().unwrap());
        tokio::spawn(async move {
            if let Ok(stream) = TlsAcceptor::from(config).accept(far).await {
                server.serve(stream);
            }
        });
        Box::pin(async { Ok(Box::new(near) as Box<dyn Transport>) })
    }
}

struct Anywhere;

impl Resolve for Anywhere {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        Box::pin(async { Ok(vec![IpAddr::from([8, 8, 8, 8])]) })
    }
}

async fn serve(mut peer: Peer) -> io::Result<()> {
    peer.serve(&jpeg(30_000), Ranges::Honour).await
}

async fn fetch(identity: &Identity, roots: Vec<Vec<u8>>) -> (Fetched, Server) {
    let server = Server::new(serve);
    let dialer = Secure {
        server: server.clone(),
        config: Arc::new(Arc::clone(&identity.config).into()),
    };
    let fetcher = Fetcher::builder()
        .resolver(Anywhere)
        .dialer(dialer)
        .trust_only(roots)
        .build()
        .unwrap();
    (look(&fetcher, HTTPS).await, server)
}

fn kind(fetched: &Fetched) -> &FetchErrorKind {
    fetched
        .outcome
        .as_ref()
        .expect_err("nothing was seen")
        .kind()
}

#[tokio::test(start_paused = true)]
async fn a_jump_goes_over_the_same_tls_connection() {
    let identity = identity("img.example", false, &["http/1.1"]);
    let (fetched, server) = fetch(&identity, vec![identity.root.clone()]).await;
    assert!(fetched.outcome.is_ok(), "{fetched:?}");
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
    assert!(fetched.facts.socket_bytes > fetched.facts.body_bytes);
}

/// A certificate is checked with each new connection, and a kept one ends with the certificate that
/// it was checked with.
#[tokio::test(start_paused = true)]
async fn a_certificate_that_changes_is_checked_on_the_next_connection() {
    let (before, after) = (
        identity("img.example", false, &[]),
        identity("other.example", false, &[]),
    );
    let config = Arc::new(std::sync::Mutex::new(Arc::clone(&before.config)));
    let server = Server::new(serve);
    let dialer = Secure {
        server: server.clone(),
        config: Arc::clone(&config),
    };
    let fetcher = Fetcher::builder()
        .resolver(Anywhere)
        .dialer(dialer)
        .trust_only([before.root])
        .build()
        .unwrap();
    assert!(look(&fetcher, HTTPS).await.outcome.is_ok());
    *config.lock().unwrap() = after.config;
    let kept = look(&fetcher, HTTPS).await;
    assert_eq!((kept.outcome.is_ok(), kept.facts.connections), (true, 0));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let untrusted = FetchErrorKind::Tls(TlsFault::Untrusted);
    assert_eq!(*kind(&look(&fetcher, HTTPS).await), untrusted);
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_a_certificate_is_named() {
    let good = identity("img.example", false, &[]);
    let expired = identity("img.example", true, &[]);
    let wrong = identity("other.example", false, &[]);
    for (identity, root, fault) in [
        (&expired, &expired.root, TlsFault::Expired),
        (&wrong, &wrong.root, TlsFault::WrongName),
        (&good, &wrong.root, TlsFault::Untrusted),
    ] {
        let (fetched, server) = fetch(identity, vec![root.clone()]).await;
        assert_eq!(*kind(&fetched), FetchErrorKind::Tls(fault));
        assert!(server.requests().is_empty(), "nothing was asked");
    }
}

#[tokio::test(start_paused = true)]
async fn h2_is_not_offered() {
    let only_h2 = identity("img.example", false, &["h2"]);
    let (fetched, _) = fetch(&only_h2, vec![only_h2.root.clone()]).await;
    assert!(
        matches!(kind(&fetched), FetchErrorKind::Tls(_)),
        "{fetched:?}"
    );
    let both = identity("img.example", false, &["h2", "http/1.1"]);
    assert!(
        fetch(&both, vec![both.root.clone()])
            .await
            .0
            .outcome
            .is_ok()
    );
}

async fn raw<P>(script: impl Fn(Peer) -> P + Send + Sync + 'static) -> (Fetched, Duration)
where
    P: Future<Output = io::Result<()>> + Send + 'static,
{
    let server = Server::new(script);
    let world = World::default().server("img.example", ADDRESS, &server);
    let root = identity("img.example", false, &[]).root;
    let fetcher = world.builder().trust_only([root]).build().unwrap();
    let start = Instant::now();
    let fetched = look(&fetcher, HTTPS).await;
    let took = start.elapsed();
    drop(fetcher);
    settle().await;
    assert_eq!(server.open(), 0);
    (fetched, took)
}

#[tokio::test(start_paused = true)]
async fn a_stalled_or_plain_handshake_ends() {
    let (fetched, took) = raw(|mut peer| async move { peer.wait_for_the_end().await }).await;
    let limit = Duration::from_secs(2);
    assert_eq!(
        *kind(&fetched),
        FetchErrorKind::Limit(FetchLimit::Time {
            phase: Phase::Tls,
            limit
        })
    );
    assert_eq!(took, limit);
    let (fetched, _) = raw(|mut peer| async move {
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        peer.wait_for_the_end().await
    })
    .await;
    assert!(
        matches!(kind(&fetched), FetchErrorKind::Tls(_)),
        "{fetched:?}"
    );
    let (fetched, _) = raw(|_| async { Ok(()) }).await;
    assert_eq!(*kind(&fetched), FetchErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn an_endless_handshake_ends_within_the_budget() {
    // Handshake records that each start a message of 16 MiB and never finish it.
    let (fetched, took) = raw(|mut peer| async move {
        peer.send(&[0x16, 0x03, 0x03, 0x40, 0x00, 0x02, 0xFF, 0xFF, 0xFF])
            .await?;
        peer.flood(&[0; 1024]).await
    })
    .await;
    assert!(
        matches!(
            kind(&fetched),
            FetchErrorKind::Tls(_) | FetchErrorKind::Limit(_)
        ),
        "{fetched:?}"
    );
    assert!(fetched.facts.socket_bytes <= 256 * 1024 && took <= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn no_way_leads_from_https_to_http() {
    let identity = identity("img.example", false, &[]);
    let server = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(
            format!("HTTP/1.1 302 Found\r\nLocation: {URL}\r\nContent-Length: 0\r\n\r\n")
                .as_bytes(),
        )
        .await
    });
    let dialer = Secure {
        server: server.clone(),
        config: Arc::new(Arc::clone(&identity.config).into()),
    };
    let fetcher = Fetcher::builder()
        .resolver(Anywhere)
        .dialer(dialer)
        .trust_only([identity.root.clone()])
        .build()
        .unwrap();
    assert_eq!(
        *kind(&look(&fetcher, HTTPS).await),
        FetchErrorKind::Refused(Refusal::Downgrade)
    );
    assert_eq!(server.connections(), 1);
}
