//! A stand-in, a detector that asks it, and images.

use std::path::PathBuf;
use std::time::Duration;

use gate::{
    Account, ApiKey, BaseUrl, Bytes, Client, Code, Detector, DetectorBuilder, Gate, ImageUrl,
    Outcome, Profile, Publication, Ratio, Report,
};
use standin::{LocalUrl, Standin};

pub(crate) const KEY: &str = "sk-0123456789abcdef";

/// For what must come, however slow the machine is.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) fn gallery(name: &str) -> PathBuf {
    testkit::manifest::folder().join("gallery").join(name)
}

pub(crate) fn bytes(name: &str) -> Bytes {
    std::fs::read(gallery(name)).unwrap().into()
}

/// A PNG of these sides, which no other number draws.
pub(crate) fn portrait(number: u32) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let colour = image::Rgb([
        (number % 256) as u8,
        (number / 256 % 256) as u8,
        (number / 65_536) as u8,
    ]);
    image::RgbImage::from_pixel(500, 600, colour)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

pub(crate) fn gate() -> Gate {
    Gate::builder(Profile::emo()).build()
}

pub(crate) fn strict_gate() -> Gate {
    Gate::builder(Profile::emo()).strict(true).build()
}

/// A gate that may fetch from this machine.
pub(crate) fn local_gate() -> Gate {
    let policy = gate::AddressPolicy::public().allow("127.0.0.0/8".parse().unwrap());
    let fetcher = gate::Fetcher::builder().policy(policy).build().unwrap();
    Gate::builder(Profile::emo()).fetcher(fetcher).build()
}

pub(crate) fn client(standin: &Standin) -> Client {
    let base_url = BaseUrl::parse(&standin.base_url()).unwrap();
    Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(base_url)
        .unpaced()
        .build()
        .unwrap()
}

pub(crate) fn detector(standin: &Standin) -> DetectorBuilder {
    Detector::builder(client(standin))
}

pub(crate) async fn start() -> Standin {
    Standin::builder().start().await.unwrap()
}

pub(crate) fn at(lent: &LocalUrl) -> Publication {
    Publication::Vouched(ImageUrl::parse(lent.url()).unwrap())
}

/// Asks about a file of the gallery, which the stand-in reads by itself.
pub(crate) async fn ask(detector: &Detector, standin: &Standin, name: &str) -> Report {
    let lent = standin.lend(gallery(name)).unwrap();
    gate()
        .admit_file(detector, gallery(name), Ratio::Square, async || at(&lent))
        .await
}

pub(crate) async fn ask_bytes(detector: &Detector, standin: &Standin, bytes: Bytes) -> Report {
    let lent = standin.lend_bytes("upload.png", bytes.clone()).unwrap();
    gate()
        .admit_bytes(detector, bytes, Ratio::Square, async || at(&lent))
        .await
}

#[track_caller]
pub(crate) fn only_code(report: &Report) -> Code {
    let mut errors = report.errors();
    let code = errors.next().unwrap_or_else(|| panic!("{report:?}")).code;
    assert!(errors.next().is_none(), "{report:?}");
    code
}

#[track_caller]
pub(crate) fn assert_pass(report: &Report) {
    assert_eq!(report.outcome(), Outcome::Pass, "{report:?}");
}

pub(crate) async fn account(detector: &Detector) -> Account {
    detector.account().await.unwrap()
}

/// Posts JSON to the stand-in, and gives the status and the answer.
pub(crate) async fn post(
    standin: &Standin,
    path: &str,
    headers: &[(&str, &str)],
    body: &serde_json::Value,
) -> (u16, serde_json::Value) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let body = body.to_string();
    let mut request = format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = tokio::net::TcpStream::connect(standin.address())
        .await
        .unwrap();
    stream
        .write_all(format!("{request}\r\n{body}").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let json = answer
        .find('{')
        .map_or("null", |start| &answer[start..=answer.rfind('}').unwrap()]);
    (status, serde_json::from_str(json).unwrap())
}

/// Hands a call over to the stand-in's video call, exactly as it is.
pub(crate) async fn generate(
    standin: &Standin,
    call: &gate::VideoCall,
) -> (u16, serde_json::Value) {
    let mut input = serde_json::to_value(&call.input).unwrap();
    input["audio_url"] = "https://example.com/voice.mp3".into();
    let body = serde_json::json!({
        "model": gate::VIDEO_MODEL,
        "input": input,
        "parameters": {"style_level": "normal"},
    });
    let mut headers = vec![("X-DashScope-Async", "enable")];
    headers.extend(call.headers.iter().map(|(name, value)| (&**name, &**value)));
    post(
        standin,
        "/services/aigc/image2video/video-synthesis",
        &headers,
        &body,
    )
    .await
}

/// Serves an image to everybody on this machine, with nothing that tells it from another.
pub(crate) async fn serve_without_validators(image: Bytes) -> String {
    let server = testkit::Server::new(move |mut peer| {
        let image = image.clone();
        async move { peer.serve(&image, testkit::server::Ranges::Ignore).await }
    });
    let address = server.listen("127.0.0.1:0").await.unwrap();
    format!("http://{address}/portrait.png")
}

/// Serves an image to everybody on this machine, with a strong entity tag.
pub(crate) async fn serve(image: Bytes) -> String {
    let server = testkit::Server::new(move |mut peer| {
        let image = image.clone();
        async move { peer.serve(&image, testkit::server::Ranges::Honour).await }
    });
    let address = server.listen("127.0.0.1:0").await.unwrap();
    format!("http://{address}/portrait.png")
}

/// A client of the stand-in that does not see its marks, and so takes it for the service.
pub(crate) async fn client_of_the_unmarked(standin: &Standin) -> Client {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, behind) = (listener.local_addr().unwrap(), standin.address());
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = tokio::net::TcpStream::connect(behind).await.unwrap();
            let (mut from_far, mut to_far) = far.into_split();
            let (mut from_near, mut to_near) = near.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_near, &mut to_far).await });
            tokio::spawn(async move {
                let mut piece = vec![0; 65_536];
                while let Ok(len @ 1..) = from_far.read(&mut piece).await {
                    let (mark, other) = (b"x-standin", b"x-nothing");
                    for at in 0..len.saturating_sub(mark.len()) {
                        if piece[at..].starts_with(mark) {
                            piece[at..at + mark.len()].copy_from_slice(other);
                        }
                    }
                    if to_near.write_all(&piece[..len]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(BaseUrl::parse(&format!("http://{address}/api/v1")).unwrap())
        .unpaced()
        .build()
        .unwrap()
}
