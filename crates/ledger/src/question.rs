//! Questions, in the form in which they stand in the file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gate::{ImageIdentity, Question};
use remote::Ratio;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::fault::Fault;
use crate::seal::KeyName;

/// The hash of an image, or of its URL.
pub(crate) type Hash = [u8; 32];

/// The identities of an image as they are written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identities {
    pub(crate) sha256: Option<Hash>,
    pub(crate) url: Option<Hash>,
}

impl From<&ImageIdentity> for Identities {
    fn from(image: &ImageIdentity) -> Self {
        Self {
            sha256: image.sha256.map(|hash| *hash.as_bytes()),
            url: image.url.map(|identity| *identity.as_bytes()),
        }
    }
}

impl Identities {
    /// Each identity, for a claim. A hash of bytes never equals one of a URL.
    pub(crate) fn each(&self) -> impl Iterator<Item = Hash> {
        self.sha256.into_iter().chain(self.url)
    }

    pub(crate) fn is_none(&self) -> bool {
        self.sha256.is_none() && self.url.is_none()
    }
}

/// The row of what was asked: the question without its image. `None` if nobody asked it yet.
pub(crate) fn find(
    conn: &Connection,
    question: &Question,
    key: &KeyName,
) -> Result<Option<i64>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM question WHERE model = ?1 AND ratio = ?2 AND base_url = ?3 AND seal_key = ?4",
    )?;
    let Question {
        model,
        ratio,
        base_url,
        ..
    } = question;
    let row = statement.query_row(params![model, ratio.as_str(), base_url, key], |row| {
        row.get(0)
    });
    Ok(row.optional()?)
}

/// The row of what is asked, which is made if there is none. Must run inside a transaction.
pub(crate) fn find_or_make(
    conn: &Connection,
    question: &Question,
    key: &KeyName,
) -> Result<i64, Fault> {
    if let Some(id) = find(conn, question, key)? {
        return Ok(id);
    }
    let Question {
        model,
        ratio,
        base_url,
        ..
    } = question;
    conn.prepare_cached(
        "INSERT INTO question (model, ratio, base_url, seal_key) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![model, ratio.as_str(), base_url, key])?;
    Ok(conn.last_insert_rowid())
}

/// The questions of a ledger by their rows. Each is read once: a ledger has few of them.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    read: HashMap<i64, Option<Filed>>,
}

/// A question without its image, and what it is filed under.
#[derive(Clone, Debug)]
pub(crate) struct Filed {
    pub(crate) question: Question,
    pub(crate) key: Vec<u8>,
}

impl Questions {
    /// `None` if there is none, or if it names a ratio that does not exist.
    pub(crate) fn find(&mut self, conn: &Connection, id: i64) -> Result<Option<&Filed>, Fault> {
        let filed = match self.read.entry(id) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(read(conn, id)?),
        };
        Ok(filed.as_ref())
    }
}

fn read(conn: &Connection, id: i64) -> Result<Option<Filed>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT model, ratio, base_url, seal_key FROM question WHERE id = ?1")?;
    let row = statement
        .query_row([id], |row| {
            let ratio: String = row.get(1)?;
            Ok((row.get(0)?, ratio, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    Ok(row.and_then(|(model, ratio, base_url, key)| {
        let question = Question {
            image: ImageIdentity::default(),
            model,
            ratio: ratio.parse::<Ratio>().ok()?,
            base_url,
        };
        Some(Filed { question, key })
    }))
}
