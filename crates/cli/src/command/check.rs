//! `preflight check`: from the words of the command line to the exit code.

mod hints;
mod reporter;
mod stages;

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Instant;

use anstream::AutoStream;
use gate::Gate;
use preflight::http::{AddressPolicy, Fetcher};
use report::{Context, Format, RepositoryRoot, Summary, Verbosity, images_line, paid_line};

use crate::args::{CheckArgs, CommonArgs};
use crate::command::check::hints::hints;
use crate::command::check::reporter::Reporter;
use crate::command::check::stages::Screener;
use crate::config::{self, ConfigError, Environment};
use crate::exit::Exit;
use crate::input::{ExcludeError, Excludes, Inputs, Lists, ListsError, Search};
use crate::interrupt::Interrupt;
use crate::paid::{Paid, PaidError};
use crate::scan::{Pace, scan};
use crate::settings::{FormatChoice, Settings};
use crate::sink::Sink;
use crate::sink::draft;
use crate::sink::file::{self, FileSink, OpenError};
use crate::sink::github::GithubActions;
use crate::sink::stdout::StdoutSink;
use crate::sink::way::WayError;
use crate::stderr::{print, print_error, verbosity};

/// Inputs that a thread takes at a time where each takes microseconds.
const BATCH: NonZeroUsize = NonZeroUsize::new(8).unwrap();

