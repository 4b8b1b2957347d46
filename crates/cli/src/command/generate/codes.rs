//! The page of codes, in Markdown: what `preflight explain` says, code by code.

use std::io::{self, Write};

use gate::{Code, Stage};

use crate::command::explain;

/// Writes the part of the page that is made from the registry.
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
            for (heading, text) in explain::rows(*code) {
                writeln!(out, "| {heading} | {} |", cell(&text))?;
            }
        }
    }
    Ok(())
}

/// The anchor that hosts give a heading: lower case, hyphens for spaces.
fn anchor(code: Code) -> String {
    code.to_string().to_lowercase().replace(' ', "-")
}

/// Text that ends no cell and starts no tag.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
