//! The parts of opening and writing that no caller sees: how sure a commit is, how long it waits, and
//! which files are taken for whole.

use std::fs;

use super::*;
use crate::place::FILE_NAME;

#[test]
fn what_is_about_money_is_on_the_disk_and_the_rest_is_with_the_system() {
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&Options::new(dir.path())).unwrap();
    for (durability, level) in [
        (Durability::System, NORMAL),
        (Durability::Disk, FULL),
        (Durability::Disk, FULL),
        (Durability::System, NORMAL),
    ] {
        let found: i64 = store
            .write(durability, |conn, _| {
                Ok(conn.query_row("PRAGMA synchronous", [], |row| row.get(0))?)
            })
            .unwrap();
        assert_eq!(found, level, "{durability:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_nobody_writes_to_is_read_alone_whatever_its_name_is() {
    for name in ["plain", "a b", "50%20", "what?", "#1", "ü&=;"] {
        let dir = tempfile::tempdir().unwrap();
        let file = Store::open(&Options::new(dir.path().join(name)))
            .unwrap()
            .place
            .file;
        let conn = connection(&file, Access::Alone, Duration::ZERO).unwrap();
        let version = schema::VERSION;
        assert_eq!(
            schema::kind(&conn).unwrap(),
            Kind::Ledger { version },
            "{name}"
        );
        let written = conn.execute_batch("CREATE TABLE mine (n)").unwrap_err();
        assert!(matches!(written.into(), Fault::ReadOnly(_)), "{name}");
        let folder = fs::read_dir(file.parent().unwrap()).unwrap();
        assert_eq!(folder.count(), 1, "nothing was made beside it");
    }
}

/// A link that was put in the file's place after it was judged.
#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("file"), dir.path().join("link"));
    fs::write(&file, "").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let opens = |path: &Path, access| connection(path, access, Duration::ZERO).is_ok();
    for access in [Access::Shared, Access::Alone] {
        assert!(opens(&file, access) && !opens(&link, access), "{access:?}");
    }
}

#[test]
fn a_file_of_whole_pages_is_taken_and_another_only_beside_what_completes_it() {
    let conn = Connection::open_in_memory().unwrap();
    let page: usize = conn
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .unwrap();
    for (len, beside, is_taken) in [
        (0, None, true),
        (page, None, true),
        (3 * page, None, true),
        (1, None, false),
        (page - 1, None, false),
        (page + 1, None, false),
        (page + 1, Some(("-wal", 1)), true),
        (page + 1, Some(("-journal", 1)), true),
        (page + 1, Some(("-wal", 0)), false),
        (page + 1, Some(("-shm", 1)), false),
        (page - 1, Some(("-wal", 1)), false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE_NAME);
        fs::write(&file, vec![0; len]).unwrap();
        if let Some((end, len)) = beside {
            fs::write(dir.path().join(format!("{FILE_NAME}{end}")), vec![0; len]).unwrap();
        }
        let judged = refuse_stump(&conn, &file);
        assert_eq!(judged.is_ok(), is_taken, "{len} {beside:?}: {judged:?}");
    }
}

#[test]
fn a_lock_is_waited_for_and_nothing_else() {
    let locked = || Fault::Locked {
        waited: Duration::ZERO,
    };
    let mut left = 2;
    let free_in_the_end = patiently(Duration::from_secs(60), || {
        if left == 0 {
            return Ok(7);
        }
        left -= 1;
        Err(locked())
    });
    assert_eq!(free_in_the_end.unwrap(), 7);
    let mut attempts = 0;
    let never_free = patiently(Duration::from_millis(30), || {
        attempts += 1;
        Err::<(), _>(locked())
    });
    let waited = Duration::from_millis(30);
    assert!(matches!(never_free, Err(Fault::Locked { waited: w }) if w >= waited));
    assert!((2..=3).contains(&attempts), "{attempts}");
    let mut attempts = 0;
    let closed = patiently(Duration::from_secs(60), || {
        attempts += 1;
        Err::<(), _>(Fault::Closed)
    });
    assert!(matches!(closed, Err(Fault::Closed)) && attempts == 1);
}
