//! The rows of a ledger, one by one.

use std::collections::VecDeque;

use gate::Sha256;
use jiff::Timestamp;
use remote::{Charge, ErrorKind, Ratio, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::{day_start, timestamp};
use crate::fault::Fault;
use crate::open_error::OpenError;
use crate::options::Options;
use crate::question::{Filed, Identities, Questions};
use crate::request_id::RequestId;
use crate::run;
use crate::standing::{Standing, standing};
use crate::store::Store;
use crate::verdict;

/// One row of a ledger. As JSON, it is one line of an export.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Entry {
    /// A verdict.
    Verdict(VerdictEntry),
    /// A call that has not ended, or that has ended without a verdict and cost something, or may
    /// have.
    Call(CallEntry),
    /// The spending of all runs on one day.
    Day(DayEntry),
}

/// A question, as it is exported.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Asked {
    /// The SHA-256 of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// The hash of the URL without its signature, and of what its server said of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_identity: Option<Sha256>,
    /// The model.
    pub model: String,
    /// The ratio.
    pub ratio: Ratio,
    /// The service's base URL.
    pub base_url: String,
}

/// A verdict, and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VerdictEntry {
    /// The question; absent if the row does not say.
    #[serde(flatten)]
    pub asked: Option<Asked>,
    /// The verdict; absent if it cannot be read as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Whether the figure is human-like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub humanoid: Option<bool>,
    /// Whether the stand-in made it up.
    pub made_up: bool,
    /// The service's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When it was said.
    pub at: Timestamp,
    /// Whose it is; absent if no key was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CallEntry {
    /// The question.
    #[serde(flatten)]
    pub asked: Option<Asked>,
    /// When it was about to leave.
    pub at: Timestamp,
    /// When its run began.
    pub run_started: Timestamp,
    /// The number of its run's process.
    pub run_pid: u32,
    /// Whether it has ended.
    pub open: bool,
    /// Whether it is charged. An open one may be.
    pub charge: Charge,
    /// The HTTP status of the answer, if one began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The service's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Why there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<ErrorKind>,
}

/// A day (UTC).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DayEntry {
    /// Its first moment.
    pub day: Timestamp,
    /// Requests that were sent, or were about to be.
    pub asked: u64,
    /// Those that are charged.
    pub charged: u64,
    /// Those whose answer was lost or not understood.
    pub maybe_charged: u64,
}

/// The rows of a ledger: days, calls, then verdicts, the oldest first. Blocks while it reads.
#[derive(Debug)]
pub struct Export {
    store: Option<Store>,
    questions: Questions,
    ready: VecDeque<Entry>,
    table: Table,
    /// The row of the table that was read last.
    after: i64,
}

/// The tables of an export, in its order.
#[derive(Clone, Copy, Debug)]
enum Table {
    Days,
    Calls,
    Verdicts,
}

/// The rows of a ledger. Blocks, makes nothing, and holds some hundred rows at a time.
///
/// Rows that other runs change meanwhile are read as they are then.
///
/// # Errors
///
/// As [`open_for_reading`](crate::open_for_reading); the iterator's errors are those of reading on.
pub fn export(options: &Options) -> Result<Export, OpenError> {
    Ok(Export {
        store: Store::open_for_reading(options)?,
        questions: Questions::default(),
        ready: VecDeque::new(),
        table: Table::Days,
        after: i64::MIN,
    })
}

