//! The frugal look at a file: a first range, then jumps to where the probe wants to read.

use hyper::http::response::Parts;

use super::assembly::Assembly;
use super::budget;
use super::error::{FetchError, FetchErrorKind, FetchLimit};
use super::range::ByteRange;
use super::response::{self, Meaning, Placed};
use super::run::{Hop, Landing, Reply, Run};
use super::wall;
use crate::{Content, Excerpt, Format, Orientation, OtherKind, Probed};

/// Looks at the file that a hop has.
pub(super) async fn sniff(run: &mut Run<'_>, hop: &mut Hop) -> Result<Landing<Probed>, FetchError> {
    let mut look = Look {
        ranged: !hop.url.signs_range(),
        view: View::new(),
        restarted: false,
    };
    for _ in 0..budget::MAX_RANGES {
        match look.ask(run, hop).await? {
            Next::Ask => {}
            Next::Land(landing) => return Ok(landing),
        }
    }
    let limit = budget::MAX_RANGES;
    Err(FetchErrorKind::Limit(FetchLimit::Ranges { limit }).into())
}

enum Next {
    Ask,
    Land(Landing<Probed>),
}

struct Look {
    /// Whether to ask for ranges; not where they are signed, or were answered wrongly.
    ranged: bool,
    view: View,
    /// Whether the file was already begun anew because it had changed.
    restarted: bool,
}

/// One version of the file, as far as it has been seen.
struct View {
    assembly: Assembly,
    version: Option<Version>,
}

/// What tells two versions of a file apart.
#[derive(Clone, Debug, PartialEq)]
struct Version {
    etag: Option<String>,
    last_modified: Option<String>,
    total: Option<u64>,
}

impl View {
    const fn new() -> Self {
        Self {
            assembly: Assembly::new(),
            version: None,
        }
    }
}

impl Look {
    async fn ask(&mut self, run: &mut Run<'_>, hop: &mut Hop) -> Result<Next, FetchError> {
        let range = self.next_range(hop);
        let validator = self.view.version.as_ref().and_then(Version::validator);
        let reply = run.exchange(hop, range, validator).await?;
        match response::meaning(&reply.head, reply.length(), range) {
            Meaning::Bytes(placed) => self.read(run, hop, reply, placed).await,
            Meaning::BadRange => self.without_ranges(hop),
            Meaning::Unsatisfiable if self.view.assembly.is_fresh() && self.ranged => {
                self.without_ranges(hop)
            }
            Meaning::Unsatisfiable if !self.view.assembly.is_fresh() => self.anew(hop),
            Meaning::Redirect if self.view.assembly.is_fresh() => {
                let to = run.redirect(hop, &reply)?;
                Ok(Next::Land(Landing::Redirect(to)))
            }
            Meaning::Redirect => self.anew(hop),
            Meaning::Encoded(kind) => Err(kind.into()),
            Meaning::Status | Meaning::Unsatisfiable => Err(run.status_error(hop, reply).await),
        }
    }

    /// The range to ask for, clipped to the file.
    fn next_range(&mut self, hop: &Hop) -> Option<ByteRange> {
        if !self.ranged {
            return None;
        }
        let assembly = &mut self.view.assembly;
        let need = assembly.need();
        let len = if assembly.is_fresh() {
            first_len(hop.url.path())
        } else {
            budget::JUMP
        };
        assembly.move_to(need.offset);
        ByteRange::clipped(need.offset, len.max(need.len as u64), assembly.total())
    }

