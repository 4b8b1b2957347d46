//! A whole object, for those who decode or hash it.

use super::error::{FetchError, FetchErrorKind, FetchLimit};
use super::fetch::{Fetch, Hop, Visit};
use super::reply::{self, ReplyKind};

/// Reads the object that a server has, if it is not longer than the fetch wants it.
pub(super) async fn download(
    fetch: &mut Fetch<'_>,
    hop: &mut Hop,
) -> Result<Visit<Vec<u8>>, FetchError> {
    let reply = fetch.exchange(hop, None, None).await?;
    match reply::kind(&reply.head, reply.length, None) {
        ReplyKind::Bytes(_) => {}
        ReplyKind::Redirect => return fetch.redirect(hop, &reply),
        ReplyKind::BadRange => return Err(FetchErrorKind::BadRange.into()),
        ReplyKind::Encoded(kind) => return Err(kind.into()),
        ReplyKind::Status | ReplyKind::Unsatisfiable => {
            return Err(fetch.status_error(hop, &reply).await);
        }
    }
    let limit = fetch.max_bytes;
    let too_large = || FetchErrorKind::Limit(FetchLimit::DownloadBytes { limit });
    fetch.facts.validators.len = reply.length;
    if reply.length.is_some_and(|length| length > limit) {
        return Err(too_large().into());
    }
    let mut bytes = Vec::new();
    while let Some(piece) = fetch.next_piece(hop).await? {
        if (bytes.len() + piece.len()) as u64 > limit {
            return Err(too_large().into());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Visit::Done(bytes))
}
