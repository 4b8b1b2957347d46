//! Errors, hints and logs on standard error. Standard output holds the report and nothing else.

use std::error::Error;
use std::io::{self, Write as _};
use std::iter;

use report::{Verbosity, escaped};
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Crates whose logs are for the user. The crates below them log headers and bodies.
const LOGGED: [&str; 5] = ["preflight", "preflight_cli", "gate", "remote", "standin"];

/// Warns of each address that is refused. The report names it, with its URL.
const REFUSALS: &str = "gate::url";

/// Prints a line, control characters escaped. A failure cannot be reported anywhere.
pub(crate) fn print(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", escaped(line));
}

/// Prints an error with its causes.
pub(crate) fn print_error(error: &(dyn Error + 'static)) {
    let causes = iter::successors(Some(error), |error| (**error).source());
    let messages: Vec<_> = causes.map(ToString::to_string).collect();
    print(&format!("error: {}", messages.join(": ")));
}

/// Shows logs from here on.
pub(crate) fn show_logs(verbosity: Verbosity) {
    let level = match verbosity {
        Verbosity::Silent => LevelFilter::OFF,
        Verbosity::Quiet => LevelFilter::ERROR,
        Verbosity::Normal => LevelFilter::WARN,
        Verbosity::Verbose => LevelFilter::INFO,
        Verbosity::Debug => LevelFilter::from_level(Level::DEBUG),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never)
        .without_time()
        .with_target(false);
    let refusals = match verbosity {
        Verbosity::Normal => LevelFilter::ERROR,
        _ => level,
    };
    let filter = Targets::new()
        .with_targets(LOGGED.map(|target| (target, level)))
        .with_target(REFUSALS, refusals);
    // `main` calls this once, so it cannot fail.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .try_init();
}
