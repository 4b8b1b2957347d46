//! The end of the process.

use pyo3::prelude::*;

use crate::{paid, runtime};

/// Closes each gate that is open, and ends the threads of this module that speak to Python: from here
/// on none of them waits for an interpreter that goes.
#[pyfunction]
#[pyo3(name = "_end")]
pub(crate) fn end(py: Python<'_>) {
    paid::close_all(py);
    runtime::end(py);
}
