//! Files that change, and what is not a file.
#![cfg(unix)]

use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::Duration;

use gate::{Code, Outcome, Publication, Ratio, Screening, Sha256, UploadFor};
use tokio::time::timeout;

use crate::support::{
    DEADLINE, account, assert_pass, bytes, detector, gate, only_code, portrait, start,
};

async fn upload() -> Publication {
    Publication::Upload(UploadFor::Detector)
}

/// Found by replacing files during a run: the old hash was kept with the new file's verdict.
#[tokio::test]
async fn a_file_that_is_replaced_is_judged_as_it_was_opened() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.png");
    fs::write(&path, portrait(1)).unwrap();
    let Screening::Cleared(cleared) = gate().screen_file(&path) else {
        panic!("a portrait is cleared")
    };
    fs::write(folder.path().join("new"), portrait(2)).unwrap();
    fs::rename(folder.path().join("new"), &path).unwrap();
    let report = gate().ask(&detector, cleared, Ratio::Square, upload).await;
    assert_pass(&report);
    assert_eq!(report.facts().sha256, Some(Sha256::of(&portrait(1))));
    let billed = &standin.stats().bill[0];
    assert_eq!(billed.sha256, Sha256::of(&portrait(1)).to_string());
}

#[tokio::test]
async fn a_file_that_is_written_over_is_not_asked_about() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.png");
    for written in [&b"\xFF"[..], b"longer"] {
        fs::write(&path, portrait(1)).unwrap();
        let Screening::Cleared(cleared) = gate().screen_file(&path) else {
            panic!("a portrait is cleared")
        };
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(if written.len() == 1 {
            SeekFrom::Start(60)
        } else {
            SeekFrom::End(0)
        })
        .unwrap();
        file.write_all(written).unwrap();
        // Not within the clock tick of the first.
        file.set_modified(std::time::SystemTime::now() + Duration::from_secs(2))
            .unwrap();
        let report = gate().ask(&detector, cleared, Ratio::Square, upload).await;
        assert_eq!(
            (report.outcome(), only_code(&report)),
            (Outcome::Unknown, Code::Unreadable)
        );
    }
    assert_eq!(account(&detector).await.asked, 0);
}

/// A header of its own in the place of the one that was looked at, and a clock that shows nothing:
/// what is asked about is what passed.
#[tokio::test]
async fn a_header_that_was_written_over_is_not_asked_about() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.png");
    let png = |width, height| {
        testkit::Png::new()
            .ihdr(testkit::Ihdr::new(width, height))
            .idat_blank(100, 4)
            .iend()
            .build()
    };
    fs::write(&path, png(500, 600)).unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let Screening::Cleared(cleared) = gate().screen_file(&path) else {
        panic!("the header passes")
    };
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all(&png(600, 500)).unwrap();
    file.set_modified(modified).unwrap();
    let report = gate().ask(&detector, cleared, Ratio::Square, upload).await;
    assert_eq!(
        (report.outcome(), only_code(&report)),
        (Outcome::Unknown, Code::Unreadable)
    );
    assert_eq!(account(&detector).await.asked, 0);
}

/// Read in several pieces.
#[tokio::test]
async fn a_long_file_is_hashed_to_its_end() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.png");
    let mut long = portrait(1).to_vec();
    long.resize(150_000, 7);
    fs::write(&path, &long).unwrap();
    let report = gate()
        .admit_file(&detector, &path, Ratio::Square, upload)
        .await;
    assert_pass(&report);
    assert_eq!(report.facts().sha256, Some(Sha256::of(&long)));
}

