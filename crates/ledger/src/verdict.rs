//! Verdicts as rows, each with its seal.

use gate::{Answer, Known, Question};
use remote::{BoundingBox, Boxes, Verdict};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::clock;
use crate::fault::Fault;
use crate::options::Recall;
use crate::question::{self, Hash, Identities};
use crate::request_id::RequestId;
use crate::seal::SealKey;
use crate::store::Context;

/// The row of a verdict, not yet believed.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) id: i64,
    pub(crate) question: i64,
    pub(crate) image: Identities,
    pub(crate) at: i64,
    body: Body,
    humanoid: Option<bool>,
    made_up: bool,
    pub(crate) request_id: Option<RequestId>,
    seal: Vec<u8>,
}

/// The words of the service, as JSON.
#[derive(Clone, Debug)]
enum Body {
    /// `[face_bbox, ext_bbox]`, the numbers as they were sent.
    Pass(String),
    /// The failure.
    Fail(String),
}

/// The columns that [`Record::read`] takes.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT verdict.id, question, sha256, url, at, boxes, failure.json, humanoid, made_up, \
             request_id, seal FROM verdict LEFT JOIN failure ON failure.id = verdict.failure ",
            $rest
        )
    };
}

/// Finds the verdicts of a question by one of its image's identities, the newest first.
const LOOK_UPS: [&str; 2] = [
    select!(
        "WHERE substr(sha256, 1, 6) = substr(?2, 1, 6) AND sha256 = ?2 AND question = ?1 ORDER BY verdict.id DESC"
    ),
    select!(
        "WHERE substr(url, 1, 6) = substr(?2, 1, 6) AND url = ?2 AND question = ?1 ORDER BY verdict.id DESC"
    ),
];

impl Record {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let boxes: Option<String> = row.get(5)?;
        let failure: Option<String> = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            question: row.get(1)?,
            image: Identities {
                sha256: row.get(2)?,
                url: row.get(3)?,
            },
            at: row.get(4)?,
            body: boxes.map_or_else(|| Body::Fail(failure.unwrap_or_default()), Body::Pass),
            humanoid: row.get(7)?,
            made_up: row.get(8)?,
            request_id: row.get(9)?,
            seal: row.get(10)?,
        })
    }

    /// Whether the key has sealed this answer to this question.
    pub(crate) fn is_sealed(&self, asked: &Question, key: &SealKey) -> bool {
        self.sealed(asked, |fields| key.has_sealed(fields, &self.seal))
    }

    /// Hands over the fields that a seal covers: those of the question, and of the answer to it.
    fn sealed<T>(&self, asked: &Question, seal: impl FnOnce(&[Option<&[u8]>]) -> T) -> T {
        let (kind, body): (&[u8], _) = match &self.body {
            Body::Pass(json) => (b"pass", json),
            Body::Fail(json) => (b"fail", json),
        };
        let flag = |flag: bool| -> &[u8] { if flag { b"yes" } else { b"no" } };
        seal(&[
            Some(asked.model.as_bytes()),
            Some(asked.ratio.as_str().as_bytes()),
            Some(asked.base_url.as_bytes()),
            self.image.sha256.as_ref().map(Hash::as_slice),
            self.image.url.as_ref().map(Hash::as_slice),
            Some(&self.at.to_be_bytes()),
            Some(kind),
            Some(body.as_bytes()),
            self.humanoid.map(flag),
            Some(flag(self.made_up)),
            self.request_id.as_ref().map(|id| id.0.as_bytes()),
        ])
    }

    pub(crate) fn is_pass(&self) -> bool {
        matches!(self.body, Body::Pass(_))
    }

    /// The verdict, through the same constructors as a live one. `None` if they refuse it.
    pub(crate) fn known(&self) -> Option<Known> {
        let verdict = match &self.body {
            Body::Pass(json) => {
                let (face, ext): (BoundingBox, BoundingBox) = serde_json::from_str(json).ok()?;
                Verdict::Pass(Boxes { face, ext })
            }
            Body::Fail(json) => Verdict::Fail(serde_json::from_str(json).ok()?),
        };
        Some(Known {
            answer: Answer {
                verdict,
                humanoid: self.humanoid,
                made_up: self.made_up,
            },
            request_id: self.request_id.clone().map(|id| id.0),
            at: clock::timestamp(self.at),
        })
    }

    fn counts(&self, with: &Context<'_>) -> bool {
        match with.recall {
            Recall::All => true,
            Recall::NotOlderThan(age) => {
                let off = with.now.as_millisecond().abs_diff(self.at);
                u128::from(off) <= age.as_millis()
            }
            Recall::SinceOpened => self.id > with.newest_before,
        }
    }
}

/// The verdict that is known for a question, if one is sealed and counts. Other rows
/// are skipped, so that they hide none of these.
pub(crate) fn recall(
    conn: &Connection,
    with: &Context<'_>,
    asked: &Question,
) -> Result<Option<(Known, Record)>, Fault> {
    let Some(key) = with.seal_key else {
        return Ok(None);
    };
    let Some(question) = question::find(conn, asked, key.name())? else {
        return Ok(None);
    };
    let image = Identities::from(&asked.image);
    for (look_up, hash) in LOOK_UPS.iter().zip([image.sha256, image.url]) {
        let Some(hash) = hash else { continue };
        let mut statement = conn.prepare_cached(look_up)?;
        let mut rows = statement.query(params![question, hash])?;
        while let Some(row) = rows.next()? {
            // A row of other types than ours was not written by us.
            let Ok(record) = Record::read(row) else {
                continue;
            };
            if record.counts(with)
                && record.is_sealed(asked, key)
                && let Some(known) = record.known()
            {
                return Ok(Some((known, record)));
            }
        }
    }
    Ok(None)
}

