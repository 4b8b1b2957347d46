//! What a server does, and what is said of the image: outcome, stage and code, one row each.
//!
//! The servers are in memory and the time is virtual. What the fetcher makes of a server is tested
//! where the fetcher is; here it is what a person reads of it.
#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gate::{Code, Fetcher, Gate, Outcome, Profile, Report, Stage};
use preflight::http::{Dial, Dialling, Resolve, Resolving, Transport};
use testkit::server::{Server, whole};
use testkit::world::{Station, World};
use testkit::{Ihdr, Png};

const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(93, 184, 216, 34));
const URL: &str = "http://img.example/a.png";

/// The world as the resolver and the dialler of a fetcher.
struct Net(World);

impl Resolve for Net {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        Box::pin(self.0.resolve(name))
    }
}

impl Dial for Net {
    fn dial(&self, address: SocketAddr, _receive_buffer: Option<u32>) -> Dialling<'_> {
        let dialling = self.0.dial(address);
        Box::pin(async { Ok(Box::new(dialling.await?) as Box<dyn Transport>) })
    }
}

fn gate(world: &World) -> Gate {
    let fetcher = Fetcher::builder()
        .resolver(Net(world.clone()))
        .dialer(Net(world.clone()))
        .build()
        .unwrap();
    Gate::builder(Profile::emo()).fetcher(fetcher).build()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    Png::new()
        .ihdr(Ihdr::new(width, height))
        .idat_blank(100, 4)
        .iend()
        .build()
}

/// A server that gives everyone these bytes, at each request of a connection, and closes.
fn saying(answer: impl AsRef<[u8]>) -> Server {
    let answer = answer.as_ref().to_vec();
    Server::new(move |mut peer| {
        let answer = answer.clone();
        async move {
            peer.request().await?;
            peer.send(&answer).await
        }
    })
}

fn status(line: &str, fields: &str, body: &str) -> Server {
    let length = body.len();
    saying(format!(
        "HTTP/1.1 {line}\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
    ))
}

/// The image, with a field in the head.
fn sound(field: &str) -> Server {
    let file = png(840, 1120);
    let head = format!(
        "HTTP/1.1 200 OK\r\n{field}Content-Length: {}\r\n\r\n",
        file.len()
    );
    saying([head.as_bytes(), &file].concat())
}

fn silent() -> Server {
    Server::new(|mut peer| async move { peer.wait_for_the_end().await })
}

/// A head, and then the same bytes for ever.
fn flood(head: &'static [u8], bytes: impl AsRef<[u8]>) -> Server {
    let bytes = bytes.as_ref().to_vec();
    Server::new(move |mut peer| {
        let bytes = bytes.clone();
        async move {
            peer.request().await?;
            peer.send(head).await?;
            peer.flood(&bytes).await
        }
    })
}

async fn screen(world: &World, url: &str) -> Report {
    gate(world).screen_url(url).await.into_report()
}

async fn served(server: &Server, url: &str) -> Report {
    screen(
        &World::default().server("img.example", ADDRESS, server),
        url,
    )
    .await
}

fn codes(report: &Report) -> Vec<Code> {
    report
        .findings()
        .iter()
        .map(|finding| finding.code)
        .collect()
}

#[track_caller]
fn assert_row(what: &str, report: &Report, outcome: Outcome, code: Code) {
    assert_eq!(
        (report.outcome(), report.stage()),
        (outcome, Stage::Input),
        "{what}: {report:?}"
    );
    assert_eq!(codes(report), [code], "{what}");
    let finding = &report.findings()[0];
    assert!(finding.help.is_some(), "{what}: an error says what to do");
}

/// Seconds from 1970 to so many seconds from now.
fn epoch(from_now: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + from_now
}

const EXPIRED: &str =
    "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";

