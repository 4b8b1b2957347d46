//! One fetch: from URL to URL, and the requests on the way.

use core::time::Duration;
use std::net::IpAddr;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::{Body, Incoming};
use hyper::header;
use hyper::http::response::Parts;
use hyper::{HeaderMap, Request};
use jiff::Timestamp;

use super::budget;
use super::clock::Clock;
use super::connection::Connection;
use super::error::{BadRedirect, FetchError, FetchErrorKind, FetchLimit, Phase, Refusal};
use super::fetched::Facts;
use super::fetcher::Shared;
use super::limits::Permit;
use super::meter::Allowance;
use super::note::Note;
use super::range::ByteRange;
use super::response;
use super::signed::Standing;
use super::store::StoreError;
use super::url::{TargetUrl, UrlError};
use super::wall;

/// Who asks, and where to complain.
const USER_AGENT: &str = concat!(
    "preflight/",
    env!("CARGO_PKG_VERSION"),
    " (+",
    env!("CARGO_PKG_REPOSITORY"),
    ")"
);

/// What one fetch has used up and seen so far. Dropping it closes everything.
pub(super) struct Run<'f> {
    shared: &'f Shared,
    receive_buffer: Option<u32>,
    clock: Clock,
    allowance: Allowance,
    pub(super) facts: Facts,
    has_cookie: bool,
}

/// A server on the way: judged addresses, and the connection while there is one.
pub(super) struct Hop {
    pub(super) url: TargetUrl,
    addresses: Vec<IpAddr>,
    connection: Option<Connection>,
    _permit: Permit,
}

/// What a hop leads to.
pub(super) enum Landing<T> {
    Done(T),
    Redirect(TargetUrl),
}

/// A response whose body has not been read.
pub(super) struct Reply {
    pub(super) head: Parts,
    pub(super) body: Incoming,
}

impl Reply {
    /// The length of the body, as the framing tells it.
    pub(super) fn length(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }
}

impl<'f> Run<'f> {
    /// A fetch of a few bytes.
    pub(super) fn frugal(shared: &'f Shared) -> Self {
        let buffer = Some(budget::RECEIVE_BUFFER);
        Self::new(shared, buffer, shared.total, budget::MAX_SOCKET)
    }

    /// A fetch of a whole object of at most so many bytes.
    pub(super) fn whole(shared: &'f Shared, max_bytes: u64) -> Self {
        let records = max_bytes / 64;
        let ceiling = max_bytes
            .saturating_add(records)
            .saturating_add(budget::WHOLE_OVERHEAD);
        Self::new(shared, None, budget::WHOLE_TOTAL, ceiling)
    }

    fn new(shared: &'f Shared, receive_buffer: Option<u32>, total: Duration, ceiling: u64) -> Self {
        Self {
            shared,
            receive_buffer,
            clock: Clock::start(total),
            allowance: Allowance::new(ceiling),
            facts: Facts::default(),
            has_cookie: false,
        }
    }

    /// What was seen and used.
    pub(super) fn into_facts(mut self) -> Facts {
        self.facts.socket_bytes = self.allowance.received();
        self.facts
    }

    /// What the URL says by itself: notes, and whether it has expired.
    pub(super) fn look_at(&mut self, url: &TargetUrl, now: Timestamp) -> Result<(), FetchError> {
        let notes = &mut self.facts.notes;
        if url.is_changed() {
            notes.push(Note::Normalised { sent: url.clone() });
        }
        if url.had_fragment() {
            notes.push(Note::FragmentDropped);
        }
        if url.is_long() {
            let bytes = url.as_str().len();
            notes.push(Note::LongUrl { bytes });
        }
        let Some(signature) = url.signature() else {
            return Ok(());
        };
        if url.had_dot_segments() {
            notes.push(Note::DotSegmentsInSigned);
        }
        if signature.temporary_key {
            notes.push(Note::TemporaryKey);
        }
        match signature.standing(now) {
            Standing::Expired(at) => {
                let signer = signature.signer;
                return Err(FetchErrorKind::Expired { signer, at }.into());
            }
            Standing::ExpiresSoon(at) => notes.push(Note::ExpiresSoon { at }),
            Standing::NotYet(at) => notes.push(Note::NotYetValid { at }),
            Standing::Valid => {}
        }
        Ok(())
    }

    /// Comes to a server: waits for a permit, and has its addresses judged.
    pub(super) async fn arrive(&mut self, url: TargetUrl) -> Result<Hop, FetchError> {
        let permit = self
            .clock
            .stopped(self.shared.limits.enter(url.host()))
            .await;
        let addresses = self.shared.guard.admit(&url, &self.clock).await?;
        Ok(Hop {
            url,
            addresses,
            connection: None,
            _permit: permit,
        })
    }

    /// Where a response redirects to.
    pub(super) fn redirect(&self, hop: &Hop, reply: &Reply) -> Result<TargetUrl, FetchError> {
        response::location(&hop.url, &reply.head.headers).map_err(|fault| match fault {
            BadRedirect::Url(UrlError::HostSpelling { address }) => {
                let refused = self.shared.guard.refuse(address).err();
                refused.unwrap_or_else(|| FetchErrorKind::BadRedirect(fault).into())
            }
            fault => FetchErrorKind::BadRedirect(fault).into(),
        })
    }

