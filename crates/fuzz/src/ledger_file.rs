//! A ledger's file that somebody changed.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use gate::{Answer, ImageIdentity, Known, Ledger as _, Question, Settlement, Sha256};
use jiff::Timestamp;
use ledger::{Options, SealKey, SqliteLedger};
use remote::{ApiKey, Boxes, Charge, Ratio, Verdict};
use tokio::runtime::{Builder, Runtime};

/// The file of a ledger that knows one verdict.
pub(crate) static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    runtime().block_on(async {
        let ledger = ledger::open(&options(folder.path())).expect("a new ledger opens");
        let gate::Claim::Granted(asking) = ledger.claim(&question()).await.expect("a ledger")
        else {
            panic!("a new ledger knows nothing");
        };
        let call = asking.intend().await.expect("an intent");
        let settlement = Settlement {
            at: Timestamp::UNIX_EPOCH,
            charge: Charge::Yes,
            http_status: Some(200),
            request_id: None,
            outcome: Ok(verdict()),
        };
        asking.settle(call, &settlement).await.expect("settled");
        ledger.close().await.expect("closed");
    });
    fs::read(folder.path().join(ledger::FILE_NAME)).expect("the ledger's file")
});

/// Whatever bytes of a ledger's file change, opening it, asking it and listing it end without a
/// panic; and it knows the verdict that was written, or none. Each four bytes of the input change one
/// byte: three say where, one is the value.
pub fn ledger(data: &[u8]) {
    let mut file = FILE.clone();
    for change in data.chunks_exact(4) {
        if let [a, b, c, value] = *change {
            let at = u32::from_be_bytes([0, a, b, c]) as usize % file.len();
            if let Some(byte) = file.get_mut(at) {
                *byte = value;
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(ledger::FILE_NAME), file).expect("written");
    knows_what_was_written(folder.path());
}

/// The ledger of a folder, changed as it may be, opens or does not, and knows the verdict or none.
pub(crate) fn knows_what_was_written(folder: &Path) {
    let options = options(folder);
    if let Ok(ledger) = ledger::open(&options) {
        let known = runtime().block_on(async { recall(&ledger).await });
        if let Some(known) = known {
            assert_eq!(known.answer, verdict(), "a verdict that was never given");
        }
    }
    let _ = ledger::info(&options);
    if let Ok(export) = ledger::export(&options) {
        let _ = export.count();
    }
}

async fn recall(ledger: &SqliteLedger) -> Option<Known> {
    ledger.recall(&question()).await.ok().flatten()
}

fn verdict() -> Answer {
    Answer {
        verdict: Verdict::Pass(Boxes {
            face: [302, 286, 610, 593].into(),
            ext: [71, 9, 840, 778].into(),
        }),
        humanoid: None,
        made_up: false,
    }
}

fn question() -> Question {
    Question {
        image: ImageIdentity {
            sha256: Some(Sha256::of(b"an image")),
            url: None,
        },
        model: "emo-detect-v1".to_owned(),
        ratio: Ratio::Square,
        base_url: "https://dashscope.aliyuncs.com/api/v1".to_owned(),
    }
}

fn options(folder: &Path) -> Options {
    let key = ApiKey::new("sk-0123456789abcdef0123456789abcdef").expect("a key");
    Options::new(folder)
        .seal_key(SealKey::of(&key))
        .patience(Duration::from_millis(50))
        .lock_wait(Duration::from_millis(50))
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
