//! The command `preflight`: checks images against EMO's limits by their headers, in CI and before
//! anything is paid for.

mod args;
mod command;
mod config;
mod exit;
mod input;
mod interrupt;
mod paid;
mod path;
mod progress;
mod scan;
mod settings;
mod sink;
mod stderr;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::args::{Args, Command, CommonArgs};
use crate::command::{cache, check, explain, generate};
use crate::exit::Exit;

fn main() -> ExitCode {
    let Args { command, common } = args::parse();
    common.color.write_global();
    stderr::show_logs(stderr::verbosity(&common));
    let exit = run(command, &common).unwrap_or_else(|error| {
        stderr::print_error(&*error);
        Exit::Misused
    });
    exit.into()
}

fn run(command: Command, common: &CommonArgs) -> Result<Exit, Box<dyn Error>> {
    match command {
        Command::Check(args) => Ok(check::run(&args, common)?),
        Command::Explain { code: None } => print(explain::list),
        Command::Explain { code: Some(word) } => {
            let code = explain::find(&word)?;
            print(|out| explain::page(out, code))
        }
        Command::Config => {
            let here = std::env::current_dir()?;
            let environment = config::Environment::of_process();
            let in_force = config::resolve(common, None, &environment, &here)?;
            // A pattern that is none is told here as it is by `check`.
            input::Excludes::new(&here, &in_force.settings.excludes)?;
            print(|out| command::config::show(out, &in_force))
        }
        Command::Generate { what } => print(|out| generate::generate(out, what)),
        Command::Cache { action } => {
            let here = std::env::current_dir()?;
            let environment = config::Environment::of_process();
            let settings = config::resolve(common, None, &environment, &here)?.settings;
            let text = cache::command(action, settings.remote.cache_dir.as_deref())?;
            print(|out| out.write_all(text.as_bytes()))
        }
    }
}

/// Prints a text. A reader that has seen enough is no failure.
fn print(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<Exit, Box<dyn Error>> {
    let mut text = Vec::new();
    write(&mut text)?;
    let mut out = io::stdout().lock();
    match out.write_all(&text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(Exit::Clean),
    }
}
