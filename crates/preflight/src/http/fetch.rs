//! One fetch: from URL to URL, and the requests on the way.

mod hop;
mod retry;

use core::time::Duration;
use std::net::IpAddr;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header;
use hyper::http::response::Parts;
use jiff::Timestamp;
use tokio::time::{sleep, timeout};

use super::error::{FetchError, FetchErrorKind, FetchLimit, Phase, Refusal};
use super::facts::Facts;
use super::limits;
use super::presigned::Validity;
use super::reply::object_store::StoreError;
use super::reply::range::ByteRange;
use super::reply::{self, challenge};
use super::shared::Shared;
use super::url::TargetUrl;
use super::url_note::UrlNote;
use super::wire::clock::Clock;
use super::wire::connection::Connection;
use super::wire::meter::ByteBudget;
use super::wire::pool::Origin;

pub(super) use hop::{Hop, Reply};

/// What one fetch has used up and seen so far. Dropping it closes everything.
///
/// The order of its methods: [`follow`](Self::follow) comes to a server and has it visited, server
/// after server, and again where that may help. A visit sends requests by
/// [`exchange`](Self::exchange) and reads each body by [`next_piece`](Self::next_piece), as far as it
/// wants to. [`into_facts`](Self::into_facts) is the end.
pub(super) struct Fetch<'f> {
    shared: &'f Shared,
    receive_buffer: Option<u32>,
    clock: Clock,
    budget: ByteBudget,
    pub(super) facts: Facts,
    has_cookie: bool,
    /// Bytes of the longest object that is wanted whole.
    pub(super) max_bytes: u64,
}

/// What the visit of a server came to.
pub(super) enum Visit<T> {
    Done(T),
    Redirect(TargetUrl),
}

impl<'f> Fetch<'f> {
    /// A fetch of a few bytes.
    pub(super) fn probe(shared: &'f Shared) -> Self {
        Self {
            shared,
            receive_buffer: Some(limits::RECEIVE_BUFFER),
            clock: Clock::start(shared.times),
            budget: ByteBudget::new(limits::MAX_SOCKET),
            facts: Facts::default(),
            has_cookie: false,
            max_bytes: 0,
        }
    }

    /// A fetch of a whole object of at most so many bytes.
    pub(super) fn download(shared: &'f Shared, max_bytes: u64) -> Self {
        let records = max_bytes / 64;
        let most = max_bytes
            .saturating_add(records)
            .saturating_add(limits::DOWNLOAD_OVERHEAD);
        Self {
            receive_buffer: None,
            clock: Clock::start(shared.times.for_download()),
            budget: ByteBudget::new(most),
            max_bytes,
            ..Self::probe(shared)
        }
    }

    /// The answers and the cost so far.
    pub(super) fn into_facts(mut self) -> Facts {
        self.facts.socket_bytes = self.budget.received();
        self.facts
    }

    /// Has the server of a URL visited, and those that it redirects to. A visit that failed for a
    /// reason that may pass is made again after a pause.
    pub(super) async fn follow<T>(
        &mut self,
        url: &TargetUrl,
        visit: impl AsyncFn(&mut Self, &mut Hop) -> Result<Visit<T>, FetchError>,
    ) -> Result<T, FetchError> {
        self.look_at(url, Timestamp::now())?;
        let mut hop = self.arrive(url.clone()).await?;
        loop {
            match visit(self, &mut hop).await {
                Ok(Visit::Done(found)) => {
                    self.leave(hop).await;
                    return Ok(found);
                }
                Ok(Visit::Redirect(to)) => {
                    self.check_redirect(&hop.url, &to)?;
                    // Its connection and its permit go back first: who holds one host while waiting
                    // for the next could wait for ever.
                    let from = self.leave(hop).await;
                    self.facts.redirects.push(from);
                    hop = self.arrive(to).await?;
                }
                Err(error) => match self.pause_before_retry(&hop, &error) {
                    Some(pause) => {
                        hop.close();
                        tracing::debug!(url = %hop.url, ?pause, "again after: {error}");
                        sleep(pause).await;
                        self.facts.retries += 1;
                    }
                    None => {
                        // A fault of the connection has closed it by now.
                        self.leave(hop).await;
                        return Err(error);
                    }
                },
            }
        }
    }

