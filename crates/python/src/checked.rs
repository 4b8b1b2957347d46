//! What came of one image, on its way to Python.

use gate::{Outcome, Report, Stage};
use pyo3::PyResult;
use pyo3::exceptions::PyValueError;
use report::{Image, ImageName};

/// The JSON line of one image, and what is asked of it most.
///
/// It is written where the image is checked, without the interpreter. So Python's report and the
/// command's line are the same text.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) line: String,
    pub(crate) outcome: Outcome,
    pub(crate) stage: Stage,
}

impl Checked {
    pub(crate) fn new(name: ImageName, report: Report) -> Self {
        let (outcome, stage) = (report.outcome(), report.stage());
        Self {
            line: report::json_line(&Image::new(name, report)),
            outcome,
            stage,
        }
    }

    /// Reads a line of a report back.
    ///
    /// # Errors
    ///
    /// `ValueError` if it is not the line of an image.
    pub(crate) fn read(line: &str) -> PyResult<Self> {
        let report: Report = serde_json::from_str(line).map_err(|error| {
            PyValueError::new_err(format!(
                "expected the JSON line of an image, but found another text: {error}"
            ))
        })?;
        Ok(Self {
            line: line.trim().to_owned(),
            outcome: report.outcome(),
            stage: report.stage(),
        })
    }
}
