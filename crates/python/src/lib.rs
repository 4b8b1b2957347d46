//! The native part of the Python module `preflight_emo`.
//!
//! Nothing is judged here: each function takes what Python has (a path, a URL, bytes) to a
//! [`gate::Gate`], and brings its report back as the JSON line that the command would write.
//!
//! Threads of ours never wait for the interpreter while they hold something that it waits for: work
//! is done detached, and its results are fetched by who asked for them. What has threads or
//! connections is made anew in a process that was forked (see [`process`]).

mod checked;
mod ending;
mod gate_class;
mod leave;
mod many;
mod options;
mod paid;
mod process;
mod report_class;
mod runtime;
mod screen;
mod source;

use pyo3::prelude::*;

/// The native part of `preflight_emo`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::ending::end;
    #[pymodule_export]
    use crate::gate_class::{Call, GateClass};
    #[pymodule_export]
    use crate::many::{CheckMany, check_many};
    #[pymodule_export]
    use crate::report_class::ReportClass;
    #[pymodule_export]
    use crate::screen::{check, size};
}
