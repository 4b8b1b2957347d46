//! The tables, and how a file comes to have them.

use rusqlite::{Connection, TransactionBehavior};

use crate::fault::Fault;

/// Says that a database is a ledger of ours: "PfLg".
pub(crate) const APPLICATION_ID: i32 = 0x5066_4c67;

/// Each step takes a file from the version of its index to the next. A released step
/// never changes; a correction is a new step.
const MIGRATIONS: [&str; 1] = [VERSION_1];

/// The version that this program reads and writes.
pub(crate) const VERSION: i32 = 1;
const _: () = assert!(MIGRATIONS.len() == 1, "VERSION counts the migrations");

/// A verdict takes some 150 bytes, so nothing in it stands twice. Its indexes hold six bytes of a
/// hash, since a million verdicts seldom share these; the whole hash is compared in the row.
///
/// Times are in milliseconds since 1970, days in days since 1970 (UTC), departures in microseconds
/// of the machine's own clock.
const VERSION_1: &str = "
CREATE TABLE question (
  id INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  ratio TEXT NOT NULL,
  base_url TEXT NOT NULL,
  seal_key BLOB NOT NULL,
  UNIQUE (model, ratio, base_url, seal_key)
);
CREATE TABLE failure (
  id INTEGER PRIMARY KEY,
  json TEXT NOT NULL UNIQUE
);
CREATE TABLE verdict (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  question INTEGER NOT NULL REFERENCES question,
  sha256 BLOB,
  url BLOB,
  at INTEGER NOT NULL,
  boxes TEXT,
  failure INTEGER REFERENCES failure,
  humanoid INTEGER,
  made_up INTEGER NOT NULL,
  request_id,
  seal BLOB NOT NULL
);
CREATE INDEX verdict_sha256 ON verdict (substr(sha256, 1, 6)) WHERE sha256 IS NOT NULL;
CREATE INDEX verdict_url ON verdict (substr(url, 1, 6)) WHERE url IS NOT NULL;
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  lock TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process TEXT NOT NULL,
  started INTEGER NOT NULL
);
CREATE TABLE call (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES run,
  question INTEGER NOT NULL REFERENCES question,
  sha256 BLOB,
  url BLOB,
  at INTEGER NOT NULL,
  told INTEGER NOT NULL DEFAULT 0,
  settled INTEGER,
  charge TEXT,
  http_status INTEGER,
  request_id,
  fault TEXT
);
CREATE TABLE claim (
  question INTEGER NOT NULL,
  identity BLOB NOT NULL,
  run INTEGER NOT NULL,
  PRIMARY KEY (question, identity)
) WITHOUT ROWID;
CREATE TABLE day (
  day INTEGER PRIMARY KEY,
  asked INTEGER NOT NULL DEFAULT 0,
  charged INTEGER NOT NULL DEFAULT 0,
  maybe_charged INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE departure (
  boot TEXT NOT NULL,
  at INTEGER NOT NULL
);
";

/// The kind of a database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Nothing stands in it yet.
    Empty,
    /// A ledger of this version, or of an earlier one.
    Ledger { version: i32 },
    /// A ledger that a newer program wrote.
    Newer { version: i32 },
    /// Somebody else's database.
    Foreign,
}

/// Looks at the kind of a database.
pub(crate) fn kind(conn: &Connection) -> Result<Kind, Fault> {
    let number = |sql| conn.query_row(sql, [], |row| row.get::<_, i32>(0));
    let version = number("PRAGMA user_version")?;
    Ok(match number("PRAGMA application_id")? {
        APPLICATION_ID if version > VERSION => Kind::Newer { version },
        APPLICATION_ID if version >= 0 => Kind::Ledger { version },
        0 if version == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 => Kind::Empty,
        _ => Kind::Foreign,
    })
}

/// Takes a file to the version of this program. Several processes may try at once: one does it.
pub(crate) fn migrate(conn: &mut Connection) -> Result<Kind, Fault> {
    let found = kind(conn)?;
    if !matches!(found, Kind::Empty | Kind::Ledger { .. })
        || found == (Kind::Ledger { version: VERSION })
    {
        return Ok(found);
    }
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = match kind(&transaction)? {
        Kind::Empty => 0,
        Kind::Ledger { version } => usize::try_from(version).unwrap_or_default(),
        other => return Ok(other),
    };
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(Kind::Ledger { version: VERSION })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_database_becomes_a_ledger_once() {
        let mut conn = Connection::open_in_memory().unwrap();
        assert_eq!(kind(&conn).unwrap(), Kind::Empty);
        let ledger = Kind::Ledger { version: VERSION };
        assert_eq!(migrate(&mut conn).unwrap(), ledger);
        assert_eq!(migrate(&mut conn).unwrap(), ledger);
    }

    #[test]
    fn a_newer_ledger_and_a_foreign_database_are_left_alone() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        conn.pragma_update(None, "user_version", VERSION + 1)
            .unwrap();
        let newer = Kind::Newer {
            version: VERSION + 1,
        };
        assert_eq!(migrate(&mut conn).unwrap(), newer);

        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert_eq!(migrate(&mut conn).unwrap(), Kind::Foreign);
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "user_version", 7).unwrap();
        assert_eq!(migrate(&mut conn).unwrap(), Kind::Foreign);
        conn.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        conn.pragma_update(None, "user_version", -1).unwrap();
        assert_eq!(migrate(&mut conn).unwrap(), Kind::Foreign);
    }

    #[test]
    fn a_ledger_of_this_version_needs_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        let mut conn = Connection::open(&file).unwrap();
        migrate(&mut conn).unwrap();
        conn.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(&file).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let ledger = Kind::Ledger { version: VERSION };
        assert_eq!(migrate(&mut conn).unwrap(), ledger);
    }
}
