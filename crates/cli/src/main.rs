//! The command `preflight`: checks images against EMO's limits by their headers, in CI and before
//! anything is paid for.

#![expect(dead_code, reason = "the seam stands before the parts that use it")]

mod args;
mod config;
mod exit;
mod output;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let _ = args::Args::parse();
    exit::Exit::Clean.into()
}
