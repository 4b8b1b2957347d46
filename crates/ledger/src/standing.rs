//! Whose the verdicts of a ledger are.

use serde::Serialize;

use crate::fault::Fault;
use crate::question::{Filed, Questions};
use crate::seal::SealKey;
use crate::store::Store;
use crate::verdict::{self, Record};

/// Whose a verdict is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Standing {
    /// It bears the seal of the key that was given.
    Sealed,
    /// It is of another key.
    OtherKey,
    /// It says that it is of the key that was given, and is not.
    Forged,
}

/// Whose a verdict is, for the owner of a key.
pub(crate) fn standing(key: &SealKey, record: &Record, filed: Option<&Filed>) -> Standing {
    match filed {
        None => Standing::Forged,
        Some(filed) if filed.key != key.name() => Standing::OtherKey,
        Some(filed) if record.is_sealed(&filed.question, key) && record.known().is_some() => {
            Standing::Sealed
        }
        Some(_) => Standing::Forged,
    }
}

/// The verdicts of a ledger.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verdicts {
    /// All of them.
    pub total: u64,
    /// Those that are passes.
    pub passes: u64,
    /// Those that bear the seal of the key that was given: only they count. `None` without a key.
    pub sealed: Option<u64>,
    /// Those of another API key, which count for that key.
    pub of_other_keys: Option<u64>,
    /// Those that say they are of this key, and are not: written or changed by somebody else.
    pub forged: Option<u64>,
}

/// Counts the verdicts, and looks at each seal if a key was given.
pub(crate) fn count(store: &Store) -> Result<Verdicts, Fault> {
    let Some(key) = store.context().seal_key else {
        let all = "SELECT count(*), count(boxes) FROM verdict";
        return Ok(store.conn().query_row(all, [], |row| {
            Ok(Verdicts {
                total: row.get(0)?,
                passes: row.get(1)?,
                ..Verdicts::default()
            })
        })?);
    };
    let (mut total, mut passes) = (0, 0);
    let (mut sealed, mut of_other_keys, mut forged) = (0, 0, 0);
    let mut questions = Questions::default();
    let mut after = i64::MIN;
    loop {
        let page = verdict::page(store.conn(), after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for record in &page {
            total += 1;
            passes += u64::from(record.is_pass());
            let filed = questions.find(store.conn(), record.question)?;
            match standing(key, record, filed) {
                Standing::Sealed => sealed += 1,
                Standing::OtherKey => of_other_keys += 1,
                Standing::Forged => forged += 1,
            }
        }
    }
    Ok(Verdicts {
        total,
        passes,
        sealed: Some(sealed),
        of_other_keys: Some(of_other_keys),
        forged: Some(forged),
    })
}

/// Rows that are read at a time: some 400 KB.
const PAGE: i64 = 1_000;
