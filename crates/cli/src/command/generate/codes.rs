//! The page of codes in Markdown: the texts of `preflight explain` for all codes.

use std::io::{self, Write};

use gate::{Code, Language, Stage};

use crate::command::explain;
use crate::command::generate::markdown::cell;

/// Writes the generated part of the page.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn write(out: &mut dyn Write) -> io::Result<()> {
    for stage in Stage::ALL {
        let codes = || Code::ALL.iter().filter(|code| code.stage() == stage);
        writeln!(
            out,
            "\n## Stage {stage}\n\n| code | name | usually | |\n|---|---|---|---|"
        )?;
        for code in codes() {
            let (id, slug, effect) = (code.id(), code.slug(), code.effect().name());
            let (anchor, summary) = (anchor(*code), cell(code.entry().summary));
            writeln!(out, "| [{id}](#{anchor}) | {slug} | {effect} | {summary} |")?;
        }
        for code in codes() {
            writeln!(
                out,
                "\n### {code}\n\n{}.\n\n| | |\n|---|---|",
                code.entry().summary
            )?;
            for (heading, text) in explain::rows(*code, Language::En) {
                writeln!(out, "| {heading} | {} |", cell(&text))?;
            }
        }
    }
    Ok(())
}

/// The anchor of a heading on code hosts: lower case, hyphens for spaces.
fn anchor(code: Code) -> String {
    code.to_string().to_lowercase().replace(' ', "-")
}
