//! `preflight generate`: files for packagers, editors and our own documents, made from the
//! program's own data.

mod codes;
mod markdown;
mod settings;

use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate as complete};
use clap_mangen::Man;
use serde_json::Value;

use crate::args::{Args, Generated};
use crate::config;
use crate::environment::variables;

/// The part of the manual page that is not made from the command line.
const MANUAL: &str = include_str!("generate/manual.roff");

/// Writes one of the texts.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn generate(out: &mut dyn Write, what: Generated) -> io::Result<()> {
    match what {
        Generated::Man => manual(out),
        Generated::Bash => completions(out, Shell::Bash),
        Generated::Zsh => completions(out, Shell::Zsh),
        Generated::Fish => completions(out, Shell::Fish),
        Generated::PowerShell => completions(out, Shell::PowerShell),
        Generated::Elvish => completions(out, Shell::Elvish),
        Generated::Schema => json(out, &report::schema()),
        Generated::ConfigSchema => json(out, config::schema()),
        Generated::Codes => codes::write(out),
        Generated::Settings => settings::write(out),
    }
}

/// Writes one page for all commands, since people look for `preflight(1)`.
fn manual(out: &mut dyn Write) -> io::Result<()> {
    let mut command = Args::command();
    command.build();
    let page = Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    writeln!(out, ".SH COMMANDS")?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let about = sub.get_about().map(ToString::to_string);
        term(
            out,
            &format!("preflight {}", sub.get_name()),
            &about.unwrap_or_default(),
        )?;
    }
    if let Some(check) = command.find_subcommand("check") {
        Man::new(check.clone()).render_options_section(out)?;
    }
    out.write_all(MANUAL.as_bytes())?;
    writeln!(out, ".SH ENVIRONMENT")?;
    for variable in variables() {
        term(out, variable.name, variable.help)?;
    }
    page.render_version_section(out)
}

/// Writes an entry of a list of the manual.
fn term(out: &mut dyn Write, term: &str, text: &str) -> io::Result<()> {
    writeln!(out, ".TP\n\\fB{}\\fR\n{}", roff(term), roff(text))
}

/// Text whose hyphens can be copied, and that contains no request.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}

fn completions(out: &mut dyn Write, shell: Shell) -> io::Result<()> {
    let mut command: Command = Args::command();
    // The generator panics if its writer fails, which memory does not.
    let mut script = Vec::new();
    complete(shell, &mut command, "preflight", &mut script);
    out.write_all(&script)
}

fn json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}