#[tokio::test(start_paused = true)]
async fn what_a_server_does_has_an_outcome_a_stage_and_a_code() {
    use Code::{FetchLimit, HttpStatus, Unreachable};
    use Outcome::{Reject, Unknown};
    // A segment of 1,000 bytes that a JPEG may have any number of.
    let segment = [&[0xFF, 0xE1, 0x03, 0xE6][..], &[0; 996]].concat();
    let missing = "<Error><Code>NoSuchKey</Code></Error>";
    let rows: Vec<(&str, Server, Outcome, Code)> = vec![
        ("404", status("404 Not Found", "", ""), Reject, HttpStatus),
        ("410", status("410 Gone", "", ""), Reject, HttpStatus),
        (
            "no such key",
            status("403 Forbidden", "", missing),
            Reject,
            HttpStatus,
        ),
        (
            "expired at the store",
            status("403 Forbidden", "", EXPIRED),
            Reject,
            HttpStatus,
        ),
        (
            "401",
            status("401 Unauthorized", "", ""),
            Unknown,
            HttpStatus,
        ),
        ("403", status("403 Forbidden", "", ""), Unknown, HttpStatus),
        (
            "429",
            status("429 Slow Down", "Retry-After: 60\r\n", ""),
            Unknown,
            HttpStatus,
        ),
        ("500", status("500 No", "", ""), Unknown, HttpStatus),
        (
            "503, three times",
            status("503 Busy", "", ""),
            Unknown,
            HttpStatus,
        ),
        ("204", status("204 No Content", "", ""), Unknown, HttpStatus),
        (
            "a challenge",
            status("403 No", "cf-mitigated: challenge\r\n", ""),
            Unknown,
            HttpStatus,
        ),
        (
            "a circle",
            status("302 Found", "Location: /a.png\r\n", ""),
            Unknown,
            HttpStatus,
        ),
        ("closes", saying(""), Unknown, Unreachable),
        (
            "closes in the body",
            saying("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\u{7f}"),
            Unknown,
            Unreachable,
        ),
        (
            "another protocol",
            saying("SSH-2.0-OpenSSH_9.6\r\n"),
            Unknown,
            Unreachable,
        ),
        (
            "compressed",
            status("200 OK", "Content-Encoding: gzip\r\n", "x"),
            Unknown,
            Unreachable,
        ),
        (
            "ranges of its own",
            status("206 No", "Content-Range: bytes 5-5/9\r\n", "x"),
            Unknown,
            Unreachable,
        ),
        (
            "a redirect to nowhere",
            status("302 Found", "", ""),
            Unknown,
            Unreachable,
        ),
        ("silence", silent(), Unknown, FetchLimit),
        (
            "a chain",
            status("302 Found", "Location: x/a.png\r\n", ""),
            Unknown,
            FetchLimit,
        ),
        (
            "an endless head",
            flood(b"HTTP/1.1 200 OK\r\nX: ", b"xxxxxxxx"),
            Unknown,
            FetchLimit,
        ),
        (
            "endless hints",
            flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
            Unknown,
            FetchLimit,
        ),
        (
            "endless metadata",
            flood(b"HTTP/1.1 200 OK\r\n\r\n\xFF\xD8", segment),
            Unknown,
            FetchLimit,
        ),
    ];
    for (what, server, outcome, code) in rows {
        assert_row(what, &served(&server, URL).await, outcome, code);
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_at_an_address_has_an_outcome_and_a_code() {
    let out_of_files = Station::OutOfFiles(silent(), usize::MAX);
    for (what, station, code) in [
        ("refuses", Station::Refuses, Code::Unreachable),
        ("a black hole", Station::BlackHole, Code::FetchLimit),
        ("no file descriptor here", out_of_files, Code::FetchLimit),
    ] {
        let world = World::default()
            .name("img.example", &[ADDRESS])
            .station(ADDRESS, station);
        assert_row(what, &screen(&world, URL).await, Outcome::Unknown, code);
    }
    let nobody = World::default();
    assert_row(
        "no such name",
        &screen(&nobody, URL).await,
        Outcome::Unknown,
        Code::Unreachable,
    );
    let slow = "http://slow.example/";
    assert_row(
        "a slow name",
        &screen(&nobody, slow).await,
        Outcome::Unknown,
        Code::FetchLimit,
    );
    let plain = Server::new(|mut peer| async move { peer.send(b"HTTP/1.1 400 Bad\r\n\r\n").await });
    let plain = World::default().server("img.example", ADDRESS, &plain);
    let https = "https://img.example/a.png";
    assert_row(
        "no TLS",
        &screen(&plain, https).await,
        Outcome::Unknown,
        Code::Unreachable,
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_url_says_has_an_outcome_and_a_code_and_costs_nothing() {
    use Code::{AddressRefused, UrlExpired, UrlInvalid};
    use Outcome::{Reject, Unknown};
    let world = World::default().server("img.example", ADDRESS, &sound(""));
    for (url, outcome, code) in [
        ("http://127.0.0.1/", Unknown, AddressRefused),
        ("http://169.254.169.254/latest", Unknown, AddressRefused),
        ("http://0x7f000001/", Unknown, AddressRefused),
        ("http://localhost/", Unknown, AddressRefused),
        ("http://img.example:22/", Unknown, AddressRefused),
        (
            "http://b.oss-cn-beijing-internal.aliyuncs.com/a",
            Unknown,
            AddressRefused,
        ),
        ("http://134744072/", Reject, UrlInvalid),
        ("http://u:p@img.example/", Reject, UrlInvalid),
        ("http:\\\\img.example", Reject, UrlInvalid),
        ("ftp://img.example/", Reject, UrlInvalid),
        (
            "http://img.example/?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-Signature=s",
            Reject,
            UrlExpired,
        ),
        (
            "http://img.example/?X-Tos-Date=20200101T000000Z&X-Tos-Expires=60&X-Tos-Signature=s",
            Reject,
            UrlExpired,
        ),
        (
            "http://img.example/?Expires=1&amp;OSSAccessKeyId=k&amp;Signature=s",
            Reject,
            UrlExpired,
        ),
        (
            "http://img.example/?X-Amz-Date=20990101T000000Z&X-Amz-Expires=6048000&X-Amz-Signature=s",
            Reject,
            UrlExpired,
        ),
    ] {
        let report = screen(&world, url).await;
        assert_eq!(
            (report.outcome(), report.stage()),
            (outcome, Stage::Input),
            "{url}"
        );
        assert_eq!(
            report
                .errors()
                .map(|finding| finding.code)
                .collect::<Vec<_>>(),
            [code],
            "{url}"
        );
    }
    assert!(world.look_ups().is_empty() && world.dialled().is_empty());
    let skipped = screen(&world, "oss://bucket/key").await;
    assert_eq!(
        (skipped.outcome(), codes(&skipped)),
        (Outcome::Skip, vec![])
    );
}

/// F5: one half of the program said PF007 and the other PF008.
#[tokio::test(start_paused = true)]
async fn an_odd_spelling_of_an_allowed_address_has_one_answer() {
    let loopback = || gate::AddressPolicy::public().allow("127.0.0.0/8".parse().unwrap());
    let fetcher = Fetcher::builder().policy(loopback()).build().unwrap();
    let odd = "http://0x7f000001/a.png";
    assert!(fetcher.parse(odd).unwrap_err().is_final());
    let gate = Gate::builder(Profile::emo()).fetcher(fetcher).build();
    let report = gate.screen_url(odd).await.into_report();
    assert_row(odd, &report, Outcome::Reject, Code::UrlInvalid);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_inside_is_refused_and_one_to_http_as_well() {
    for location in [
        "http://10.0.0.1/",
        "//localhost/",
        "http://0x7f.1/",
        "http://img.example:22/",
    ] {
        let server = status("302 Found", &format!("Location: {location}\r\n"), "");
        let report = served(&server, URL).await;
        assert_row(location, &report, Outcome::Unknown, Code::AddressRefused);
        // A stranger does not learn what is inside.
        assert!(!report.findings()[0].message.contains("10.0.0.1"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_remark_on_a_url_does_not_end_its_image() {
    let soon = format!("?Expires={}&OSSAccessKeyId=k&Signature=s", epoch(300));
    let later = "?se=2999-01-02&st=2999-01-01&sig=s".to_owned();
    let long = format!("?v=1&x={}", "y".repeat(3_000));
    for (query, code, is_warning) in [
        (soon.as_str(), Code::UrlExpired, true),
        (&later, Code::UrlExpired, true),
        (
            "?security-token=t&Expires=32503680000&OSSAccessKeyId=k&Signature=s",
            Code::UrlExpired,
            false,
        ),
        ("?a=1&amp;b=2", Code::UrlInvalid, true),
        (&long, Code::UrlInvalid, true),
        ("?x=ü", Code::UrlInvalid, false),
        ("#top", Code::UrlInvalid, false),
    ] {
        let report = served(&sound(""), &format!("{URL}{query}")).await;
        assert_eq!(report.outcome(), Outcome::Pass, "{query}: {report:?}");
        let found: Vec<_> = report
            .findings()
            .iter()
            .filter(|f| f.code == code)
            .collect();
        let expected = usize::from(query != "#top");
        assert_eq!(found.len(), expected, "{query}: {report:?}");
        for finding in found {
            assert_eq!(
                finding.severity() == gate::Severity::Warning,
                is_warning,
                "{query}"
            );
            assert!(
                !finding.message.contains("Signature=s"),
                "{}",
                finding.message
            );
        }
    }
    let dots = "http://img.example/b/../a.png?se=2999-01-01&sig=s";
    let report = served(&sound(""), dots).await;
    let warned = report
        .findings()
        .iter()
        .any(|f| f.severity() == gate::Severity::Warning);
    assert!(warned && report.outcome() == Outcome::Pass, "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn a_media_type_that_contradicts_the_bytes_is_pf105() {
    for (field, is_wrong) in [
        ("Content-Type: image/jpeg\r\n", true),
        ("Content-Type: text/html\r\n", true),
        ("Content-Type: image/png\r\n", false),
        ("Content-Type: IMAGE/PNG; charset=utf-8\r\n", false),
        ("Content-Type: image/x-png\r\n", false),
        ("Content-Type: image/png, image/png\r\n", false),
        (
            "Content-Type: image/png\r\nContent-Type: image/png\r\n",
            false,
        ),
        ("Content-Type: application/octet-stream\r\n", false),
        ("Content-Type: binary/octet-stream\r\n", false),
        ("Content-Type: \r\n", false),
        ("", false),
    ] {
        let report = served(&sound(field), URL).await;
        assert_eq!(report.outcome(), Outcome::Pass, "{field}: {report:?}");
        assert_eq!(
            codes(&report).contains(&Code::ContentTypeMismatch),
            is_wrong,
            "{field}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_server_sends_is_judged_as_a_file_is() {
    let page = "<!DOCTYPE html><title>Log in</title>";
    for (what, server, outcome, stage, code) in [
        (
            "an empty body",
            status("200 OK", "", ""),
            Outcome::Reject,
            Stage::Input,
            Code::EmptyFile,
        ),
        (
            "a page",
            status("200 OK", "", page),
            Outcome::Reject,
            Stage::Header,
            Code::NotAnImage,
        ),
        (
            "a small image",
            saying(whole(&png(300, 600))),
            Outcome::Reject,
            Stage::Limits,
            Code::SideTooSmall,
        ),
    ] {
        let report = served(&server, URL).await;
        assert_eq!(
            (report.outcome(), report.stage()),
            (outcome, stage),
            "{what}: {report:?}"
        );
        let errors: BTreeSet<_> = report.errors().map(|finding| finding.code).collect();
        assert!(errors.contains(&code), "{what}: {report:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_facts_tell_what_it_cost() {
    let report = served(&sound("ETag: \"7\"\r\n"), URL).await;
    let http = report.http().unwrap();
    assert_eq!(
        (http.status, http.requests, http.etag.as_deref()),
        (Some(200), 1, Some("\"7\""))
    );
    assert_eq!(http.total, Some(png(840, 1120).len() as u64));
    assert_eq!(report.facts().bytes, http.total);
    assert_eq!(report.facts().bytes_read, http.total);
    let start = tokio::time::Instant::now();
    let busy = served(&status("503 Busy", "", ""), URL).await;
    assert_eq!(busy.http().unwrap().requests, 3);
    assert_eq!(start.elapsed(), Duration::from_millis(750));
}

/// A public copy of a local image: whatever its server does, it is no fault of the image.
#[cfg(feature = "remote")]
#[tokio::test]
async fn a_public_copy_that_is_not_there_is_pf509() {
    use gate::{ApiKey, BaseUrl, Client, Detector, Publication, Ratio};

    let standin = standin::Standin::builder().start().await.unwrap();
    let client = Client::builder(ApiKey::new("sk-0123456789abcdef").unwrap())
        .base_url(BaseUrl::parse(&standin.base_url()).unwrap())
        .unpaced()
        .build()
        .unwrap();
    let detector = Detector::builder(client).build();
    let page = "<!DOCTYPE html><title>Log in</title>";
    let mut longer = png(840, 1120);
    longer.push(0);
    for (what, server) in [
        ("404", status("404 Not Found", "", "")),
        ("a page", status("200 OK", "", page)),
        ("another size", saying(whole(&png(841, 1120)))),
        ("another length", saying(whole(&longer))),
        ("closes", saying("")),
    ] {
        let world = World::default().server("img.example", ADDRESS, &server);
        let gate = gate(&world);
        let report = gate
            .admit_bytes(&detector, png(840, 1120), Ratio::Square, async || {
                Publication::At(gate::TargetUrl::parse(URL).unwrap())
            })
            .await;
        assert_eq!(report.outcome(), Outcome::Unknown, "{what}");
        let errors: Vec<_> = report.errors().map(|finding| finding.code).collect();
        assert_eq!(errors, [Code::MapMismatch], "{what}");
    }
    assert_eq!(standin.stats().face_detect, 0, "nobody was asked");
}
