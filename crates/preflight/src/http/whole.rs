//! A whole object, for those who decode or hash it.

use super::error::{FetchError, FetchErrorKind, FetchLimit};
use super::response::{self, Meaning};
use super::run::{Hop, Landing, Run};

/// Reads the object that a hop has, if it has at most `max_bytes` bytes.
pub(super) async fn whole(
    run: &mut Run<'_>,
    hop: &mut Hop,
    max_bytes: u64,
) -> Result<Landing<Vec<u8>>, FetchError> {
    let mut reply = run.exchange(hop, None, None).await?;
    let length = reply.length();
    match response::meaning(&reply.head, length, None) {
        Meaning::Bytes(_) => {}
        Meaning::Redirect => return run.redirect(hop, &reply).map(Landing::Redirect),
        Meaning::BadRange => return Err(FetchErrorKind::BadRange.into()),
        Meaning::Encoded(kind) => return Err(kind.into()),
        Meaning::Status | Meaning::Unsatisfiable => return Err(run.status_error(hop, reply).await),
    }
    let too_large = || {
        FetchError::from(FetchErrorKind::Limit(FetchLimit::WholeBytes {
            limit: max_bytes,
        }))
    };
    run.facts.total = length;
    if length.is_some_and(|length| length > max_bytes) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(piece) = run.next_piece(hop, &mut reply.body).await? {
        if (bytes.len() + piece.len()) as u64 > max_bytes {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Landing::Done(bytes))
}
