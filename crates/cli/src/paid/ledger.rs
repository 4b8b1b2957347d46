//! The ledger of the command: which folder it lies in, and the notes about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate::LedgerError;
use ignore::gitignore::GitignoreBuilder;
use ledger::{OpenRun, Options, Recall, SealKey, SqliteLedger};
use remote::{ClientBuilder, PRICE, Pace};
use report::counted;

use crate::settings::RemoteSettings;

/// Why a run cannot keep a ledger.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeptLedgerError {
    #[error(
        "the ledger cannot be used (name another folder with PREFLIGHT_CACHE_DIR, or pay without \
         remembering with --no-ledger)"
    )]
    Open(#[from] ledger::OpenError),
    #[error(transparent)]
    Place(#[from] PlaceError),
}

/// Why a folder must not hold the ledger.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error(
        "the system names no folder for the ledger; name one with PREFLIGHT_CACHE_DIR, or pay \
         without remembering with --no-ledger"
    )]
    Nowhere,
    #[error(
        "{}: expected a folder for the ledger outside of the project that is checked, or one that \
         git ignores; add it to .gitignore, or name another with PREFLIGHT_CACHE_DIR",
        folder.display()
    )]
    Tracked { folder: PathBuf },
    #[error(
        "{}: expected a folder for the ledger, but found a link on its way, which the project that \
         is checked holds",
        link.display()
    )]
    Link { link: PathBuf },
    #[error("{}: cannot look at the folder for the ledger", folder.display())]
    Look { folder: PathBuf, source: io::Error },
}

/// A ledger that outlives the run.
#[derive(Debug)]
pub(super) struct KeptLedger(SqliteLedger);

/// How it ended.
#[derive(Debug, Default)]
pub(super) struct LedgerEnd {
    pub(super) notes: Vec<String>,
    pub(super) is_unrecorded: bool,
}

impl KeptLedger {
    /// The ledger, unless the run keeps none. It is opened before anything is paid for.
    pub(super) fn open(
        settings: &RemoteSettings,
        client: &ClientBuilder,
        here: &Path,
    ) -> Result<Option<Self>, KeptLedgerError> {
        if settings.no_ledger {
            return Ok(None);
        }
        let options = options(settings, here)?;
        let options = options.seal_key(SealKey::of(client.key()));
        let ledger = if settings.dry_run {
            ledger::open_for_reading(&options)?
        } else {
            ledger::open(&options)?
        };
        Ok(Some(Self(ledger)))
    }

    /// The rest of the day's budget, for a dry run: other runs ask the ledger before each call.
    pub(super) fn left_today(
        settings: &RemoteSettings,
        here: &Path,
    ) -> Result<Option<u64>, KeptLedgerError> {
        let Some(limit) = settings.budget_per_day.filter(|_| settings.dry_run) else {
            return Ok(None);
        };
        let limit = u64::from(limit);
        if settings.no_ledger {
            return Ok(Some(limit));
        }
        let info = ledger::info(&options(settings, here)?)?;
        Ok(Some(limit.saturating_sub(info.today.asked)))
    }

    /// For the detector.
    pub(super) fn shared(&self) -> Arc<dyn gate::Ledger> {
        Arc::new(self.0.clone())
    }

    /// The pace that all runs of this machine share.
    pub(super) fn pace(&self) -> Option<Arc<dyn Pace>> {
        let pace = self.0.pace()?;
        Some(Arc::new(pace))
    }

    /// A note about calls that earlier runs left open.
    pub(super) fn opening_notes(&self) -> Vec<String> {
        left_open(self.0.open_before()).into_iter().collect()
    }

    /// Writes down the rest, with notes about anything that cannot be written.
    pub(super) async fn close(&self) -> LedgerEnd {
        let mut end = LedgerEnd::default();
        let again = self.0.asked_again();
        if again > 0 {
            let images = counted(again, "image was", "images were");
            end.notes.push(format!(
                "note: {images} asked about again after a call that was never answered, and may be \
                 paid for twice"
            ));
        }
        let closed = self.0.close().await;
        let unsaved = self.0.unsaved() as u64;
        if unsaved > 0 || closed.is_err() {
            end.is_unrecorded = true;
            end.notes.push(unsaved_note(unsaved, closed.err().as_ref()));
        }
        end
    }
}

/// Where the ledger lies and what it believes, before a key is known.
pub(crate) fn options(settings: &RemoteSettings, here: &Path) -> Result<Options, PlaceError> {
    let folder = settings.cache_dir.clone().ok_or(PlaceError::Nowhere)?;
    may_hold_the_ledger(&folder, here)?;
    let recall = match (settings.no_cache, settings.max_age) {
        (true, _) => Recall::SinceOpened,
        (false, Some(age)) => Recall::NotOlderThan(age),
        (false, None) => Recall::All,
    };
    let options = Options::new(folder).recall(recall);
    Ok(match settings.budget_per_day {
        Some(requests) => options.budget_per_day(requests.into()),
        None => options,
    })
}

