//! A device without room, and one that can only be read. They are mounted for the test.
#![cfg(target_os = "linux")]
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
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gate::{Claim, Ledger};
use ledger::{FILE_NAME, Fault, OpenError};
use support::{granted, known, open, options, pass, pay, question, settlement};

/// A file system of its own, as long as this lives. There is one at a time: a program that another test
/// starts to mount one holds this process's locks until it runs.
struct Device {
    dir: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

impl Device {
    /// `None` where nothing may be mounted.
    fn of(bytes: u64) -> Option<Self> {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={bytes},mode=700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(dir.path())
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self { dir, _alone: alone })
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn read_only(&self) {
        let done = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(self.path())
            .status();
        assert!(done.unwrap().success());
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        use std::io::Write as _;
        let mut file = fs::File::create(self.path().join("filler")).unwrap();
        while file.write_all(&[7; 512]).is_ok() {}
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Loss 4: with a full disk the spending went on, and each rerun paid again.
#[tokio::test]
#[ignore = "mounts a file system, which root may"]
async fn a_device_that_fills_up_stops_the_spending_and_loses_no_charge() {
    let device = Device::of(400_000).expect("root may mount");
    let ledger = open(device.path());
    pay(&ledger, &question(1), pass(1)).await;
    let asking = granted(&ledger, &question(2)).await;
    let call = asking.intend().await.unwrap();
    device.fill();
    // Intents end, at the latest when the log has no more room.
    let mut billed = 2;
    let error = loop {
        let question = question(billed + 1);
        let asking = match ledger.claim(&question).await {
            Ok(Claim::Granted(asking)) => asking,
            Ok(Claim::Known(known)) => panic!("{known:?}"),
            Err(error) => break error,
        };
        let call = match asking.intend().await {
            Ok(call) => call,
            Err(error) => break error,
        };
        billed += 1;
        let end = settlement(remote::Charge::Yes, Ok(pass(billed)));
        let _ = asking.settle(call, &end).await;
        assert!(billed < 1_000, "the device must be full");
    };
    assert!(format!("{error:?}").contains("NoRoom"), "{error:?}");
    let _ = asking
        .settle(call, &settlement(remote::Charge::Yes, Ok(pass(2))))
        .await;
    assert_eq!(ledger.spent().await.unwrap().charged, billed);
    for n in 1..=billed {
        assert!(known(&ledger, &question(n)).await.is_some(), "{n}");
    }
    let unsaved = ledger.unsaved() as u64;
    let closed = ledger.close().await;
    assert_eq!(closed.is_err(), unsaved > 0);

    // The next run knows what was written, and tells of the rest.
    fs::remove_file(device.path().join("filler")).unwrap();
    let next = open(device.path());
    let told = next.spent().await.unwrap().open_before;
    let info = ledger::info(&options(device.path())).unwrap();
    assert!(info.ever.charged + told >= billed, "{info:?}");
    assert_eq!(info.verdicts.sealed.unwrap() + told, billed);
}

#[test]
#[ignore = "mounts a file system, which root may"]
fn a_device_without_room_is_found_out_at_the_start() {
    for bytes in [4_096, 16_384, 40_960] {
        let device = Device::of(bytes).expect("root may mount");
        let error = ledger::open(&options(device.path())).unwrap_err();
        let no_room = matches!(
            &error,
            OpenError::File {
                source: Fault::NoRoom(_),
                ..
            }
        );
        assert!(no_room, "{bytes}: {error:?}");
    }
}

#[tokio::test]
#[ignore = "mounts a file system, which root may"]
async fn a_device_that_can_only_be_read_is_found_out_at_the_start_and_can_be_read() {
    let device = Device::of(4_000_000).expect("root may mount");
    let ledger = open(device.path());
    pay(&ledger, &question(1), pass(1)).await;
    ledger.close().await.unwrap();
    device.read_only();
    let error = ledger::open(&options(device.path())).unwrap_err();
    assert!(
        format!("{error:?}").to_lowercase().contains("read"),
        "{error:?}"
    );
    let dry = ledger::open_for_reading(&options(device.path())).unwrap();
    assert!(known(&dry, &question(1)).await.is_some());
    assert_eq!(
        ledger::info(&options(device.path())).unwrap().ever.charged,
        1
    );
    assert!(device.path().join(FILE_NAME).exists());
}

/// Found by reading the code: the log of a run that was killed was passed over, and its charges with
/// it.
#[tokio::test]
#[ignore = "mounts a file system, which root may"]
async fn charges_in_a_log_that_cannot_be_read_are_not_passed_over() {
    let device = Device::of(8_000_000).expect("root may mount");
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    pay(&ledger, &question(1), pass(1)).await;
    // As a kill leaves it.
    for end in ["", "-wal"] {
        let name = format!("{FILE_NAME}{end}");
        fs::copy(dir.path().join(&name), device.path().join(&name)).unwrap();
    }
    device.read_only();
    let error = ledger::info(&options(device.path())).unwrap_err();
    assert!(
        format!("{error:?}").contains("the log beside it"),
        "{error:?}"
    );
}
