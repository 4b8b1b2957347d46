//! The rows of a ledger, one by one.

use std::collections::VecDeque;

use gate::Sha256;
use jiff::Timestamp;
use remote::{Charge, ErrorKind, Ratio, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::{day_start, timestamp};
use crate::fault::Fault;
use crate::info::{Standing, standing};
use crate::open_error::OpenError;
use crate::options::Options;
use crate::question::{Filed, Identities, Questions};
use crate::request_id::RequestId;
use crate::run;
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
    /// The verdict that was read last.
    after: i64,
}

/// The rows of a ledger. Blocks, makes nothing, and holds some hundred rows at a time.
///
/// # Errors
///
/// As [`open_for_reading`](crate::open_for_reading); the iterator's errors are those of reading on.
pub fn export(options: &Options) -> Result<Export, OpenError> {
    let store = Store::open_for_reading(options)?;
    let (mut ready, mut questions) = (VecDeque::new(), Questions::default());
    if let Some(store) = &store {
        let failed = |source| OpenError::File {
            path: store.place.file.clone(),
            source,
        };
        ready.extend(days(store).map_err(failed)?);
        ready.extend(calls(store, &mut questions).map_err(failed)?);
    }
    Ok(Export {
        store,
        questions,
        ready,
        after: i64::MIN,
    })
}

impl Iterator for Export {
    type Item = Result<Entry, OpenError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty()
            && let Some(store) = &self.store
        {
            match verdicts(store, &mut self.questions, self.after) {
                Ok((ready, Some(after))) => (self.ready, self.after) = (ready, after),
                Ok((_, None)) => self.store = None,
                Err(source) => {
                    let path = store.place.file.clone();
                    self.store = None;
                    return Some(Err(OpenError::File { path, source }));
                }
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

const PAGE: i64 = 500;

fn verdicts(
    store: &Store,
    questions: &mut Questions,
    after: i64,
) -> Result<(VecDeque<Entry>, Option<i64>), Fault> {
    let page = verdict::page(store.conn(), after, PAGE)?;
    let last = page.last().map(|record| record.id);
    let mut entries = VecDeque::new();
    for record in page {
        let filed = questions.find(store.conn(), record.question)?;
        let standing = standing(store, &record, filed);
        let asked = filed.map(|filed| Asked::of(filed, record.image));
        let known = record.known();
        let answer = known.map(|known| known.answer);
        entries.push_back(Entry::Verdict(VerdictEntry {
            asked,
            humanoid: answer.as_ref().and_then(|answer| answer.humanoid),
            made_up: answer.as_ref().is_some_and(|answer| answer.made_up),
            verdict: answer.map(|answer| answer.verdict),
            request_id: record.request_id.map(|id| id.0),
            at: timestamp(record.at),
            standing,
        }));
    }
    Ok((entries, last))
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

fn calls(store: &Store, questions: &mut Questions) -> Result<Vec<Entry>, Fault> {
    let conn = store.conn();
    let mut statement = conn.prepare(
        "SELECT run, question, sha256, url, at, settled IS NULL, charge, http_status, request_id, fault
         FROM call ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
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
        Ok((row.get(0)?, row.get(1)?, image, entry))
    })?;
    let mut entries = Vec::new();
    for row in rows {
        let (run, question, image, mut entry) = row?;
        if let Some(run) = run::find(conn, run)? {
            (entry.run_started, entry.run_pid) = (run.started, run.pid);
        }
        let filed = questions.find(conn, question)?;
        entry.asked = filed.map(|filed| Asked::of(filed, image));
        entries.push(Entry::Call(entry));
    }
    Ok(entries)
}

/// Reads the name of an enum's variant. `None` if only a newer program knows it.
fn word<T: DeserializeOwned>(word: String) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

fn days(store: &Store) -> Result<Vec<Entry>, Fault> {
    let mut statement = store
        .conn()
        .prepare("SELECT day, asked, charged, maybe_charged FROM day ORDER BY day")?;
    let rows = statement.query_map([], |row| {
        Ok(Entry::Day(DayEntry {
            day: day_start(row.get(0)?),
            asked: row.get(1)?,
            charged: row.get(2)?,
            maybe_charged: row.get(3)?,
        }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
