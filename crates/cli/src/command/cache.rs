//! `preflight cache`: what is known, and forgetting it.

use std::io;
use std::path::{Path, PathBuf};

use crate::args::CacheAction;
use crate::paid::cache::{Cache, Info};
use report::{counted, shown};

/// Why `preflight cache` could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CacheError {
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the system names no folder for caches; set PREFLIGHT_CACHE_DIR or [remote] cache-dir")]
    Nowhere,
}

/// `preflight cache`: what it says.
pub(crate) fn command(action: CacheAction, dir: Option<&Path>) -> Result<String, CacheError> {
    let dir = dir.ok_or(CacheError::Nowhere)?;
    let path = Cache::path(dir);
    let shown = shown(&path);
    let in_file = |source| CacheError::File {
        path: path.clone(),
        source,
    };
    match action {
        CacheAction::Info => {
            let Info {
                verdicts,
                passes,
                unread,
                bytes,
            } = Cache::info(dir).map_err(in_file)?;
            let rejects = verdicts - passes;
            let verdicts = counted(verdicts as u64, "verdict", "verdicts");
            let mut text = format!(
                "{shown}\n{verdicts} ({passes} passed, {rejects} rejected), {bytes} bytes\n"
            );
            if unread > 0 {
                let unread = counted(unread as u64, "line is", "lines are");
                text.push_str(&format!(
                    "{unread} torn, or of a newer version, and not counted\n"
                ));
            }
            Ok(text)
        }
        CacheAction::Clear => {
            let verdicts = Cache::clear(dir).map_err(in_file)?;
            let verdicts = counted(verdicts as u64, "verdict", "verdicts");
            Ok(format!("{shown}\n{verdicts} forgotten\n"))
        }
    }
}
