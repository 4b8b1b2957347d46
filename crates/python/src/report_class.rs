//! `Report`: what came of one image.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pyo3::exceptions::PyAttributeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};
use serde_json::Value;

use crate::checked::Checked;

/// The result of one image: the line that the command's `--format jsonl` has for it.
///
/// Each field of that line is an attribute with its name; one that is not known of this image is
/// `None`. Findings and other nested values are lists and dicts, as in the JSON. A report does not
/// change, can be pickled, and equals another of the same line.
///
/// `Report(line)` reads a line back, be it from `to_json()` or from a report of the command. It
/// raises `ValueError` if the text is not the line of an image.
///
/// >>> import preflight_emo
/// >>> report = preflight_emo.check("fixtures/gallery/thumbnail.jpg")
/// >>> report.outcome, report.format, report.width, report.http
/// ('reject', 'jpeg', 399, None)
/// >>> [finding["code"] for finding in report.findings]
/// ['PF202']
/// >>> preflight_emo.Report(report.to_json()) == report
/// True
#[pyclass(frozen, module = "preflight_emo", name = "Report")]
pub(crate) struct ReportClass {
    checked: Checked,
    fields: PyOnceLock<Py<PyDict>>,
}

impl From<Checked> for ReportClass {
    fn from(checked: Checked) -> Self {
        Self {
            checked,
            fields: PyOnceLock::new(),
        }
    }
}

impl ReportClass {
    fn parse<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let json = py.import(intern!(py, "json"))?;
        let fields = json.call_method1(intern!(py, "loads"), (&self.checked.line,))?;
        Ok(fields.cast_into()?)
    }

    fn fields<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyDict>> {
        let fields = self
            .fields
            .get_or_try_init(py, || self.parse(py).map(Bound::unbind))?;
        Ok(fields.bind(py))
    }
}

#[pymethods]
impl ReportClass {
    #[new]
    fn new(line: &str) -> PyResult<Self> {
        Checked::read(line).map(Self::from)
    }

    /// The outcome of the image: `"pass"`, `"reject"`, `"unknown"` (it could not be found out) or
    /// `"skip"`.
    #[getter]
    fn outcome(&self) -> &'static str {
        self.checked.outcome.name()
    }

    /// Where it ended: `"input"`, `"header"`, `"limits"`, `"content"` or `"remote"`.
    #[getter]
    fn stage(&self) -> &'static str {
        self.checked.stage.name()
    }

    /// The report as a new dict, with the names and values of the JSON line. What is not known is
    /// not in it.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.parse(py)
    }

    /// The JSON line, byte for byte as the command writes it, without a line feed.
    fn to_json(&self) -> &str {
        &self.checked.line
    }

    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        if let Some(value) = self.fields(py)?.get_item(name)? {
            return Ok(value);
        }
        if FIELDS.contains(name) {
            return Ok(py.None().into_bound(py));
        }
        Err(PyAttributeError::new_err(format!(
            "'Report' object has no attribute '{name}'"
        )))
    }

    fn __dir__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyList>> {
        let names = slf.get_type().dir()?;
        for field in &*FIELDS {
            if !names.contains(field)? {
                names.append(field)?;
            }
        }
        names.sort()?;
        Ok(names)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let outcome = self.checked.outcome;
        let stage = self.checked.stage;
        let codes = match self.fields(py)?.get_item("findings")? {
            Some(findings) => codes(&findings)?,
            None => String::new(),
        };
        Ok(format!("<Report: {outcome} at {stage}{codes}>"))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.checked.line == other.checked.line
    }

    fn __hash__(slf: &Bound<'_, Self>) -> PyResult<isize> {
        slf.get()
            .checked
            .line
            .as_str()
            .into_pyobject(slf.py())?
            .hash()
    }

    /// A pickle holds the line.
    fn __getnewargs__(&self) -> (&str,) {
        (&self.checked.line,)
    }
}

/// The codes of findings, for a short text.
fn codes(findings: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut text = String::new();
    for finding in findings.try_iter()? {
        let code: String = finding?.get_item("code")?.extract()?;
        text.push_str(if text.is_empty() { ": " } else { ", " });
        text.push_str(&code);
    }
    Ok(text)
}

/// The fields that a line may have, from its schema.
static FIELDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let schema = report::schema();
    let mut fields = BTreeSet::from(["type".to_owned()]);
    if let Some(line) = schema.pointer("/$defs/ImageLine") {
        collect(&schema, line, &mut fields);
    }
    fields
});

/// The properties of a schema, and of those that it is made of.
fn collect(root: &Value, schema: &Value, fields: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        fields.extend(properties.keys().cloned());
    }
    if let Some(place) = schema.get("$ref").and_then(Value::as_str)
        && let Some(found) = root.pointer(place.trim_start_matches('#'))
    {
        collect(root, found, fields);
    }
    for parts in ["allOf", "anyOf", "oneOf"] {
        for part in schema
            .get(parts)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            collect(root, part, fields);
        }
    }
}
