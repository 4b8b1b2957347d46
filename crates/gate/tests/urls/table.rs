//! One row for each fault: outcome, stage and code.

use gate::{Code, Fetcher, Gate, Outcome, Profile, Stage};
use testkit::server::Server;
use testkit::world::{Station, World};

use crate::support::{
    ADDRESS, URL, assert_row, codes, flood, saying, screen, served, silent, sound, status,
};

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

/// A fault that lies elsewhere has no help that speaks of the server.
#[tokio::test(start_paused = true)]
async fn the_help_names_what_can_be_done() {
    let out_of_files = Station::OutOfFiles(silent(), usize::MAX);
    let world = World::default()
        .name("img.example", &[ADDRESS])
        .station(ADDRESS, out_of_files);
    let too_long = "?X-Amz-Date=20990101T000000Z&X-Amz-Expires=6048000&X-Amz-Signature=s";
    for (url, help) in [
        (URL.to_owned(), "open more files"),
        (format!("{URL}{too_long}"), "at most 604800 s"),
    ] {
        let report = screen(&world, &url).await;
        let found = report.errors().next().unwrap().help.clone().unwrap();
        assert!(found.contains(help), "{found}");
    }
}

/// A store says why it refuses; the help is for that.
#[tokio::test(start_paused = true)]
async fn the_help_is_for_what_the_store_said() {
    for (code, more, help) in [
        (
            "AccessDenied",
            "",
            Some("with a key that may read the object"),
        ),
        ("SignatureDoesNotMatch", "", Some("the secret of the key")),
        ("RequestTimeTooSkewed", "", Some("Set the clock")),
        ("ExpiredToken", "", Some("new temporary credentials")),
        ("InvalidAccessKeyId", "", Some("a key that the store knows")),
        (
            "PermanentRedirect",
            "",
            Some("the region that the bucket is in"),
        ),
        (
            "PermanentRedirect",
            "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>",
            Some("for oss-cn-beijing.aliyuncs.com, where the bucket is"),
        ),
        ("NoSuchKey", "", None),
    ] {
        let body = format!("<Error><Code>{code}</Code><Message>no</Message>{more}</Error>");
        let report = served(&status("403 Forbidden", "", &body), URL).await;
        let found = report.errors().next().unwrap();
        assert_eq!(found.code, Code::HttpStatus, "{code}");
        let said = found.help.as_deref().unwrap();
        match help {
            Some(help) => assert!(said.contains(help), "{code}: {said}"),
            None => assert_eq!(said, Code::HttpStatus.entry().remedy, "{code}"),
        }
    }
}

/// When the server asks to come back is told to people and to programs.
#[tokio::test(start_paused = true)]
async fn a_server_that_asks_to_come_back_is_heard() {
    for (line, fields, after) in [
        ("429 Slow Down", "Retry-After: 60\r\n", Some(60)),
        ("503 Busy", "Retry-After: 7200\r\n", Some(7200)),
        ("503 Busy", "", None),
        ("401 No", "", None),
    ] {
        let report = served(&status(line, fields, ""), URL).await;
        assert_eq!(report.http().unwrap().retry_after, after, "{line}");
        let found = report.errors().next().unwrap();
        assert!(found.message.contains(&line[..3]), "{}", found.message);
        let asks = after.map(|after| format!("; the server asks to come back in {after} s"));
        match asks {
            Some(asks) => assert!(found.message.ends_with(&asks), "{}", found.message),
            None => assert!(!found.message.contains("asks"), "{}", found.message),
        }
        let after = after.map(std::time::Duration::from_secs);
        let advice = gate::Advice::AskAgain {
            after,
            may_cost: false,
        };
        assert_eq!(report.advice(), advice, "{line}");
    }
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
