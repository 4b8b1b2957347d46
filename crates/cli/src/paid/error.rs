//! Why the paid stage cannot be had.

use std::io;

use crate::paid::ledger::KeptLedgerError;

/// The one profile whose detector is spoken.
pub(super) const PROFILE: &str = "emo";

/// Why the paid stage cannot be had as asked. Nothing was checked, and nothing sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PaidError {
    #[error("--remote asks EMO's detector (try --remote=standin, or --dry-run, which need no key)")]
    Client(#[from] remote::ConfigError),
    #[error(transparent)]
    Ledger(#[from] KeptLedgerError),
    #[error(
        "expected the profile {PROFILE} with --remote, whose detector is asked, but found {found}"
    )]
    Profile { found: String },
    #[error("cannot start the network runtime")]
    Runtime(#[source] io::Error),
    #[error("PREFLIGHT_STANDIN_SCRIPT")]
    Script(#[from] standin::ScriptError),
    #[error("the stand-in could not be started")]
    Standin(#[from] standin::StartError),
    #[error("the stand-in's address makes no base URL")]
    StandinUrl(#[from] remote::BaseUrlError),
    #[error("the stand-in's key")]
    StandinKey(#[from] remote::ApiKeyError),
    #[error("[remote] workspace")]
    Workspace(#[from] remote::WorkspaceIdError),
}