    /// Leaves a server for where it redirects to. Its connection and its permit go back first: who
    /// holds one host while waiting for the next could wait for ever.
    pub(super) fn follow(&mut self, hop: Hop, to: TargetUrl) -> Result<TargetUrl, FetchError> {
        let from = hop.url;
        if from.is_https() && !to.is_https() {
            return Err(Refusal::Downgrade.into());
        }
        if from == to || self.facts.redirects.contains(&to) {
            let wants_cookie = self.has_cookie;
            return Err(FetchErrorKind::RedirectLoop { wants_cookie }.into());
        }
        if self.facts.redirects.len() == budget::MAX_REDIRECTS {
            let limit = budget::MAX_REDIRECTS;
            return Err(FetchErrorKind::Limit(FetchLimit::Redirects { limit }).into());
        }
        self.facts.redirects.push(from);
        Ok(to)
    }

    /// Sends one request, on the connection at hand or on a new one, and reads the head of its
    /// response. A connection that the server closed between two requests is replaced once.
    pub(super) async fn exchange(
        &mut self,
        hop: &mut Hop,
        range: Option<ByteRange>,
        if_range: Option<&str>,
    ) -> Result<Reply, FetchError> {
        loop {
            let kept = hop.connection.take();
            let was_kept = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => {
                    let (connector, buffer) = (&self.shared.connector, self.receive_buffer);
                    let Hop { url, addresses, .. } = &*hop;
                    connector
                        .open(url, addresses, buffer, &self.clock, &self.allowance)
                        .await?
                }
            };
            self.facts.requests += 1;
            let sending = connection.send(request(&hop.url, range, if_range)?);
            let response = match self
                .clock
                .within(Phase::Head, budget::HEAD, sending)
                .await?
            {
                Err(error) if was_kept && *error.kind() == FetchErrorKind::Closed => continue,
                response => response?,
            };
            hop.connection = Some(connection);
            let (head, body) = response.into_parts();
            tracing::debug!(url = %hop.url, range = ?range, status = head.status.as_u16(), "response");
            self.note(hop, &head);
            return Ok(Reply { head, body });
        }
    }

    /// The next piece of a body; none at its end.
    pub(super) async fn next_piece(
        &mut self,
        hop: &mut Hop,
        body: &mut Incoming,
    ) -> Result<Option<Bytes>, FetchError> {
        let Some(connection) = &mut hop.connection else {
            return Ok(None);
        };
        let reading = connection.next_piece(body);
        let piece = self
            .clock
            .within(Phase::Idle, budget::IDLE, reading)
            .await??;
        let taken = piece.as_ref().map_or(0, Bytes::len);
        self.facts.body_bytes += taken as u64;
        Ok(piece)
    }

    /// What a status without a picture means; reads the start of the body for a store's code.
    pub(super) async fn status_error(&mut self, hop: &mut Hop, mut reply: Reply) -> FetchError {
        let status = reply.head.status.as_u16();
        let mut start = Vec::new();
        if status >= 400 {
            // Whatever goes wrong here, the status stands.
            while start.len() < budget::MAX_ERROR_BODY {
                let Ok(Some(piece)) = self.next_piece(hop, &mut reply.body).await else {
                    break;
                };
                start.extend_from_slice(&piece);
            }
            start.truncate(budget::MAX_ERROR_BODY);
        }
        hop.connection = None;
        let headers = &reply.head.headers;
        if matches!(status, 403 | 429 | 503) && wall::is_wall(headers, &start) {
            return FetchErrorKind::BotWall.into();
        }
        FetchErrorKind::Status {
            status,
            store: StoreError::read(&start),
            retry_after: response::retry_after(headers),
        }
        .into()
    }

    fn note(&mut self, hop: &Hop, head: &Parts) {
        let headers: &HeaderMap = &head.headers;
        self.has_cookie |= headers.contains_key(header::SET_COOKIE);
        self.facts.final_url = Some(hop.url.clone());
        self.facts.status = Some(head.status.as_u16());
        self.facts.etag = response::text(headers, &header::ETAG);
        self.facts.last_modified = response::text(headers, &header::LAST_MODIFIED);
        self.facts.content_type = response::content_type(headers);
    }
}

impl Hop {
    /// Closes the connection, if there is one.
    pub(super) fn close(&mut self) {
        self.connection = None;
    }
}

/// GET, never HEAD: a signed URL is signed for one method. And nothing that was not asked for: any
/// field beyond these may be part of somebody's signature.
fn request(
    url: &TargetUrl,
    range: Option<ByteRange>,
    if_range: Option<&str>,
) -> Result<Request<Empty<Bytes>>, FetchError> {
    let mut request = Request::get(url.request_target())
        .header(header::HOST, url.authority())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "image/*,*/*;q=0.5")
        .header(header::ACCEPT_ENCODING, "identity");
    if let Some(range) = range {
        request = request.header(header::RANGE, range.field());
        if let Some(validator) = if_range {
            request = request.header(header::IF_RANGE, validator);
        }
    }
    // Never so: a normalised URL is a sound request target.
    request
        .body(Empty::new())
        .map_err(|error| FetchError::new(FetchErrorKind::BadHttp).with_source(error))
}
