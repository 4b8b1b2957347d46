//! What Python gives as an image.

use std::path::PathBuf;

use bytes::Bytes;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PySlice, PyString};
use report::ImageName;

/// An image, as Python gave it.
pub(crate) enum Source {
    /// A `bytes` object, whose memory is used as it is.
    Bytes(Bytes),
    Path(PathBuf),
    Url(String),
    /// Any other object with a buffer.
    View(View),
}

/// The memory of an object such as a `bytearray`, a `memoryview`, an `mmap` or an array.
///
/// The stable ABI of Python 3.10 has no way to it but to copy, and what can be written to would have
/// to be copied anyhow: so only as much is copied as is looked at.
pub(crate) struct View {
    bytes: Py<PyAny>,
    len: usize,
}

impl Source {
    /// Tells by its type what an object is: a `str` with a scheme is a URL, any other a path.
    ///
    /// # Errors
    ///
    /// `TypeError` if it is neither a path nor a URL nor bytes.
    pub(crate) fn of(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = source.cast::<PyBytes>() {
            let bytes = PyBackedBytes::from(bytes.clone());
            return Ok(Self::Bytes(Bytes::from_owner(bytes)));
        }
        if let Ok(text) = source.cast::<PyString>() {
            // Text that is not UTF-8 is the name of a file: Python holds its bytes as lone surrogates.
            return match text.to_cow() {
                Ok(text) if has_scheme(&text) => Ok(Self::Url(text.into_owned())),
                _ => Ok(Self::Path(source.extract()?)),
            };
        }
        let py = source.py();
        if source.hasattr(intern!(py, "__fspath__"))? {
            let decoded = py
                .import(intern!(py, "os"))?
                .call_method1(intern!(py, "fsdecode"), (source,))?;
            return Ok(Self::Path(decoded.extract()?));
        }
        View::of(source).map(Self::View)
    }

    /// What a report calls it. Bytes have no name, and are called as the command calls those on its
    /// standard input: `-`.
    pub(crate) fn name(&self) -> ImageName {
        match self {
            Self::Bytes(_) | Self::View(_) => ImageName::Stdin,
            Self::Path(path) => ImageName::Path(path.clone()),
            Self::Url(url) => ImageName::Url(url.clone()),
        }
    }
}

impl View {
    fn of(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = source.py();
        let builtins = py.import(intern!(py, "builtins"))?;
        let view = builtins.call_method1(intern!(py, "memoryview"), (source,));
        let view = view.map_err(|_| not_a_source(source))?;
        let bytes = view.call_method1(intern!(py, "cast"), ("B",));
        // What has gaps can only be copied whole.
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(_) => view.call_method0(intern!(py, "tobytes"))?,
        };
        Ok(Self {
            len: bytes.len()?,
            bytes: bytes.unbind(),
        })
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// A copy of the first bytes; of all, if there are no more.
    pub(crate) fn start(&self, py: Python<'_>, len: usize) -> PyResult<Bytes> {
        let end = len.min(self.len);
        let slice = PySlice::new(py, 0, isize::try_from(end)?, 1);
        let start = self.bytes.bind(py).get_item(slice)?;
        let copy = py
            .get_type::<PyBytes>()
            .call1((start,))?
            .cast_into::<PyBytes>()?;
        Ok(Bytes::from_owner(PyBackedBytes::from(copy)))
    }

    /// A copy of all of it.
    pub(crate) fn all(&self, py: Python<'_>) -> PyResult<Bytes> {
        self.start(py, self.len)
    }
}

fn not_a_source(found: &Bound<'_, PyAny>) -> PyErr {
    let found = found.get_type();
    PyTypeError::new_err(format!(
        "expected a path, a URL or bytes, but found {}",
        found
            .name()
            .map_or_else(|_| "another type".into(), |name| name.to_string())
    ))
}

/// Whether a text begins with the scheme of a URL (RFC 3986, section 3.1) and `://`.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once("://") else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}
