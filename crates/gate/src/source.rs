//! An image that is at hand, opened once: every stage works on the same bytes or the same open file.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use preflight::Probed;

/// An image that is at hand: bytes in memory, or a file that is open. Clones share it.
///
/// A file is opened once, and every stage reads through that handle: what was probed is what is
/// decoded, hashed and uploaded, whatever happens to its name meanwhile.
#[derive(Clone, Debug)]
pub struct Source {
    content: Content,
    name: Option<PathBuf>,
}

#[derive(Clone, Debug)]
enum Content {
    Bytes(Bytes),
    File(Arc<OpenFile>),
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    opened: Version,
}

/// What changes if a file is written to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Version {
    len: u64,
    modified: Option<SystemTime>,
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

impl Source {
    /// A whole image in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self {
            content: Content::Bytes(bytes.into()),
            name: None,
        }
    }

    /// A file, opened now and by no stage again. Never waits: a pipe, a device or a folder is
    /// refused. Blocks for as long as the file system takes to open a file.
    ///
    /// # Errors
    ///
    /// Those of opening; [`io::ErrorKind::InvalidInput`] for what is not a regular file.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let (file, metadata) = preflight::open_file(path)?;
        Ok(Self::of_file(file, &metadata).named(path))
    }

    /// A file that is open for reading. Its position does not matter, and may change.
    ///
    /// # Errors
    ///
    /// Those of asking for its length; [`io::ErrorKind::InvalidInput`] for what is not a regular
    /// file.
    pub fn file(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            let message = "expected a regular file, but found something else";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(Self::of_file(file, &metadata))
    }

    fn of_file(file: File, metadata: &Metadata) -> Self {
        let opened = Version::of(metadata);
        Self {
            content: Content::File(Arc::new(OpenFile { file, opened })),
            name: None,
        }
    }

    /// The name that its extension is read from; a file opened by its path has one.
    #[must_use]
    pub fn named(self, name: impl Into<PathBuf>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Bytes in all of it, as of when it was opened.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(open) => open.opened.len,
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn name(&self) -> Option<&Path> {
        self.name.as_deref()
    }

    /// What its first bytes are. Blocks.
    pub(crate) fn probe(&self) -> io::Result<Probed> {
        let mut seen = match &self.content {
            Content::Bytes(bytes) => {
                let mut seen = preflight::probe_bytes(bytes);
                // The caller has read them all.
                seen.bytes_read = bytes.len() as u64;
                seen.orientation = preflight::Orientation::find(bytes);
                seen
            }
            Content::File(open) => preflight::probe_file_of_len(&open.file, open.opened.len)?,
        };
        seen.len = Some(self.len());
        Ok(seen)
    }

    /// All of its bytes. Blocks. A file takes as much memory as it is [long](Self::len): ask
    /// [`DecodeMemory`](crate::DecodeMemory) first.
    ///
    /// # Errors
    ///
    /// Those of reading, and one if the file was written to since it was opened.
    #[cfg(feature = "decode")]
    pub fn read(&self) -> io::Result<Bytes> {
        match &self.content {
            Content::Bytes(bytes) => Ok(bytes.clone()),
            Content::File(open) => {
                let mut bytes = Vec::new();
                open.read_through(|piece| bytes.extend_from_slice(piece))?;
                Ok(bytes.into())
            }
        }
    }

    /// The SHA-256 of all of it. Blocks.
    #[cfg(feature = "remote")]
    pub(crate) fn hash(&self) -> io::Result<crate::Sha256> {
        use sha2::Digest as _;

        match &self.content {
            Content::Bytes(bytes) => Ok(crate::Sha256::of(bytes)),
            Content::File(open) => {
                let mut hash = sha2::Sha256::new();
                open.read_through(|piece| hash.update(piece))?;
                Ok(crate::Sha256::from_bytes(hash.finalize().into()))
            }
        }
    }

    /// The extension that its format wants; `jpg` where it is not known to be one of the four. The
    /// bytes are probed again: no more than their first page.
    #[cfg(feature = "remote")]
    pub(crate) fn extension(&self) -> &'static str {
        match self.probe().map(|seen| seen.content) {
            Ok(preflight::Content::Image(header)) => header.format.name(),
            _ => preflight::Format::Jpeg.name(),
        }
    }

    /// Uploads it, hashed while it leaves.
    #[cfg(feature = "remote")]
    pub(crate) async fn upload(
        &self,
        store: &remote::TemporaryStore,
        extension: &str,
    ) -> Result<remote::Upload, UploadError> {
        Ok(match &self.content {
            Content::Bytes(bytes) => store.upload_bytes(bytes.clone(), extension).await?,
            Content::File(open) => {
                let file = open.file.try_clone().map_err(UploadError::Read)?;
                let file = tokio::fs::File::from_std(file);
                store.upload_file(file, open.opened.len, extension).await?
            }
        })
    }
}

/// Why an image was not uploaded.
#[cfg(feature = "remote")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The image is another one than was judged.
    #[error("expected the image that was judged, but found another one")]
    Changed,
    /// It could not be read.
    #[error("the image cannot be read")]
    Read(#[source] io::Error),
    /// The service's store did not take it.
    #[error(transparent)]
    Remote(#[from] remote::Error),
}

#[cfg(any(feature = "decode", feature = "remote"))]
impl OpenFile {
    /// Bytes that are read at a time.
    const PIECE: usize = 64 << 10;

    /// Hands all bytes over, in order; an error if there are more or fewer than when it was opened,
    /// or if it was written to meanwhile.
    fn read_through(&self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut piece = vec![0; Self::PIECE];
        let mut offset = 0;
        loop {
            match read_at(&self.file, offset, &mut piece) {
                Ok(0) => break,
                Ok(n) => {
                    offset += n as u64;
                    if offset > self.opened.len {
                        break;
                    }
                    take(piece.get(..n).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if offset != self.opened.len || Version::of(&self.file.metadata()?) != self.opened {
            return Err(io::Error::other(CHANGED));
        }
        Ok(())
    }
}

/// What is said of an image that is another one than it was.
#[cfg(any(feature = "decode", feature = "remote"))]
pub(crate) const CHANGED: &str = "the file changed while it was read";

#[cfg(all(unix, any(feature = "decode", feature = "remote")))]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(all(windows, any(feature = "decode", feature = "remote")))]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(all(not(any(unix, windows)), any(feature = "decode", feature = "remote")))]
fn read_at(mut file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}