    /// What the URL says by itself: notes, and whether its signature holds.
    fn look_at(&mut self, url: &TargetUrl, now: Timestamp) -> Result<(), FetchError> {
        self.facts.notes = UrlNote::of(url);
        let Some(signature) = url.signature() else {
            return Ok(());
        };
        let signer = signature.signer;
        match signature.validity(now) {
            Validity::Expired(at) => return Err(FetchErrorKind::Expired { signer, at }.into()),
            Validity::TooLong { span, limit } => {
                return Err(FetchErrorKind::SpanTooLong {
                    signer,
                    span,
                    limit,
                }
                .into());
            }
            Validity::ExpiresSoon(at) => self.facts.notes.push(UrlNote::ExpiresSoon { at }),
            Validity::NotYet(at) => self.facts.notes.push(UrlNote::NotYetValid { at }),
            Validity::Valid => {}
        }
        Ok(())
    }

    /// Comes to a server: waits for a permit, and has its addresses judged.
    async fn arrive(&mut self, url: TargetUrl) -> Result<Hop, FetchError> {
        let permit = self
            .clock
            .stopped(self.shared.permits.enter(url.host()))
            .await;
        let mut waited = Duration::ZERO;
        let addresses = loop {
            match self.shared.guard.admit(&url, &mut self.clock).await {
                Ok(addresses) => break addresses,
                Err(error) => self.wait_for_our_own(error, &mut waited).await?,
            }
        };
        Ok(Hop {
            origin: Origin::of(&url, self.receive_buffer),
            url,
            addresses,
            connection: None,
            requests: 0,
            _permit: permit,
        })
    }

    fn check_redirect(&self, from: &TargetUrl, to: &TargetUrl) -> Result<(), FetchError> {
        if from.is_https() && !to.is_https() {
            return Err(Refusal::Downgrade.into());
        }
        if from == to || self.facts.redirects.contains(to) {
            let wants_cookie = self.has_cookie;
            return Err(FetchErrorKind::RedirectLoop { wants_cookie }.into());
        }
        if self.facts.redirects.len() == limits::MAX_REDIRECTS {
            let limit = limits::MAX_REDIRECTS;
            return Err(FetchErrorKind::Limit(FetchLimit::Redirects { limit }).into());
        }
        Ok(())
    }

    /// Leaves a server. Its connection is kept if the little that is left of the body comes soon.
    async fn leave(&mut self, mut hop: Hop) -> TargetUrl {
        if self.finish_body(&mut hop).await {
            if let Some(connection) = hop.connection.take() {
                self.shared.pool.keep(hop.origin, connection);
            }
        }
        hop.url
    }

    /// Reads what is left of a body, if it is little, and says whether the connection can be used
    /// again. The bytes are under way already; a body that must be cut costs its connection.
    async fn finish_body(&mut self, hop: &mut Hop) -> bool {
        let Some(connection) = &hop.connection else {
            return false;
        };
        let room = limits::MAX_BODY.saturating_sub(self.facts.body_bytes);
        let most = limits::MAX_REST.min(room);
        if connection.rest().is_none_or(|rest| rest > most) {
            return false;
        }
        let reading = async { while let Ok(Some(_)) = self.next_piece(hop).await {} };
        let in_time = timeout(limits::REST_TIME, reading).await.is_ok();
        in_time && hop.connection.as_mut().is_some_and(Connection::is_open)
    }

    /// The pause before the next try. `None` if a try would be useless, too late, or one too many.
    fn pause_before_retry(&self, hop: &Hop, error: &FetchError) -> Option<Duration> {
        let made = self.facts.retries;
        if made >= self.shared.retries || hop.check_requests().is_err() {
            return None;
        }
        retry::pause(error, made).filter(|pause| *pause < self.clock.left())
    }

    /// Sends one request, on the connection at hand, a kept one or a new one, and reads the head of
    /// its response. A request that a kept connection lost is sent once again, on a new one.
    pub(super) async fn exchange(
        &mut self,
        hop: &mut Hop,
        range: Option<ByteRange>,
        if_range: Option<&str>,
    ) -> Result<Reply, FetchError> {
        hop.check_requests()?;
        let kept = match self.finish_body(hop).await {
            true => hop.connection.take(),
            false => self.shared.pool.take(&hop.origin, &hop.addresses),
        };
        if let Some(connection) = kept {
            connection.charge(&self.budget);
            match self.send(hop, connection, range, if_range).await {
                reply if retry::lost_by_keeping(&reply) => {
                    hop.close();
                    hop.check_requests()?;
                }
                reply => return reply,
            }
        }
        let connection = self.connect(&hop.url, &hop.addresses).await?;
        self.send(hop, connection, range, if_range).await
    }

