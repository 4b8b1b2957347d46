//! `preflight ledger`: shows, exports and clears verdicts, costs and open calls.

use std::io::{self, Write};
use std::path::Path;

use ledger::{ClearError, ClearWhat, Info, OpenError, Options, SealKey, Total};
use remote::{ClientBuilder, PRICE};
use report::{counted, shown, thousands};

use crate::args::LedgerAction;
use crate::paid::ledger::{PlaceError, options};
use crate::settings::RemoteSettings;

/// `preflight ledger` failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerCommandError {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Clear(ClearError),
    #[error(
        "{calls} of earlier runs were never answered and may have been charged; to forget them as well, \
         add --yes"
    )]
    OpenCalls { calls: String },
    #[error("cannot write")]
    Write(#[from] io::Error),
}

/// Runs an action on the ledger.
///
/// # Errors
///
/// The ledger cannot be read or written, or calls in it are open.
pub(crate) fn run(
    out: &mut dyn Write,
    action: LedgerAction,
    settings: &RemoteSettings,
    here: &Path,
) -> Result<(), LedgerCommandError> {
    let mut options = options(settings, here)?;
    // With a key, the verdicts that it sealed can be checked; the rest needs none.
    if let Ok(client) = ClientBuilder::from_env() {
        options = options.seal_key(SealKey::of(client.key()));
    }
    match action {
        LedgerAction::Info { json: true } => {
            serde_json::to_writer(&mut *out, &ledger::info(&options)?).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        LedgerAction::Info { json: false } => print_info(out, &ledger::info(&options)?)?,
        LedgerAction::Export => {
            for entry in ledger::export(&options)? {
                serde_json::to_writer(&mut *out, &entry?).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
        }
        LedgerAction::Clear { yes } => clear(out, &options, yes)?,
    }
    Ok(())
}

fn print_info(out: &mut dyn Write, info: &Info) -> io::Result<()> {
    let Info {
        path,
        bytes,
        verdicts,
        ..
    } = info;
    let rejects = verdicts.total.saturating_sub(verdicts.passes);
    writeln!(out, "{}", shown(path))?;
    writeln!(
        out,
        "{} ({} passed, {} rejected), {} bytes",
        counted(verdicts.total, "verdict", "verdicts"),
        thousands(verdicts.passes),
        thousands(rejects),
        thousands(*bytes)
    )?;
    if let Some(forged @ 1..) = verdicts.forged {
        let verdicts = counted(forged, "verdict bears", "verdicts bear");
        let do_not = if forged == 1 { "does not" } else { "do not" };
        writeln!(out, "{verdicts} no seal of this key and {do_not} count")?;
    }
    writeln!(out, "today (UTC): {}", spent(&info.today))?;
    writeln!(out, "ever: {}", spent(&info.ever))?;
    for run in &info.open {
        let calls = counted(run.calls, "call", "calls");
        let (started, pid) = (run.started, run.pid);
        if run.alive {
            writeln!(
                out,
                "open: {calls} of the run of {started} (process {pid}), which is still running"
            )?;
        } else {
            writeln!(
                out,
                "open: {calls} maybe charged in the run of {started} (process {pid}), {} at most",
                PRICE * run.calls
            )?;
        }
    }
    Ok(())
}

fn spent(total: &Total) -> String {
    format!(
        "{} asked, {} charged ({}), {} maybe charged",
        thousands(total.asked),
        thousands(total.charged),
        PRICE * total.charged,
        thousands(total.maybe_charged)
    )
}

fn clear(out: &mut dyn Write, options: &Options, yes: bool) -> Result<(), LedgerCommandError> {
    let what = if yes {
        ClearWhat::Everything
    } else {
        ClearWhat::Settled
    };
    let cleared = ledger::clear(options, what).map_err(|error| match error {
        ClearError::OpenCalls { calls } => LedgerCommandError::OpenCalls {
            calls: counted(calls, "call", "calls"),
        },
        error => LedgerCommandError::Clear(error),
    })?;
    let verdicts = counted(cleared.verdicts, "verdict", "verdicts");
    writeln!(out, "{verdicts} forgotten")?;
    if cleared.open_calls > 0 {
        let calls = counted(cleared.open_calls, "open call", "open calls");
        writeln!(out, "{calls} forgotten")?;
    }
    if cleared.in_flight > 0 {
        let calls = counted(cleared.in_flight, "call", "calls");
        writeln!(out, "{calls} of running runs are kept")?;
    }
    Ok(())
}
