//! `preflight config`: every setting in force and where it was set.

use std::io::{self, Write};

use report::escaped;

use crate::config::Resolved;
use crate::environment::{Environment, variables};

/// The widest value that columns are aligned to. Longer ones stick out.
const WIDEST: usize = 32;

/// Prints the settings as a table of name, value and source, then the variables that are read.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn show(
    out: &mut dyn Write,
    resolved: &Resolved,
    environment: &Environment,
) -> io::Result<()> {
    if resolved.files.is_empty() {
        writeln!(out, "no preflight.toml in force")?;
    }
    for file in &resolved.files {
        writeln!(out, "settings from {}", escaped(&file.to_string_lossy()))?;
    }
    let rows = resolved.provenance.rows();
    let rows = rows
        .iter()
        .map(|row| [&*row.name, &*row.value, &*row.set_by]);
    table(out, &rows.collect::<Vec<_>>())?;
    writeln!(out, "\nvariables")?;
    let variables = variables();
    let values = variables.iter().map(|variable| variable.shown(environment));
    let values: Vec<_> = values.collect();
    let rows = variables
        .iter()
        .zip(&values)
        .map(|(variable, value)| [variable.name, &**value, variable.help]);
    table(out, &rows.collect::<Vec<_>>())
}

fn table(out: &mut dyn Write, rows: &[[&str; 3]]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widths = cells.map(|cell| escaped(cell).chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let (names, values) = (width(0), width(1));
    for [name, value, note] in rows {
        let (name, value, note) = (escaped(name), escaped(value), escaped(note));
        writeln!(out, "{name:names$}  {value:values$}  {note}")?;
    }
    Ok(())
}
