//! `preflight generate`: what packagers install and editors read, made from what the program knows.

use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate as complete};
use clap_mangen::Man;
use serde_json::Value;

use crate::args::{Args, Generated};
use crate::config;

/// The part of the manual page that the command line does not tell.
const MANUAL: &str = include_str!("generate/manual.roff");

/// Writes what was asked for.
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
    }
}

/// One page for all commands: nobody looks for `preflight-check(1)`.
fn manual(out: &mut dyn Write) -> io::Result<()> {
    let mut command = Args::command();
    command.build();
    let page = Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_subcommands_section(out)?;
    if let Some(check) = command.find_subcommand("check") {
        Man::new(check.clone()).render_options_section(out)?;
    }
    out.write_all(MANUAL.as_bytes())?;
    page.render_version_section(out)
}

fn completions(out: &mut dyn Write, shell: Shell) -> io::Result<()> {
    let mut command: Command = Args::command();
    // The generator panics if its writer fails; memory does not.
    let mut script = Vec::new();
    complete(shell, &mut command, "preflight", &mut script);
    out.write_all(&script)
}

fn json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}