    /// Reads a body as far as needed.
    async fn read(
        &mut self,
        run: &mut Run<'_>,
        hop: &mut Hop,
        mut reply: Reply,
        placed: Placed,
    ) -> Result<Next, FetchError> {
        let version = Version::of(run, placed.total);
        if placed.is_whole && !self.view.assembly.is_fresh() {
            // Not the range from here on, but everything from the start: the file changed, or the
            // server has had enough of ranges.
            self.view = View::new();
        }
        if self
            .view
            .version
            .as_ref()
            .is_some_and(|seen| !seen.agrees(&version))
        {
            return self.anew(hop);
        }
        self.view.version.get_or_insert(version);
        let assembly = &mut self.view.assembly;
        if let Some(total) = placed.total {
            run.facts.total = Some(total);
            assembly.tell_total(total);
        }
        assembly.move_to(placed.start);
        let mut left = placed.len.unwrap_or(u64::MAX);
        while let Some(piece) = run.next_piece(hop, &mut reply.body).await? {
            let Some(rest) = left.checked_sub(piece.len() as u64) else {
                return self.without_ranges(hop);
            };
            left = rest;
            assembly.take(&piece);
            if let Some(content) = assembly.content(false) {
                return land(run, assembly, &reply.head, content);
            }
            let is_beyond = placed.is_whole && assembly.need().offset >= budget::MAX_BODY;
            if is_beyond || run.facts.body_bytes >= budget::MAX_BODY {
                let limit = budget::MAX_BODY;
                return Err(FetchErrorKind::Limit(FetchLimit::BodyBytes { limit }).into());
            }
        }
        if placed.len.is_some() && left > 0 {
            return self.without_ranges(hop);
        }
        self.end(run, &reply.head, placed)
    }

    /// What the end of a body means: the end of the file, or that it is time for the next range.
    fn end(&mut self, run: &mut Run<'_>, head: &Parts, placed: Placed) -> Result<Next, FetchError> {
        let assembly = &mut self.view.assembly;
        if placed.is_whole && response::ends_with_connection(head) {
            if !assembly.is_answered() {
                return Err(FetchErrorKind::Closed.into());
            }
        } else if placed.is_whole {
            assembly.end();
        }
        match assembly.content(true) {
            Some(content) => land(run, assembly, head, content),
            None => Ok(Next::Ask),
        }
    }

    /// Begins anew without asking for ranges, once.
    fn without_ranges(&mut self, hop: &mut Hop) -> Result<Next, FetchError> {
        if !self.ranged {
            return Err(FetchErrorKind::BadRange.into());
        }
        self.ranged = false;
        self.view = View::new();
        hop.close();
        Ok(Next::Ask)
    }

    /// Begins anew because the file has changed, once.
    fn anew(&mut self, hop: &mut Hop) -> Result<Next, FetchError> {
        if self.restarted {
            return Err(FetchErrorKind::Changed.into());
        }
        self.restarted = true;
        self.view = View::new();
        hop.close();
        Ok(Next::Ask)
    }
}

impl Version {
    fn of(run: &Run<'_>, total: Option<u64>) -> Self {
        Self {
            etag: run.facts.etag.clone(),
            last_modified: run.facts.last_modified.clone(),
            total,
        }
    }

    /// Whether two answers can be of one version: what both say is the same.
    fn agrees(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            a.zip(b).is_none_or(|(a, b)| a == b)
        }
        same(self.etag.as_ref(), other.etag.as_ref())
            && same(self.total.as_ref(), other.total.as_ref())
            && same(self.last_modified.as_ref(), other.last_modified.as_ref())
    }

    /// What goes into `If-Range`: a strong entity tag or a date (RFC 9110, section 13.1.5).
    fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|etag| etag.starts_with('"'));
        strong.or(self.last_modified.as_deref())
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
        budget::FIRST_SHORT
    } else {
        budget::FIRST
    }
}

fn land(
    run: &mut Run<'_>,
    assembly: &Assembly,
    head: &Parts,
    content: Content,
) -> Result<Next, FetchError> {
    let is_page = matches!(content, Content::NotAnImage(OtherKind::Html));
    if is_page && wall::is_wall(&head.headers, assembly.prefix()) {
        return Err(FetchErrorKind::BotWall.into());
    }
    run.facts.total = assembly.total();
    Ok(Next::Land(Landing::Done(Probed {
        content,
        orientation: match content {
            Content::Image(_) => Orientation::find(assembly.prefix()),
            _ => None,
        },
        starts: Excerpt::of(assembly.prefix()),
        len: assembly.total(),
        bytes_read: run.facts.body_bytes,
        reads: run.facts.requests,
    })))
}
