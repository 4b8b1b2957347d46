//! Only what the API key's owner wrote down counts.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::fs;
use std::path::Path;

use ledger::{Entry, Options, Standing};
use rusqlite::Connection;
use support::{KEY, about, fail, known, open, options, pass, pay, question, seal_key, sha256, url};

/// Changes the file while nobody has it open.
fn forge(folder: &Path, sql: &str) -> usize {
    let conn = Connection::open(folder.join(ledger::FILE_NAME)).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    conn.execute(sql, []).unwrap()
}

async fn ledger_of_two(folder: &Path) {
    let ledger = open(folder);
    pay(&ledger, &about(Some(sha256(1)), Some(url(1))), pass(1)).await;
    pay(&ledger, &question(2), fail()).await;
    ledger.close().await.unwrap();
}

#[tokio::test]
async fn whatever_is_changed_in_a_verdict_it_counts_no_more() {
    for change in [
        "boxes = '[[610,593,302,286],[71,9,840,778]]'",
        "boxes = '[[1,1,2,2],[71,9,840,778]]'",
        "boxes = 'no boxes'",
        "boxes = NULL, failure = (SELECT id FROM failure)",
        "at = at + 1",
        "at = 'now'",
        "request_id = 'theirs'",
        "request_id = NULL",
        "humanoid = 1",
        "made_up = 1",
        "sha256 = NULL",
        "sha256 = (SELECT sha256 FROM verdict WHERE boxes IS NULL)",
        "url = NULL",
        "url = 7",
        "question = 99",
        "seal = zeroblob(16)",
        "seal = substr(seal, 1, 8)",
        "seal = x''",
        "seal = (SELECT seal FROM verdict WHERE boxes IS NULL)",
    ] {
        let dir = tempfile::tempdir().unwrap();
        ledger_of_two(dir.path()).await;
        let sql = format!("UPDATE verdict SET {change} WHERE boxes IS NOT NULL");
        assert_eq!(forge(dir.path(), &sql), 1, "{change}");
        let ledger = open(dir.path());
        for asked in [about(Some(sha256(1)), None), about(None, Some(url(1)))] {
            assert_eq!(known(&ledger, &asked).await, None, "{change}");
        }
        let changed_sha = about(Some(sha256(2)), None);
        assert_eq!(
            known(&ledger, &changed_sha).await.unwrap().answer,
            fail(),
            "{change}"
        );
        if !change.contains("'now'") && !change.contains("url = 7") {
            let verdicts = ledger::info(&options(dir.path())).unwrap().verdicts;
            let counts = (verdicts.total, verdicts.sealed, verdicts.forged);
            assert_eq!(counts, (2, Some(1), Some(1)), "{change}");
        }
        // It is asked again, and the forged one makes room.
        pay(&ledger, &about(Some(sha256(1)), Some(url(1))), pass(1)).await;
        assert!(
            known(&ledger, &about(Some(sha256(1)), None))
                .await
                .is_some()
        );
    }
}

#[tokio::test]
async fn whatever_is_changed_in_the_question_it_counts_no_more() {
    for change in [
        "model = 'emo-detect-v0'",
        "ratio = '3:4'",
        "ratio = '16:9'",
        "base_url = 'http://127.0.0.1:9/api/v1'",
    ] {
        let dir = tempfile::tempdir().unwrap();
        ledger_of_two(dir.path()).await;
        forge(dir.path(), &format!("UPDATE question SET {change}"));
        let verdicts = ledger::info(&options(dir.path())).unwrap().verdicts;
        assert_eq!(
            (verdicts.sealed, verdicts.forged),
            (Some(0), Some(2)),
            "{change}"
        );
        let mut asked = question(2);
        assert_eq!(known(&open(dir.path()), &asked).await, None);
        asked.ratio = remote::Ratio::ThreeFour;
        assert_eq!(known(&open(dir.path()), &asked).await, None);
    }
}

#[tokio::test]
async fn a_reason_that_was_changed_counts_no_more() {
    let dir = tempfile::tempdir().unwrap();
    ledger_of_two(dir.path()).await;
    forge(
        dir.path(),
        "UPDATE failure SET json = replace(json, 'No human', 'Two humans')",
    );
    assert_eq!(known(&open(dir.path()), &question(2)).await, None);
    assert!(known(&open(dir.path()), &question(1)).await.is_some());
}

