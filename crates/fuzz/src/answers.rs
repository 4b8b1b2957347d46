//! What the detection service answers.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use remote::{ApiKey, BaseUrl, Client, ImageUrl, Ratio};
use tokio::runtime::{Builder, Runtime};

const KEY: &str = "sk-SECRET0123456789abcdef";

/// Status lines and content codings that the first two bytes of the input choose from.
const STATUSES: [u16; 8] = [200, 400, 401, 403, 404, 429, 500, 503];
const CODINGS: [&str; 4] = [
    "",
    "content-encoding: gzip\r\n",
    "content-encoding: deflate\r\n",
    "retry-after: 0\r\n",
];

/// A server on this machine that gives every request the same reply.
struct Service {
    reply: Arc<Mutex<Vec<u8>>>,
    client: Client,
    runtime: Runtime,
}

static SERVICE: LazyLock<Mutex<Service>> = LazyLock::new(|| Mutex::new(Service::start()));

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it listens").port();
        let reply = Arc::<Mutex<Vec<u8>>>::default();
        let next = Arc::clone(&reply);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &next);
            }
        });
        let base = BaseUrl::parse(&format!("http://127.0.0.1:{port}/api/v1")).expect("a base URL");
        let client = Client::builder(ApiKey::new(KEY).expect("a key"))
            .base_url(base)
            .unpaced()
            .tries(std::num::NonZeroU32::MIN)
            .build()
            .expect("a client");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        Self {
            reply,
            client,
            runtime,
        }
    }
}

/// Reads one request as far as it comes in one piece or two, and replies.
fn serve(mut stream: std::net::TcpStream, next: &Mutex<Vec<u8>>) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !request.ends_with(b"}") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend(piece.iter().take(read)),
        }
    }
    let reply = next.lock().expect("no panic holds it").clone();
    let _ = stream.write_all(&reply);
}

/// Whatever the service answers, a call ends, and a verdict reads back from its own JSON. No error
/// shows the key, in whatever form the answer echoes it.
pub fn answers(data: &[u8]) {
    let [status, coding, body @ ..] = data else {
        return;
    };
    let status = STATUSES
        .get(usize::from(*status) % STATUSES.len())
        .copied()
        .unwrap_or(200);
    let coding = CODINGS
        .get(usize::from(*coding) % CODINGS.len())
        .copied()
        .unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{coding}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let service = SERVICE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    *service.reply.lock().expect("no panic holds it") = [head.as_bytes(), body].concat();
    let image = ImageUrl::parse("https://cdn.example.com/anna.jpg").expect("a URL");
    let answer = service
        .runtime
        .block_on(service.client.detect(&image, Ratio::Square));
    match answer {
        Ok(detection) => assert!(!format!("{detection:?}").contains(KEY), "{detection:?}"),
        Err(error) => {
            let mut text = format!("{error} {error:?}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                text.push_str(&cause.to_string());
                source = cause.source();
            }
            assert!(!text.contains(KEY), "{text}");
        }
    }
}
