//! Remarks, media types, facts and public copies.

use std::collections::BTreeSet;
use std::time::Duration;

use gate::{Code, Outcome, Stage};
use testkit::server::whole;
use testkit::world::World;

use crate::support::{ADDRESS, URL, codes, epoch, gate, png, saying, served, sound, status};

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

/// A public copy of a local image: its server may fail, and the image is not to blame.
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
    let gif = b"GIF89a\x90\x01\xF4\x01\0\0\0";
    for (what, server, words) in [
        ("404", status("404 Not Found", "", ""), "404"),
        (
            "a page",
            status("200 OK", "", page),
            "but found an HTML page",
        ),
        (
            "another size",
            saying(whole(&png(841, 1120))),
            "expected 840 x 1120 PNG at http://img.example/a.png, but found 841 x 1120 PNG",
        ),
        ("another format", saying(whole(gif)), "but found GIF"),
        (
            "a cut header",
            saying(whole(&longer[..20])),
            "but found PNG, byte 20: ",
        ),
        ("nothing", saying(whole(b"")), "but found nothing"),
        (
            "another length",
            saying(whole(&longer)),
            "but found 473 bytes",
        ),
        ("closes", saying(""), "at http://img.example/a.png: "),
    ] {
        let world = World::default().server("img.example", ADDRESS, &server);
        let gate = gate(&world);
        let report = gate
            .admit_bytes(&detector, png(840, 1120), Ratio::Square, async || {
                Publication::At(gate::TargetUrl::parse(URL).unwrap())
            })
            .await;
        assert_eq!(report.outcome(), Outcome::Unknown, "{what}");
        let errors: Vec<_> = report.errors().collect();
        assert_eq!(errors.len(), 1, "{what}: {report:?}");
        assert_eq!(errors[0].code, Code::MapMismatch, "{what}");
        assert!(
            errors[0].message.contains(words),
            "{what}: {}",
            errors[0].message
        );
    }
    assert_eq!(standin.stats().face_detect, 0, "nobody was asked");
}
