//! An answer's body, as far as it comes.

use bytes::{Bytes, BytesMut};
use reqwest::header::CONTENT_ENCODING;

use super::coding;
use crate::transport::departure::Departure;
use crate::transport::{BodyFault, BrokenBody};

/// Reads at most `most` bytes within the time that the call has, and takes them out of their
/// content codings. What came before a fault is kept.
pub(super) async fn read(
    mut response: reqwest::Response,
    departure: &Departure,
    most: usize,
) -> Result<Bytes, BrokenBody> {
    let mut received = BytesMut::new();
    let reading = collect(&mut response, &mut received, most);
    let end = departure.within(reading).await;
    let fault = end.unwrap_or(Err(BodyFault::TimedOut)).err();
    let mut codings = response.headers().get_all(CONTENT_ENCODING).iter();
    let says_deflate = codings.any(|value| value.as_bytes().windows(7).any(is_deflate));
    let (received, packed) = coding::unpacked(received.freeze(), says_deflate, most);
    // The first fault explains the second.
    match fault.or(packed) {
        None => Ok(received),
        Some(fault) => Err(BrokenBody { received, fault }),
    }
}

fn is_deflate(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"deflate")
}

async fn collect(
    response: &mut reqwest::Response,
    received: &mut BytesMut,
    most: usize,
) -> Result<(), BodyFault> {
    let cut = |error: reqwest::Error| BodyFault::Cut(error.without_url().into());
    while let Some(chunk) = response.chunk().await.map_err(cut)? {
        let room = most - received.len();
        received.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Err(BodyFault::TooLong { most });
        }
    }
    Ok(())
}
