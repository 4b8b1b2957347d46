//! A paid answer is read however it is wrapped on its way.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use remote::{Charge, ErrorKind, Ratio};

use crate::server::{Act, Server, image};

const PASS: &str = r#"{"output":{"check_pass":true,"face_bbox":[302,286,610,593],"ext_bbox":[71,9,840,778]},"usage":{"image_count":1},"request_id":"r"}"#;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

fn answer(headers: &str, body: &[u8]) -> Act {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    Act::Answer([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn a_pass_in_gzip_or_behind_a_byte_order_mark_is_a_pass() {
    let marked = [b"\xef\xbb\xbf", PASS.as_bytes()].concat();
    for act in [
        answer("content-encoding: gzip\r\n", &gzip(PASS.as_bytes())),
        answer("content-encoding: x-gzip\r\n", &gzip(PASS.as_bytes())),
        answer("", &gzip(PASS.as_bytes())),
        answer("content-encoding: gzip\r\n", &gzip(&marked)),
        answer("content-type: text/plain\r\n", &marked),
        answer("content-encoding: gzip\r\n", PASS.as_bytes()),
    ] {
        let server = Server::start([act.clone()]).await;
        let client = server.client();
        let detection = client.detect(&image(), Ratio::Square).await.unwrap();
        assert!(detection.boxes().is_some(), "{act:?}");
        assert_eq!(
            (detection.charge, server.requests().len()),
            (Charge::Yes, 1)
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
        let error = server
            .client()
            .detect(&image(), Ratio::Square)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.charge(), server.requests().len()),
            (ErrorKind::OutcomeUnknown, Charge::Unknown, 1),
            "{error}"
        );
    }
}