/// Keeps a verdict under each identity of its image, in place of those that it makes useless. Must
/// run inside a transaction.
pub(crate) fn keep(
    conn: &Connection,
    with: &Context<'_>,
    asked: &Question,
    known: &Known,
) -> Result<(), Fault> {
    let (Some(key), image) = (with.seal_key, Identities::from(&asked.image)) else {
        return Ok(());
    };
    if image.is_none() {
        return Ok(());
    }
    let question = question::find_or_make(conn, asked, key.name())?;
    let mut record = Record {
        id: 0,
        question,
        image,
        at: known.at.as_millisecond(),
        body: body_of(&known.answer.verdict)?,
        humanoid: known.answer.humanoid,
        made_up: known.answer.made_up,
        request_id: known.request_id.clone().map(RequestId),
        seal: Vec::new(),
    };
    record.seal = record.sealed(asked, |fields| key.seal(fields)).to_vec();
    let (boxes, failure) = match &record.body {
        Body::Pass(json) => (Some(json), None),
        Body::Fail(json) => (None, Some(failure_row(conn, json)?)),
    };
    conn.prepare_cached(
        "INSERT INTO verdict
           (question, sha256, url, at, boxes, failure, humanoid, made_up, request_id, seal)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        question,
        image.sha256,
        image.url,
        record.at,
        boxes,
        failure,
        record.humanoid,
        record.made_up,
        record.request_id,
        record.seal
    ])?;
    forget_covered(conn, question, &image, conn.last_insert_rowid())
}

/// Whether the asker knows both identities of the image, and the verdict's row only one.
pub(crate) fn lacks_identity(record: &Record, asked: &Question) -> bool {
    let both = asked.image.sha256.is_some() && asked.image.url.is_some();
    both && (record.image.sha256.is_none() || record.image.url.is_none())
}

/// Adds the identities of the asker's image to a verdict, so that each finds it from now on. Must
/// run inside a transaction.
pub(crate) fn link(
    conn: &Connection,
    with: &Context<'_>,
    asked: &Question,
    record: &Record,
) -> Result<(), Fault> {
    let Some(key) = with.seal_key else {
        return Ok(());
    };
    let linked = Record {
        image: Identities::from(&asked.image),
        ..record.clone()
    };
    let seal = linked.sealed(asked, |fields| key.seal(fields));
    conn.prepare_cached("UPDATE verdict SET sha256 = ?2, url = ?3, seal = ?4 WHERE id = ?1")?
        .execute(params![
            linked.id,
            linked.image.sha256,
            linked.image.url,
            seal
        ])?;
    forget_covered(conn, linked.question, &linked.image, linked.id)
}

/// Deletes the other verdicts of a question that only this image's identities can find.
fn forget_covered(
    conn: &Connection,
    question: i64,
    image: &Identities,
    kept: i64,
) -> Result<(), Fault> {
    if let Some(sha256) = image.sha256 {
        conn.prepare_cached(
            "DELETE FROM verdict WHERE substr(sha256, 1, 6) = substr(?2, 1, 6) AND sha256 = ?2
             AND question = ?1 AND (url IS NULL OR url = ?3) AND id <> ?4",
        )?
        .execute(params![question, sha256, image.url, kept])?;
    }
    if let Some(url) = image.url {
        conn.prepare_cached(
            "DELETE FROM verdict WHERE substr(url, 1, 6) = substr(?2, 1, 6) AND url = ?2
             AND question = ?1 AND (sha256 IS NULL OR sha256 = ?3) AND id <> ?4",
        )?
        .execute(params![question, url, image.sha256, kept])?;
    }
    Ok(())
}

fn body_of(verdict: &Verdict) -> Result<Body, Fault> {
    let json = match verdict {
        Verdict::Pass(Boxes { face, ext }) => serde_json::to_string(&(face, ext)).map(Body::Pass),
        Verdict::Fail(failure) => serde_json::to_string(failure).map(Body::Fail),
    };
    json.map_err(|error| Fault::Other(Box::new(error)))
}

/// The service has few reasons, and says each in the same words.
fn failure_row(conn: &Connection, json: &str) -> Result<i64, Fault> {
    let mut find = conn.prepare_cached("SELECT id FROM failure WHERE json = ?1")?;
    if let Some(id) = find.query_row([json], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    conn.prepare_cached("INSERT INTO failure (json) VALUES (?1)")?
        .execute([json])?;
    Ok(conn.last_insert_rowid())
}

/// At most `len` verdicts with ids above `after`, in order.
pub(crate) fn page(conn: &Connection, after: i64, len: i64) -> Result<Vec<Record>, Fault> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE verdict.id > ?1 ORDER BY verdict.id LIMIT ?2"
    ))?;
    let rows = statement.query_map([after, len], Record::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn a_look_up_goes_through_an_index() {
        let mut conn = Connection::open_in_memory().unwrap();
        schema::migrate(&mut conn).unwrap();
        for sql in LOOK_UPS {
            let plan: String = conn
                .query_row(
                    &format!("EXPLAIN QUERY PLAN {sql}"),
                    [vec![1_u8], vec![2]],
                    |row| row.get(3),
                )
                .unwrap();
            assert!(plan.contains("USING INDEX verdict_"), "{sql}: {plan}");
        }
    }
}
