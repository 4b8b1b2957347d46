//! What `preflight config` prints: every setting in force, and where it came from.

use std::io::{self, Write};

use report::escaped;

use crate::config::InForce;

/// Values longer than this are not waited for when the columns are aligned.
const WIDEST: usize = 32;

/// Prints the settings as a table: name, value, origin.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn show(out: &mut dyn Write, in_force: &InForce) -> io::Result<()> {
    match &in_force.file {
        Some(file) => writeln!(out, "settings of {}", escaped(&file.to_string_lossy()))?,
        None => writeln!(out, "no preflight.toml in force")?,
    }
    let rows = in_force.ledger.rows();
    let names = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let values = rows
        .iter()
        .map(|row| row.value.chars().count())
        .filter(|width| *width <= WIDEST);
    let values = values.max().unwrap_or(0);
    for row in rows {
        let (name, value, origin) = (&row.name, escaped(&row.value), escaped(&row.origin));
        writeln!(out, "{name:names$}  {value:values$}  {origin}")?;
    }
    Ok(())
}