impl Iterator for Export {
    type Item = Result<Entry, OpenError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            let store = self.store.as_ref()?;
            if let Err(source) =
                self.table
                    .page(store, &mut self.questions, &mut self.after, &mut self.ready)
            {
                let path = store.place.file.clone();
                self.store = None;
                return Some(Err(OpenError::File { path, source }));
            }
            if self.ready.is_empty() {
                match self.table.next() {
                    Some(next) => (self.table, self.after) = (next, i64::MIN),
                    None => self.store = None,
                }
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

/// Rows that are read at a time: some 200 KB.
const PAGE: i64 = 500;

impl Table {
    const fn next(self) -> Option<Self> {
        match self {
            Self::Days => Some(Self::Calls),
            Self::Calls => Some(Self::Verdicts),
            Self::Verdicts => None,
        }
    }

    /// Reads the rows that come after one, and moves on to the last of them.
    fn page(
        self,
        store: &Store,
        questions: &mut Questions,
        after: &mut i64,
        ready: &mut VecDeque<Entry>,
    ) -> Result<(), Fault> {
        match self {
            Self::Days => days(store, after, ready),
            Self::Calls => calls(store, questions, after, ready),
            Self::Verdicts => verdicts(store, questions, after, ready),
        }
    }
}

fn verdicts(
    store: &Store,
    questions: &mut Questions,
    after: &mut i64,
    ready: &mut VecDeque<Entry>,
) -> Result<(), Fault> {
    for record in verdict::page(store.conn(), *after, PAGE)? {
        *after = record.id;
        let filed = questions.find(store.conn(), record.question)?;
        let key = store.context().seal_key;
        let standing = key.map(|key| standing(key, &record, filed));
        let asked = filed.map(|filed| Asked::of(filed, record.image));
        let known = record.known();
        let answer = known.map(|known| known.answer);
        ready.push_back(Entry::Verdict(VerdictEntry {
            asked,
            humanoid: answer.as_ref().and_then(|answer| answer.humanoid),
            made_up: answer.as_ref().is_some_and(|answer| answer.made_up),
            verdict: answer.map(|answer| answer.verdict),
            request_id: record.request_id.map(|id| id.0),
            at: timestamp(record.at),
            standing,
        }));
    }
    Ok(())
}

impl Asked {
    fn of(filed: &Filed, image: Identities) -> Self {
        let question = filed.question.clone();
        Self {
            sha256: image.sha256.map(Sha256::from_bytes),
            url_identity: image.url.map(Sha256::from_bytes),
            model: question.model,
            ratio: question.ratio,
            base_url: question.base_url,
        }
    }
}

fn calls(
    store: &Store,
    questions: &mut Questions,
    after: &mut i64,
    ready: &mut VecDeque<Entry>,
) -> Result<(), Fault> {
    let conn = store.conn();
    let mut statement = conn.prepare_cached(
        "SELECT run, question, sha256, url, at, settled IS NULL, charge, http_status, request_id,
           fault, id
         FROM call WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let rows = statement.query_map([*after, PAGE], |row| {
        let image = Identities {
            sha256: row.get(2)?,
            url: row.get(3)?,
        };
        let charge: Option<String> = row.get(6)?;
        let entry = CallEntry {
            asked: None,
            at: timestamp(row.get(4)?),
            run_started: Timestamp::UNIX_EPOCH,
            run_pid: 0,
            open: row.get(5)?,
            charge: charge.and_then(word).unwrap_or(Charge::Unknown),
            http_status: row.get(7)?,
            request_id: row.get::<_, Option<RequestId>>(8)?.map(|id| id.0),
            fault: row.get::<_, Option<String>>(9)?.and_then(word),
        };
        Ok((row.get(10)?, row.get(0)?, row.get(1)?, image, entry))
    })?;
    for row in rows {
        let (id, run, question, image, mut entry) = row?;
        *after = id;
        if let Some(run) = run::find(conn, run)? {
            (entry.run_started, entry.run_pid) = (run.started, run.pid);
        }
        let filed = questions.find(conn, question)?;
        entry.asked = filed.map(|filed| Asked::of(filed, image));
        ready.push_back(Entry::Call(entry));
    }
    Ok(())
}

/// Reads the name of an enum's variant. `None` if only a newer program knows it.
fn word<T: DeserializeOwned>(word: String) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

fn days(store: &Store, after: &mut i64, ready: &mut VecDeque<Entry>) -> Result<(), Fault> {
    let mut statement = store.conn().prepare_cached(
        "SELECT day, asked, charged, maybe_charged FROM day WHERE day > ?1 ORDER BY day LIMIT ?2",
    )?;
    let rows = statement.query_map([*after, PAGE], |row| {
        let day: i64 = row.get(0)?;
        let entry = DayEntry {
            day: day_start(day),
            asked: row.get(1)?,
            charged: row.get(2)?,
            maybe_charged: row.get(3)?,
        };
        Ok((day, entry))
    })?;
    for row in rows {
        let (day, entry) = row?;
        *after = day;
        ready.push_back(Entry::Day(entry));
    }
    Ok(())
}
