//! The command `preflight`: checks images against EMO's limits by their headers, in CI and before
//! you pay for a check.

mod args;
mod buckets;
mod command;
mod config;
mod environment;
mod exit;
mod input;
mod interrupt;
mod one_of;
mod options;
mod paid;
mod path;
mod progress;
mod resume;
mod scan;
mod settings;
mod sink;
mod stderr;
mod suggest;
mod tips;
mod units;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use gate::Code;

use crate::args::{Args, CheckArgs, Command, CommonArgs};
use crate::command::{check, explain, generate, ledger};
use crate::config::Resolved;
use crate::environment::Environment;
use crate::exit::Exit;

fn main() -> ExitCode {
    if let Err(error) = options::refuse_files(std::env::args_os()) {
        stderr::print_error(&error);
        return Exit::Misused.into();
    }
    let parsed = Args::try_parse().unwrap_or_else(|error| tips::with_tip(error).exit());
    let Args { command, common } = parsed;
    let environment = Environment::of_process();
    common.color.write_global(&environment);
    stderr::show_logs(common.verbosity());
    let exit = run(command, &common, &environment).unwrap_or_else(|error| {
        stderr::print_error(&*error);
        Exit::Misused
    });
    exit.into()
}

fn run(
    command: Command,
    common: &CommonArgs,
    environment: &Environment,
) -> Result<Exit, Box<dyn Error>> {
    let here = || std::env::current_dir().map_err(check::CheckError::Here);
    let resolve = |flags: &CheckArgs| -> Result<Resolved, Box<dyn Error>> {
        let resolved = config::resolve(common, flags, environment, &here()?)?;
        for line in &resolved.not_taken {
            stderr::print(&format!("warning: {line}"));
        }
        Ok(resolved)
    };
    match command {
        Command::Check(args) => Ok(check::run(&resolve(&args)?.settings, &here()?)?),
        Command::Explain { code, lang } => {
            let language = lang.unwrap_or_else(|| environment.language());
            let Some(word) = code else {
                return print(|out| explain::lines(out, Code::ALL, language));
            };
            match explain::find(&word) {
                Ok(code) => print(|out| explain::page(out, code, language)),
                // `PF2` lists all codes that begin with it.
                Err(error) => match explain::family(&word) {
                    codes if codes.is_empty() => Err(error.into()),
                    codes => print(|out| explain::lines(out, &codes, language)),
                },
            }
        }
        Command::Config => {
            let resolved = resolve(&CheckArgs::default())?;
            // An invalid pattern is an error here as it is for `check`.
            input::Excludes::new(&here()?, &resolved.settings.excludes)?;
            print(|out| command::config::show(out, &resolved, environment))
        }
        Command::Generate { what } => print(|out| generate::generate(out, what)),
        Command::Ledger { action } => {
            let remote = resolve(&CheckArgs::default())?.settings.remote;
            let here = here()?;
            print(|out| ledger::run(out, action, &remote, &here))
        }
    }
}

/// Prints a text. It is not an error if the reader closes the pipe early.
fn print<E: Error + 'static>(
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), E>,
) -> Result<Exit, Box<dyn Error>> {
    let mut text = Vec::new();
    write(&mut text)?;
    let mut out = io::stdout().lock();
    match out.write_all(&text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(Exit::Clean),
    }
}