/// Why nothing was checked. Each is exit code 2, with no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Exclude(#[from] ExcludeError),
    #[error("expected --remote={0}, but found {0} as an input that is not there")]
    DetectorWord(&'static str),
    #[error("the working directory cannot be found out")]
    Here(#[source] io::Error),
    #[error(transparent)]
    List(#[from] ListsError),
    #[error("nothing to check: {0}")]
    Nothing(String),
    #[error(transparent)]
    Output(#[from] OpenError),
    #[error(transparent)]
    Paid(#[from] PaidError),
    #[error("standard input cannot be both an image (-) and a list of inputs (--files-from -)")]
    StdinTwice,
    #[error("GITHUB_STEP_SUMMARY")]
    StepSummary(#[source] WayError),
    #[error("no thread could be started")]
    Threads(#[source] io::Error),
}

/// Checks what the arguments print, and reports it.
///
/// # Errors
///
/// The run cannot be done as asked. Nothing was reported then.
pub(crate) fn run(args: &CheckArgs, common: &CommonArgs) -> Result<Exit, CheckError> {
    let started = Instant::now();
    let here = std::env::current_dir().map_err(CheckError::Here)?;
    let environment = Environment::of_process();
    let in_force = config::resolve(common, Some(args), &environment, &here)?;
    let settings = in_force.settings;
    refuse_detector_words(args)?;
    let interrupt = Interrupt::listen(draft::remove_all);
    let policy = address_policy(&settings);
    // Before anything is opened or read: a missing key ends the run here.
    let paid = Paid::open(args, &settings, &policy, &here, &interrupt)?;

    let inputs = inputs(args, &settings, &here)?;
    let (passed_over, excludes) = (inputs.passed_over(), inputs.excludes());
    let context = context(&settings, common, paid.as_ref(), &here);
    let lists = args.files_from.iter().chain(&in_force.file);
    let words = args.inputs.iter().map(Path::new);
    let read: Vec<_> = words.chain(lists.map(PathBuf::as_path)).collect();
    let files = file::open(&args.output, &read, &context.in_file())?;
    let sinks = sinks(files, settings.format, &context)?;
    let mut reporter = Reporter::new(sinks, args.allow_empty, context.verbosity, paid.is_some());
    let fetcher = fetcher(policy, common);
    let screener = Screener::new(gate(&settings, args, fetcher), paid, interrupt.clone());
    scan(
        inputs,
        Arc::new(screener.clone()),
        pace(args, common),
        &interrupt,
        &mut reporter,
    )
    .map_err(CheckError::Threads)?;

    let interrupted = interrupt.is_raised();
    if let Some(why) = reporter.nothing_to_check()
        && !interrupted
    {
        return Err(CheckError::Nothing(why));
    }
    let (sinks, mut totals) = reporter.into_parts();
    totals.planned = screener.paid().and_then(Paid::planned);
    let exit = Exit::of(&totals, interrupted, args.exit_zero);
    let mut summary = Summary::new(totals, started.elapsed());
    summary.exit_code = exit.code();
    summary.interrupted = interrupted;
    summary.passed_over = passed_over
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let exit = finish(sinks, &summary, exit);
    talk(&summary, &excludes, settings.format, &context);
    if let Some(failure) = screener.paid().and_then(Paid::keep_failure) {
        print(&format!(
            "warning: verdicts could not be kept, and will be paid for again: {failure}"
        ));
    }
    Ok(exit)
}

/// `--remote standin`, with a blank, means the paid service and an input called `standin`. Nobody
/// says that, and it costs money.
fn refuse_detector_words(args: &CheckArgs) -> Result<(), CheckError> {
    let words = ["standin", "service"];
    let is_meant =
        |word: &&str| args.inputs.iter().any(|it| it == word) && !Path::new(word).exists();
    match words.into_iter().find(is_meant) {
        Some(word) if args.remote.is_some() => Err(CheckError::DetectorWord(word)),
        _ => Ok(()),
    }
}

fn inputs(args: &CheckArgs, settings: &Settings, here: &Path) -> Result<Inputs, CheckError> {
    let stdin = Path::new("-");
    if args.inputs.iter().any(|word| word == "-")
        && args.files_from.iter().any(|list| list == stdin)
    {
        return Err(CheckError::StdinTwice);
    }
    let mut words = args.inputs.clone();
    if words.is_empty() && args.files_from.is_empty() {
        words.push(".".into());
    }
    let reports = args.output.iter().map(|output| output.path.as_path());
    let excludes = Excludes::new(here, &settings.excludes)?.with_reports(reports);
    let search = Search {
        excludes: Arc::new(excludes),
        no_ignore: args.no_ignore,
        allow_empty: args.allow_empty,
    };
    Ok(Inputs::new(
        search,
        here,
        words,
        Lists::open(&args.files_from, args.null)?,
    ))
}

/// Where URLs may be fetched from.
fn address_policy(settings: &Settings) -> AddressPolicy {
    // Every network that clap took is one that the policy takes.
    let networks = settings
        .allow_net
        .iter()
        .filter_map(|net| net.to_string().parse().ok());
    networks.fold(AddressPolicy::public(), AddressPolicy::allow)
}

/// Who fetches URLs: as many at a time as `--jobs` says, else as many as a polite guest.
fn fetcher(policy: AddressPolicy, common: &CommonArgs) -> Fetcher {
    let builder = Fetcher::builder().policy(policy);
    match common.jobs {
        Some(jobs) => builder.concurrency(jobs.get()).per_host(jobs.get()),
        None => builder,
    }
    .build()
}

fn gate(settings: &Settings, args: &CheckArgs, fetcher: Fetcher) -> Gate {
    let builder = Gate::builder(settings.profile.clone())
        .strict(args.strict)
        .fetcher(fetcher);
    if args.decode {
        builder.decode(settings.decode_memory)
    } else {
        builder
    }
    .build()
}

fn context(settings: &Settings, common: &CommonArgs, paid: Option<&Paid>, here: &Path) -> Context {
    let mut context = Context::new(settings.profile.clone());
    context.root = RepositoryRoot::of(here);
    context.service = paid.and_then(Paid::service);
    context.verbosity = verbosity(common);
    context.color = AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    context
}

/// Where the reports go.
fn sinks(
    files: Vec<FileSink>,
    format: FormatChoice,
    context: &Context,
) -> Result<Vec<Box<dyn Sink>>, CheckError> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::with_capacity(files.len() + 2);
    let stdout = match format {
        FormatChoice::Only(format) => format.renderer(context),
        FormatChoice::Auto => match GithubActions::detect() {
            None => Format::Human.renderer(context),
            Some(actions) => {
                let step_summary = actions.step_summary(&context.in_file());
                let step_summary = step_summary.map_err(CheckError::StepSummary)?;
                sinks.extend(step_summary.map(|it| Box::new(it) as Box<dyn Sink>));
                GithubActions::annotated(Format::Human.renderer(context), context)
            }
        },
    };
    sinks.push(Box::new(StdoutSink::new(stdout)));
    let files = files.into_iter();
    sinks.extend(files.map(|file| Box::new(file) as Box<dyn Sink>));
    Ok(sinks)
}

fn pace(args: &CheckArgs, common: &CommonArgs) -> Pace {
    // Whoever writes the list may be slow, and wants to see what came of its first line.
    let may_wait = args.files_from.iter().any(|list| list == Path::new("-"));
    let jobs = common.jobs.or_else(|| thread::available_parallelism().ok());
    Pace {
        jobs: jobs.unwrap_or(NonZeroUsize::MIN),
        batch: if args.decode || may_wait {
            NonZeroUsize::MIN
        } else {
            BATCH
        },
    }
}

/// Ends every report. One that could not be written does not keep the others from their end.
fn finish(sinks: Vec<Box<dyn Sink>>, summary: &Summary, exit: Exit) -> Exit {
    sinks
        .into_iter()
        .fold(exit, |exit, sink| match sink.finish(summary) {
            Ok(()) => exit,
            Err(error) => {
                print_error(&error);
                exit.report_lost()
            }
        })
}

/// What standard error gets at the end.
fn talk(summary: &Summary, excludes: &Excludes, format: FormatChoice, context: &Context) {
    if let FormatChoice::Only(format) = format
        && !format.has_totals()
        && context.verbosity > Verbosity::Silent
    {
        print(&images_line(&summary.totals));
        if let Some(line) = paid_line(&summary.totals, context.service) {
            print(&line);
        }
    }
    if context.verbosity >= Verbosity::Normal {
        for hint in hints(&summary.passed_over, excludes) {
            print(&hint);
        }
    }
}