    async fn connect(
        &mut self,
        url: &TargetUrl,
        addresses: &[IpAddr],
    ) -> Result<Connection, FetchError> {
        let mut waited = Duration::ZERO;
        loop {
            let (connector, buffer) = (&self.shared.connector, self.receive_buffer);
            let opening = connector.open(url, addresses, buffer, &self.clock, &self.budget);
            match opening.await {
                Ok(connection) => {
                    self.facts.connections += 1;
                    return Ok(connection);
                }
                Err(error) => self.wait_for_our_own(error, &mut waited).await?,
            }
        }
    }

    /// Waits a little if it is our own want that an error tells of; else, and after long enough, the
    /// error stands. Kept connections are the first to go.
    async fn wait_for_our_own(
        &mut self,
        error: FetchError,
        waited: &mut Duration,
    ) -> Result<(), FetchError> {
        let passes = matches!(error.kind(), FetchErrorKind::OwnShortage(want) if want.may_pass());
        if !passes || *waited >= limits::OWN {
            return Err(error);
        }
        if !self.shared.pool.clear() {
            self.clock.stopped(sleep(limits::OWN_PAUSE)).await;
            *waited += limits::OWN_PAUSE;
        }
        Ok(())
    }

    async fn send(
        &mut self,
        hop: &mut Hop,
        mut connection: Connection,
        range: Option<ByteRange>,
        if_range: Option<&str>,
    ) -> Result<Reply, FetchError> {
        let request = hop::request(&hop.url, &self.shared.user_agent, range, if_range)?;
        hop.requests += 1;
        self.facts.requests += 1;
        let sending = connection.send(request);
        let head = self.clock.within(Phase::Head, sending).await??;
        let length = connection.rest();
        hop.connection = Some(connection);
        tracing::debug!(url = %hop.url, range = ?range, status = head.status.as_u16(), "response");
        self.note(hop, &head);
        Ok(Reply { head, length })
    }

    /// The next piece of the body of the last reply; none at its end.
    pub(super) async fn next_piece(&mut self, hop: &mut Hop) -> Result<Option<Bytes>, FetchError> {
        // Back in its place only if all went well.
        let Some(mut connection) = hop.connection.take() else {
            return Ok(None);
        };
        let reading = connection.next_piece();
        let piece = self.clock.within(Phase::Idle, reading).await??;
        hop.connection = Some(connection);
        self.facts.body_bytes += piece.as_ref().map_or(0, Bytes::len) as u64;
        Ok(piece)
    }

    /// Where a reply redirects to.
    pub(super) fn redirect<T>(&self, hop: &Hop, reply: &Reply) -> Result<Visit<T>, FetchError> {
        let location = reply::location(&reply.head.headers);
        self.shared
            .guard
            .join(&hop.url, location)
            .map(Visit::Redirect)
    }

    /// What a status without an image means; reads the start of the body for a store's code.
    pub(super) async fn status_error(&mut self, hop: &mut Hop, reply: &Reply) -> FetchError {
        let status = reply.head.status.as_u16();
        let mut start = Vec::new();
        if status >= 300 {
            // Whatever goes wrong here, the status stands.
            while start.len() < limits::MAX_ERROR_BODY {
                let Ok(Some(piece)) = self.next_piece(hop).await else {
                    break;
                };
                start.extend_from_slice(&piece);
            }
            start.truncate(limits::MAX_ERROR_BODY);
        }
        let headers = &reply.head.headers;
        if matches!(status, 403 | 429 | 503) && challenge::is_challenge(headers, &start) {
            return FetchErrorKind::BotChallenge.into();
        }
        FetchErrorKind::Status {
            status,
            store: StoreError::read(&start)
                .map(|error| error.at_home(reply::bucket_region(headers))),
            retry_after: reply::retry_after(headers, Timestamp::now()),
        }
        .into()
    }

    fn note(&mut self, hop: &Hop, head: &Parts) {
        let headers: &HeaderMap = &head.headers;
        self.has_cookie |= headers.contains_key(header::SET_COOKIE);
        self.facts.final_url = Some(hop.url.clone());
        self.facts.status = Some(head.status.as_u16());
        self.facts.content_type = reply::content_type(headers);
        self.facts.validators.etag = reply::text(headers, &header::ETAG);
        self.facts.validators.last_modified = reply::text(headers, &header::LAST_MODIFIED);
        // Of the file, and so for whoever knows which bytes of it these are to say.
        self.facts.validators.len = None;
    }
}
