//! The frugal look at a file: a first range, then jumps to where the probe wants to read.

use hyper::http::response::Parts;

use super::error::{FetchError, FetchErrorKind, FetchLimit};
use super::facts::Validators;
use super::fetch::{Fetch, Hop, Reply, Visit};
use super::limits;
use super::reply::range::ByteRange;
use super::reply::{self, BodyRange, ReplyKind, challenge};
use super::streaming::StreamingProbe;
use crate::{Content, Excerpt, Format, Orientation, OtherKind, Probed};

/// Looks at the file that a server has.
pub(super) async fn ranged_get(
    fetch: &mut Fetch<'_>,
    hop: &mut Hop,
) -> Result<Visit<Probed>, FetchError> {
    let mut get = RangedGet {
        ranged: !hop.url.signs_range(),
        seen: Seen::default(),
        restarted: false,
    };
    loop {
        if let Some(visit) = get.ask(fetch, hop).await? {
            return Ok(visit);
        }
    }
}

struct RangedGet {
    /// Whether to ask for ranges; not where they are signed, or were answered wrongly.
    ranged: bool,
    seen: Seen,
    /// Whether the file was already begun anew because it had changed.
    restarted: bool,
}

/// One version of the file, as far as it has been seen.
#[derive(Default)]
struct Seen {
    probe: StreamingProbe,
    validators: Option<Validators>,
}

/// What a request came to; none if the next one is due.
type Asked = Result<Option<Visit<Probed>>, FetchError>;

impl RangedGet {
    /// Sends the next request and reads its answer. How many there may be is for the fetch to say.
    async fn ask(&mut self, fetch: &mut Fetch<'_>, hop: &mut Hop) -> Asked {
        let range = self.next_range(hop);
        let validator = self.seen.validators.as_ref().and_then(Validators::if_range);
        let reply = fetch.exchange(hop, range, validator).await?;
        let is_fresh = self.seen.probe.is_fresh();
        let is_measured = self.seen.probe.total().is_some();
        match reply::kind(&reply.head, reply.length, range) {
            ReplyKind::Bytes(body) => self.read(fetch, hop, &reply, body).await,
            ReplyKind::BadRange => self.without_ranges(hop),
            // Where the server did not say how long the file is, it may end before this range: all of
            // it tells where.
            ReplyKind::Unsatisfiable if self.ranged && (is_fresh || !is_measured) => {
                self.without_ranges(hop)
            }
            ReplyKind::Redirect if is_fresh => fetch.redirect(hop, &reply).map(Some),
            ReplyKind::Unsatisfiable | ReplyKind::Redirect if !is_fresh => self.anew(hop),
            ReplyKind::Encoded(kind) => Err(kind.into()),
            ReplyKind::Status | ReplyKind::Unsatisfiable | ReplyKind::Redirect => {
                Err(fetch.status_error(hop, &reply).await)
            }
        }
    }

    /// The range to ask for, clipped to the file.
    fn next_range(&mut self, hop: &Hop) -> Option<ByteRange> {
        if !self.ranged {
            return None;
        }
        let probe = &mut self.seen.probe;
        let need = probe.need();
        let len = if probe.is_fresh() {
            first_len(hop.url.path())
        } else {
            limits::JUMP
        };
        probe.move_to(need.offset);
        ByteRange::clipped(need.offset, len.max(need.len as u64), probe.total())
    }

    /// Reads a body as far as needed.
    async fn read(
        &mut self,
        fetch: &mut Fetch<'_>,
        hop: &mut Hop,
        reply: &Reply,
        body: BodyRange,
    ) -> Asked {
        if body.is_whole && !self.seen.probe.is_fresh() {
            // Not the range from here on, but everything from the start: the file changed, or the
            // server has had enough of ranges.
            self.seen = Seen::default();
        }
        fetch.facts.validators.len = body.total;
        let validators = fetch.facts.validators.clone();
        if matches!(&self.seen.validators, Some(seen) if !seen.agrees(&validators)) {
            return self.anew(hop);
        }
        self.seen.validators.get_or_insert(validators);
        let probe = &mut self.seen.probe;
        if let Some(total) = body.total {
            probe.tell_total(total);
        }
        probe.move_to(body.start);
        let mut left = body.len.unwrap_or(u64::MAX);
        while let Some(piece) = fetch.next_piece(hop).await? {
            let Some(rest) = left.checked_sub(piece.len() as u64) else {
                return self.without_ranges(hop);
            };
            left = rest;
            probe.take(&piece);
            if let Some(content) = probe.content(false) {
                return done(fetch, probe, &reply.head, content);
            }
            let is_beyond = body.is_whole && probe.need().offset >= limits::MAX_BODY;
            if is_beyond || fetch.facts.body_bytes >= limits::MAX_BODY {
                let limit = limits::MAX_BODY;
                return Err(FetchErrorKind::Limit(FetchLimit::BodyBytes { limit }).into());
            }
        }
        if body.len.is_some() && left > 0 {
            return self.without_ranges(hop);
        }
        self.end(fetch, &reply.head, body)
    }

    /// What the end of a body means: the end of the file, or that it is time for the next range.
    fn end(&mut self, fetch: &mut Fetch<'_>, head: &Parts, body: BodyRange) -> Asked {
        let probe = &mut self.seen.probe;
        if body.is_whole && reply::ends_with_connection(head) {
            if !probe.is_answered() {
                return Err(FetchErrorKind::Closed.into());
            }
        } else if body.is_whole {
            probe.end();
        }
        match probe.content(true) {
            Some(content) => done(fetch, probe, head, content),
            None => Ok(None),
        }
    }

    /// Begins anew without asking for ranges, once.
    fn without_ranges(&mut self, hop: &mut Hop) -> Asked {
        hop.close();
        if !self.ranged {
            return Err(FetchErrorKind::BadRange.into());
        }
        self.ranged = false;
        self.seen = Seen::default();
        Ok(None)
    }

    /// Begins anew because the file has changed, once.
    fn anew(&mut self, hop: &mut Hop) -> Asked {
        hop.close();
        if self.restarted {
            return Err(FetchErrorKind::Changed.into());
        }
        self.restarted = true;
        self.seen = Seen::default();
        Ok(None)
    }
}

/// How much to ask for first. PNG, BMP and WebP tell their size at once; if the extension lies, a
/// jump follows.
fn first_len(path: &str) -> u64 {
    let extension = path.rsplit('.').next().unwrap_or_default();
    let is_short = [Format::Png, Format::Bmp, Format::Webp]
        .iter()
        .flat_map(|format| format.extensions())
        .chain(&["gif"])
        .any(|known| extension.eq_ignore_ascii_case(known));
    if is_short {
        limits::FIRST_SHORT
    } else {
        limits::FIRST
    }
}

fn done(fetch: &mut Fetch<'_>, probe: &StreamingProbe, head: &Parts, content: Content) -> Asked {
    let is_page = matches!(content, Content::NotAnImage(OtherKind::Html));
    if is_page && challenge::is_challenge(&head.headers, probe.prefix()) {
        return Err(FetchErrorKind::BotChallenge.into());
    }
    fetch.facts.validators.len = probe.total();
    Ok(Some(Visit::Done(Probed {
        content,
        orientation: match content {
            Content::Image(_) => Orientation::find(probe.prefix()),
            _ => None,
        },
        starts: Excerpt::of(probe.prefix()),
        len: probe.total(),
        bytes_read: fetch.facts.body_bytes,
        reads: fetch.facts.requests,
    })))
}
