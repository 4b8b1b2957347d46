//! Which file a path leads to, and on what kind of file system.

use std::io;
use std::path::Path;

/// A file, whatever it is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let found = std::fs::symlink_metadata(path)?;
        Ok(Self {
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// Windows lets nobody remove a file that is open: that it is there is enough.
    #[cfg(not(unix))]
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        std::fs::symlink_metadata(path)?;
        Ok(Self {
            device: 0,
            inode: 0,
        })
    }
}

/// File systems whose memory maps are not those of the other machines, or that may have none:
/// statfs(2), linux/magic.h.
#[cfg(target_os = "linux")]
const NETWORK: [u32; 9] = [
    0x6969,      // NFS
    0xff53_4d42, // CIFS
    0xfe53_4d42, // SMB2
    0x517b,      // SMB
    0x0102_1997, // 9P
    0x00c3_6400, // Ceph
    0x5346_414f, // AFS
    0x6573_5546, // FUSE: sshfs and its like
    0x0bd0_0bd0, // Lustre
];

#[cfg(target_os = "linux")]
pub(crate) fn is_over_a_network(folder: &Path) -> bool {
    // The kernel's type is 64 bits wide on one machine and 32 on another.
    rustix::fs::statfs(folder).is_ok_and(|found| NETWORK.contains(&(found.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_over_a_network(_: &Path) -> bool {
    false
}