/// Between its hash and its upload: what left is not what was judged.
#[tokio::test]
async fn a_file_that_changes_before_it_is_uploaded_is_not_asked_about() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.png");
    fs::write(&path, portrait(1)).unwrap();
    let report = gate()
        .admit_file(&detector, &path, Ratio::Square, async || {
            let mut file = OpenOptions::new().write(true).open(&path).unwrap();
            file.seek(SeekFrom::End(-20)).unwrap();
            file.write_all(b"other").unwrap();
            upload().await
        })
        .await;
    assert_eq!(
        (report.outcome(), only_code(&report)),
        (Outcome::Unknown, Code::Unreadable),
        "{report:?}"
    );
    assert_eq!(account(&detector).await.asked, 0);
    // The right one is asked about: nothing was kept wrongly.
    fs::write(&path, portrait(1)).unwrap();
    let report = gate()
        .admit_file(&detector, &path, Ratio::Square, upload)
        .await;
    assert_pass(&report);
    assert!(!report.remote().unwrap().cached);
}

#[tokio::test]
async fn a_file_that_shrinks_or_grows_before_it_is_uploaded_is_not_asked_about() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.png");
    for len in [0, 100, 1_000_000] {
        fs::write(&path, portrait(1)).unwrap();
        let gate = gate();
        let asking = gate.admit_file(&detector, &path, Ratio::Square, async || {
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(len).unwrap();
            upload().await
        });
        let report = timeout(DEADLINE, asking).await.expect("it hangs");
        // What left of one that grew is what was judged.
        if len > 1_000 {
            assert_pass(&report);
        } else {
            assert_eq!(report.outcome(), Outcome::Unknown, "{len}: {report:?}");
            assert_eq!(account(&detector).await.asked, 0);
        }
    }
}

#[tokio::test]
async fn a_pipe_is_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let standin = start().await;
    let detector = detector(&standin).build();
    let asking = gate()
        .admit_file(&detector, &pipe, Ratio::Square, upload)
        .await;
    assert_eq!(only_code(&asking), Code::Unreadable);

    // One that takes the place of a file which is on its way.
    let path = folder.path().join("p.png");
    fs::write(&path, portrait(1)).unwrap();
    let Screening::Cleared(cleared) = gate().screen_file(&path) else {
        panic!("a portrait is cleared")
    };
    fs::rename(&pipe, &path).unwrap();
    let asking = gate().ask(&detector, cleared, Ratio::Square, upload).await;
    assert_pass(&asking);
}

#[tokio::test]
async fn a_file_of_a_terabyte_ends_at_once() {
    if ask_about(1_000_000_000_000).await.is_err() {
        println!("skipped: no sparse files here");
    }
}

#[tokio::test]
async fn a_file_of_more_than_a_gigabyte_ends_at_once() {
    ask_about(1_000_000_001).await.unwrap();
}

/// A file of so many bytes is too long; an error if this folder holds none.
async fn ask_about(len: u64) -> std::io::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.png");
    fs::write(&path, portrait(1)).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(len)?;
    let standin = start().await;
    let detector = detector(&standin).build();
    let gate = gate();
    let asking = gate.admit_file(&detector, &path, Ratio::Square, upload);
    let report = timeout(DEADLINE, asking).await.expect("it is read whole");
    assert_eq!(
        (report.outcome(), only_code(&report)),
        (Outcome::Unknown, Code::FileTooLarge)
    );
    assert_eq!(standin.stats().policy, 0);
    Ok(())
}

#[tokio::test]
async fn an_open_file_is_read_from_its_start_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.png");
    fs::write(&path, bytes("anna.jpg")).unwrap();
    let mut file = File::open(&path).unwrap();
    file.seek(SeekFrom::End(-7)).unwrap();
    let source = gate::Source::file(file).unwrap().named("p.png");
    let Screening::Cleared(cleared) = gate().screen(source) else {
        panic!("it is cleared")
    };
    // By its name.
    let codes: Vec<_> = cleared
        .report()
        .findings()
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert!(codes.contains(&Code::ExtensionMismatch), "{codes:?}");
    let standin = start().await;
    let detector = detector(&standin).build();
    let report = gate().ask(&detector, cleared, Ratio::Square, upload).await;
    assert_pass(&report);
    assert_eq!(report.facts().sha256, Some(Sha256::of(&bytes("anna.jpg"))));
}