/// A contributor to the project that is checked must not choose which verdicts are known: inside of
/// it, the ledger lies only where git ignores it, and never behind a link.
fn may_hold_the_ledger(folder: &Path, here: &Path) -> Result<(), PlaceError> {
    let look = |source| PlaceError::Look {
        folder: folder.to_owned(),
        source,
    };
    let mut ancestors = here.ancestors();
    let Some(root) = ancestors.find(|ancestor| ancestor.join(".git").exists()) else {
        return Ok(());
    };
    if let Some(link) = ledger::link_below(root, folder).map_err(look)? {
        return Err(PlaceError::Link { link });
    }
    let (Ok(root), place) = (root.canonicalize(), real(folder)) else {
        return Ok(());
    };
    let Ok(below) = place.strip_prefix(&root) else {
        return Ok(());
    };
    if below.starts_with(".git") || is_ignored(&root, below) {
        Ok(())
    } else {
        Err(PlaceError::Tracked {
            folder: folder.to_owned(),
        })
    }
}

/// A path with the links of what exists of it resolved.
fn real(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}

/// Whether git ignores a folder, by the ignore files on its way and by the clone's own.
fn is_ignored(root: &Path, below: &Path) -> bool {
    let place = root.join(below);
    let ignores = |file: &Path, folder: &Path| {
        let is_plain = file.symlink_metadata().is_ok_and(|found| found.is_file());
        let mut rules = GitignoreBuilder::new(folder);
        let is_read = is_plain && rules.add(file).is_none();
        let Some(rules) = rules.build().ok().filter(|_| is_read) else {
            return false;
        };
        let is_out = |path: &Path, is_folder| {
            let found = rules.matched_path_or_any_parents(path, is_folder);
            found.is_ignore()
        };
        // All in the folder is as good as the folder: `.preflight/*`.
        let holds_nothing = ["", "-wal", "-journal"]
            .iter()
            .all(|end| is_out(&place.join(format!("{}{end}", ledger::FILE_NAME)), false));
        is_out(&place, true) || holds_nothing
    };
    let mut folder = root.to_owned();
    for part in below.components() {
        if ignores(&folder.join(".gitignore"), &folder) {
            return true;
        }
        folder.push(part);
    }
    ignores(&root.join(".git/info/exclude"), root)
}

/// The calls that earlier runs left open, in one line.
fn left_open(runs: &[OpenRun]) -> Option<String> {
    let calls: u64 = runs.iter().map(|run| run.calls).sum();
    let whose = match runs {
        [] => return None,
        [run] => format!("the run of {} (process {})", run.started, run.pid),
        runs => format!("{} earlier runs", runs.len()),
    };
    let (were, each) = match calls {
        1 => ("1 call", "it"),
        _ => ("calls", "each"),
    };
    let were = if calls == 1 {
        were.to_owned() + " of " + &whose + " was"
    } else {
        format!("{} of {whose} were", counted(calls, "call", "calls"))
    };
    Some(format!(
        "note: {were} never answered: {each} may have been charged ({} at most); see \
         \"preflight ledger info\"",
        PRICE * calls
    ))
}

fn unsaved_note(calls: u64, error: Option<&LedgerError>) -> String {
    let why = error.map_or_else(String::new, |error| format!(": {error}"));
    let calls = counted(calls, "answer", "answers");
    format!(
        "warning: {calls} could not be written to the ledger{why}; they are in this report only, \
         and the next run may pay for them again"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Found in a review: a committed ledger could vouch for images that nobody had judged.
    #[test]
    fn inside_the_project_only_an_ignored_folder_holds_the_ledger() {
        let top = tempfile::tempdir().unwrap();
        let project = top.path().join("project");
        fs::create_dir_all(project.join(".git")).unwrap();
        fs::create_dir_all(project.join("sub")).unwrap();
        fs::write(project.join(".gitignore"), "/.preflight/\n").unwrap();
        let may = |folder: &Path| may_hold_the_ledger(folder, &project.join("sub"));
        assert!(may(&top.path().join("elsewhere")).is_ok());
        assert!(may(&project.join(".preflight")).is_ok());
        assert!(may(&project.join(".git/preflight")).is_ok());
        fs::write(project.join(".gitignore"), "/.preflight/*\n").unwrap();
        assert!(may(&project.join(".preflight")).is_ok());
        fs::write(project.join(".gitignore"), "/.preflight/*\n!*.sqlite3\n").unwrap();
        assert!(may(&project.join(".preflight")).is_err());
        assert!(matches!(
            may(&project.join("cache")),
            Err(PlaceError::Tracked { .. })
        ));
        fs::create_dir_all(project.join(".git/info")).unwrap();
        fs::write(project.join(".git/info/exclude"), "cache\n").unwrap();
        assert!(may(&project.join("cache")).is_ok());
        assert!(matches!(may(&project), Err(PlaceError::Tracked { .. })));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(top.path(), project.join("link")).unwrap();
            let behind = may(&project.join("link/x"));
            assert!(matches!(behind, Err(PlaceError::Link { .. })), "{behind:?}");
        }
    }
}
