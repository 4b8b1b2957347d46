//! The place of the ledger: a folder, or a small device of its own where this user may mount one.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Room for a ledger of some images and its log, which may take 4 MB between two checkpoints.
const BYTES: u64 = 8_000_000;

#[derive(Debug)]
pub(super) struct Device {
    folder: TempDir,
    is_mounted: bool,
}

impl Device {
    /// A device that can be filled, if it is wanted and can be had.
    pub(super) fn new(own: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let is_mounted = own && {
            let options = format!("size={BYTES},mode=700");
            let mut mount = Command::new("mount");
            mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]);
            let mounted = mount.arg(folder.path()).output();
            mounted.is_ok_and(|output| output.status.success())
        };
        Self { folder, is_mounted }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) const fn can_be_filled(&self) -> bool {
        self.is_mounted
    }

    /// Takes all the room that is left.
    pub(super) fn fill(&self) {
        let mut file = fs::File::create(self.filler()).unwrap();
        while file.write_all(&[7; 4_096]).is_ok() {}
        while file.write_all(&[7; 64]).is_ok() {}
    }

    pub(super) fn make_room(&self) {
        // There may be nothing to remove.
        let _ = fs::remove_file(self.filler());
    }

    /// Whether it is full on purpose.
    pub(super) fn is_full(&self) -> bool {
        self.filler().exists()
    }

    /// Whether it can be written to from now on. No process may have a file on it open.
    pub(super) fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let mut mount = Command::new("mount");
        let status = mount.args(["-o", &options]).arg(self.path()).status();
        assert!(status.unwrap().success(), "{options}");
    }

    fn filler(&self) -> std::path::PathBuf {
        self.path().join("filler")
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg("-l").arg(self.path()).status();
        }
    }
}