#[tokio::test]
async fn a_ledger_that_was_carried_to_another_machine_is_believed_with_the_same_key_only() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    ledger_of_two(here.path()).await;
    fs::copy(
        here.path().join(ledger::FILE_NAME),
        there.path().join(ledger::FILE_NAME),
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = there.path().join(ledger::FILE_NAME);
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let same_key = open(there.path());
    assert_eq!(known(&same_key, &question(2)).await.unwrap().answer, fail());
    same_key.close().await.unwrap();

    let other_key = Options::new(there.path()).seal_key(seal_key("sk-other"));
    let ledger = ledger::open(&other_key).unwrap();
    assert_eq!(known(&ledger, &question(2)).await, None);
    // Both keys' verdicts lie side by side.
    pay(&ledger, &question(2), pass(2)).await;
    ledger.close().await.unwrap();
    let verdicts = ledger::info(&other_key).unwrap().verdicts;
    let counts = (
        verdicts.total,
        verdicts.sealed,
        verdicts.of_other_keys,
        verdicts.forged,
    );
    assert_eq!(counts, (3, Some(1), Some(2), Some(0)));
    assert_eq!(
        known(&open(there.path()), &question(2))
            .await
            .unwrap()
            .answer,
        fail()
    );
    // Without a key nothing can be told apart, so nothing counts.
    let no_key = ledger::open_for_reading(&Options::new(there.path())).unwrap();
    assert_eq!(known(&no_key, &question(2)).await, None);
    assert_eq!(
        ledger::info(&Options::new(there.path()))
            .unwrap()
            .verdicts
            .sealed,
        None
    );
}

#[tokio::test]
async fn a_forged_ledger_vouches_for_nothing_and_runs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // Somebody with a key of his own, who renames it, and lets triggers forget what is spent.
    let theirs = Options::new(dir.path()).seal_key(seal_key("sk-theirs"));
    let ledger = ledger::open(&theirs).unwrap();
    pay(&ledger, &question(1), pass(1)).await;
    ledger.close().await.unwrap();
    let mine = tempfile::tempdir().unwrap();
    ledger_of_two(mine.path()).await;
    let conn = Connection::open(dir.path().join(ledger::FILE_NAME)).unwrap();
    conn.execute(
        "ATTACH ?1 AS mine",
        [mine.path().join(ledger::FILE_NAME).to_str()],
    )
    .unwrap();
    conn.execute_batch(
        "UPDATE main.question SET seal_key = (SELECT seal_key FROM mine.question);
         CREATE TRIGGER forget AFTER INSERT ON call BEGIN
           DELETE FROM call; DELETE FROM verdict; UPDATE day SET asked = 0;
         END;
         CREATE TRIGGER refund AFTER UPDATE ON day BEGIN UPDATE day SET asked = 0; END;",
    )
    .unwrap();
    drop(conn);
    let ledger = ledger::open(&options(dir.path()).budget_per_day(3)).unwrap();
    assert_eq!(known(&ledger, &question(1)).await, None);
    pay(&ledger, &question(1), fail()).await;
    pay(&ledger, &question(2), fail()).await;
    let asking = support::granted(&ledger, &question(3)).await;
    assert!(
        asking.intend().await.is_err(),
        "the day has seen three requests"
    );
    assert_eq!(known(&ledger, &question(1)).await.unwrap().answer, fail());
}

#[tokio::test]
async fn neither_the_key_nor_a_url_stands_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    ledger_of_two(dir.path()).await;
    let bytes = fs::read(dir.path().join(ledger::FILE_NAME)).unwrap();
    let has = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(has("No human") && !has(&KEY[3..20]));
    let standings: Vec<_> = ledger::export(&options(dir.path()))
        .unwrap()
        .filter_map(|entry| match entry.unwrap() {
            Entry::Verdict(verdict) => verdict.standing,
            _ => None,
        })
        .collect();
    assert_eq!(standings, [Standing::Sealed, Standing::Sealed]);
}
