//! A paid answer is read however it is wrapped on its way.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use remote::{Charge, ErrorKind, Ratio};

use crate::server::{Act, Server, image};

const PASS: &str = r#"{"output":{"check_pass":true,"face_bbox":[302,286,610,593],"ext_bbox":[71,9,840,778]},"usage":{"image_count":1},"request_id":"r"}"#;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

fn answer(headers: &str, body: &[u8]) -> Act {
    answer_of_len(200, body.len(), headers, body)
}

fn answer_of_len(status: u16, len: usize, headers: &str, body: &[u8]) -> Act {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {len}\r\nconnection: close\r\n{headers}\r\n"
    );
    Act::Answer([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn a_pass_in_any_dress_is_a_pass() {
    let marked = [b"\xef\xbb\xbf", PASS.as_bytes()].concat();
    for act in [
        answer("content-encoding: gzip\r\n", &gzip(PASS.as_bytes())),
        answer("content-encoding: x-gzip\r\n", &gzip(PASS.as_bytes())),
        answer("", &gzip(PASS.as_bytes())),
        answer("content-encoding: gzip\r\n", &gzip(&marked)),
        answer("content-type: text/plain\r\n", &marked),
        answer("content-encoding: gzip\r\n", PASS.as_bytes()),
        answer("content-encoding: br\r\n", PASS.as_bytes()),
        answer(
            "content-encoding: gzip, gzip\r\n",
            &gzip(&gzip(PASS.as_bytes())),
        ),
        answer("content-encoding: gzip\r\n", &gzip(&gzip(PASS.as_bytes()))),
        answer("content-encoding: Deflate\r\n", &deflate(PASS.as_bytes())),
        answer(
            "content-type: text/event-stream\r\n",
            format!("data: {PASS}\n\n").as_bytes(),
        ),
        answer("", &[PASS.as_bytes(), &[0; 200_000]].concat()),
        answer("", &PASS.repeat(2).into_bytes()),
        answer_of_len(200, PASS.len() + 9, "", PASS.as_bytes()),
        answer_of_len(
            302,
            PASS.len(),
            "location: http://127.0.0.1:1/\r\n",
            PASS.as_bytes(),
        ),
        answer_of_len(429, PASS.len(), "retry-after: 1\r\n", PASS.as_bytes()),
    ] {
        let server = Server::start([act.clone()]).await;
        let detection = server.ask().await.unwrap();
        assert!(detection.boxes().is_some(), "{act:?}");
        assert_eq!(
            (detection.charge, server.requests().len()),
            (Charge::Yes, 1)
        );
    }
}

#[tokio::test]
async fn a_raw_deflate_is_read_where_the_header_names_it_and_only_there() {
    let packed = deflate(PASS.as_bytes());
    for (headers, passes) in [
        ("content-encoding: gzip, DEFLATE\r\n", true),
        ("content-encoding: br\r\n", false),
        ("", false),
    ] {
        let server = Server::start([answer(headers, &packed)]).await;
        assert_eq!(server.ask().await.is_ok(), passes, "{headers}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_to_the_byte() {
    const MOST: usize = 65_536;
    for (len, kind) in [
        (MOST, ErrorKind::ContractBroken),
        (MOST + 1, ErrorKind::OutcomeUnknown),
    ] {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(len - 8));
        assert_eq!(body.len(), len);
        let server = Server::start([answer("", body.as_bytes())]).await;
        let error = server.ask().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.charge()),
            (kind, Charge::Unknown),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_gzip_that_grows_without_end_or_is_cut_is_not_believed() {
    let whole = gzip(PASS.as_bytes());
    for body in [
        gzip(&vec![b' '; 50_000_000]),
        whole[..whole.len() - 20].to_vec(),
    ] {
        let server = Server::start([answer("content-encoding: gzip\r\n", &body)]).await;
        let error = server.ask().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.charge(), server.requests().len()),
            (ErrorKind::OutcomeUnknown, Charge::Unknown, 1),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_pass_whose_body_does_not_end_is_a_pass_when_the_time_is_up() {
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{PASS}");
    let server = Server::start([Act::Hang(endless.into_bytes())]).await;
    let client = server.builder().timeout(Duration::from_millis(400)).build();
    let answer = client.unwrap().detect(&image(), Ratio::Square).await;
    assert!(answer.unwrap().boxes().is_some());
}
